"""What the comparisons with other tools share: their environment, runs under a timer, and how they end."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))

import environment  # noqa: E402

# Of a comparison that cannot be made here: neither passed nor failed.
NOT_RUN = 77


class Failed(Exception):
    """The tool and we do not agree, or one of both failed."""


def inside(name):
    """Goes on in the environment of that name, which is made if need be."""
    try:
        python = environment.environment(name)
    except environment.Unavailable as reason:
        print(f"conformance {name}: not run: {reason}")
        sys.exit(NOT_RUN)
    # The path of an environment's interpreter, not the file that it links to.
    if Path(sys.executable).absolute() != python.absolute():
        os.execv(python, [str(python), *sys.argv])


def leave_folder():
    """Makes Python look for modules elsewhere: a file beside this one must not stand for a tool of its name."""
    ours = {HERE, HERE.parent}
    sys.path[:] = [each for each in sys.path if Path(each).resolve() not in ours]


def arguments(parser):
    """The arguments that all comparisons have."""
    target = environment.target_folder()
    parser.add_argument("--rheobase", type=Path, default=target / "debug/rheobase", help="the command to compare")
    parser.add_argument("--generator", type=Path, default=target / "debug/examples/random_netlists",
                        help="the example of loihi-export that writes random networks")
    parser.add_argument("--networks", type=int, default=20, help="how many random networks (20)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many at a time (all processors)")
    parser.add_argument("--timeout", type=float, default=600, help="seconds after which a run is killed (600)")
    return parser.parse_args()


def run(command, timeout, folder=None):
    """Runs a command to its end, and what it started with it after some time; returns what it said."""
    process = subprocess.Popen([str(each) for each in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, start_new_session=True, cwd=folder)
    try:
        said, complaint = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Failed(f"{command[0]} was killed after {timeout:.0f} s") from None
    if process.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: {complaint.strip()[-1500:]}")
    return said


def compare_all(name, cases, compare, jobs, what):
    """Compares case by case, tells every one, and ends with one line and its exit code.

    `compare` takes a case and returns what was measured, or raises Failed.
    """
    def outcome(case):
        try:
            return case, True, compare(case)
        except Failed as failure:
            return case, False, str(failure)

    failed = 0
    with ThreadPoolExecutor(jobs) as pool:
        for case, is_good, told in pool.map(outcome, cases):
            failed += not is_good
            print(f"{case}: {'' if is_good else 'FAILED: '}{told}", flush=True)
    print(f"conformance {name}: {len(cases)} {what}, {failed} failed")
    sys.exit(1 if failed else 0)


def spikes(path):
    """Spikes of a spike file or a recording of ours: times and nodes."""
    import h5py
    with h5py.File(path) as file:
        return file["spikes/t_ms"][:], file["spikes/node"][:].astype("int64")


def same_spikes(ours, theirs, names):
    """How many spikes there are; raises Failed where the two differ."""
    import numpy as np
    n = min(len(ours[0]), len(theirs[0]))
    differ = np.nonzero((ours[0][:n] != theirs[0][:n]) | (ours[1][:n] != theirs[1][:n]))[0]
    if len(differ) or len(ours[0]) != len(theirs[0]):
        at = int(differ[0]) if len(differ) else n
        one = lambda spikes: f"node {spikes[1][at]} at {spikes[0][at]} ms" if at < len(spikes[0]) else "none"
        raise Failed(f"{len(ours[0])} and {len(theirs[0])} spikes; number {at} is {one(ours)} by {names[0]}, "
                     f"{one(theirs)} by {names[1]}")
    return n
