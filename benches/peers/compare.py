"""Ours and the peers on the same networks, in turns, and what came of it as JSON, a table and the README's table.

    make bench-peers                                    all of it: an hour of a quiet machine
    python benches/peers/compare.py --quick             small networks, one round: does everything run?
    python benches/peers/compare.py --only cuba         one network
    python benches/peers/compare.py --from benches/runs/DATE.json --readme
    python benches/peers/compare.py --check             fails if the README's table is not that of its JSON

Of every comparison the simulators take turns, A B C A B C, each run in a process of its own, and each round with a
seed of its own, the same for all. Medians and extremes are told, of CPU time in the timed run alone. The statistics of
all simulators are compared (`agreement.py`); exit code 1 says that some are out of tolerance.
"""

import argparse
import datetime
import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path

import agreement
import cases
import machine
import report
from environment import target_folder

RUNS = machine.ROOT / "benches/runs"
SCRIPTS = {"nest": "peer_nest.py", "brian2": "peer_brian2.py", "arbor": "peer_arbor.py"}
# A network may fall silent by the luck of its draw; then another seed has its turn.
SEEDS_TRIED = 5


def run_peer(simulator, case, seed, threads):
    """One run of a peer's script: its line of JSON."""
    import ours

    said = ours.execute([sys.executable, Path(__file__).with_name(SCRIPTS[simulator]), case.name, "--n", case.n,
                         "--scale", case.scale, "--seconds", case.seconds, "--warm-up", case.warm_up,
                         "--threads", threads, "--seed", seed])
    return json.loads(next(line for line in reversed(said.splitlines()) if line.startswith("{")))


def run_once(contender, case, seed):
    import ours

    simulator, scheduler, threads = contender
    if simulator == "rheobase":
        return ours.measure(case, scheduler, seed, threads)
    return run_peer(simulator, case, seed, threads)


def run_alive(contender, case, round_idx):
    """A run that does not fall silent, and how many seeds did."""
    for attempt in range(SEEDS_TRIED):
        run = run_once(contender, case, seed=1 + round_idx + 1000 * attempt)
        if run["alive"]:
            return run, attempt
    raise SystemExit(f"{case.title}: {cases.label(contender)} falls silent with each of {SEEDS_TRIED} seeds")


def compare(case, rounds):
    """All rounds of a comparison."""
    import ours

    rounds = min(rounds, case.at_most_rounds)
    made = {"title": case.title, "name": case.name, "n": case.n, "scale": case.scale, "seconds": case.seconds,
            "warm_up_ms": case.warm_up, "rounds": rounds, "tolerance": asdict(case.tolerance), "silent": {},
            "failed": {}, "runs": []}
    for round_idx in range(rounds):
        for contender in case.contenders:
            simulator = cases.label(contender)
            if simulator in made["failed"]:
                continue
            load = os.getloadavg()[0]
            try:
                run, silent = run_alive(contender, case, round_idx)
            except ours.Failed as failure:
                made["failed"][simulator] = str(failure)
                print(f"{case.title}: {simulator} failed: {failure}", file=sys.stderr)
                continue
            if silent:
                made["silent"][simulator] = made["silent"].get(simulator, 0) + silent
            made["runs"].append({"simulator": simulator, "round": round_idx, "load": load, **without_counts(run, round_idx)})
            print(f"{case.title}, round {round_idx + 1}: {simulator} {run['cpu_s_per_bio_s']:.4g} CPU s per biological s,"
                  f" {run['rate_hz']:.3g} Hz", file=sys.stderr, flush=True)
    return made


def without_counts(run, round_idx):
    """The distributions of the first two rounds are kept, for the distance of two; the others would only be long."""
    if round_idx < 2 or "populations" not in run:
        return run
    populations = {name: {key: value for key, value in found.items() if not key.endswith("_counts")}
                   for name, found in run["populations"].items()}
    return run | {"populations": populations}


def measure(chosen, rounds, quick):
    import ours

    begun = machine.describe() | {"program": ours.fingerprint()}
    comparisons = []
    for case in chosen:
        alone = all(simulator != "rheobase" for simulator, _, _ in case.contenders)
        if alone or ours.has(case.name):
            comparisons.append(compare(case, rounds))
        else:
            print(f"{case.title}: left out, `rheobase bench` has no {case.name}", file=sys.stderr)
    faults = [fault for comparison in comparisons for fault in agreement.faults(comparison)]
    if ours.fingerprint() != begun["program"]:
        faults.append("the program was built again during the measurement: measure again")
    return {"format": "rheobase-peers", "version": 1, "date": datetime.date.today().isoformat(), "rounds": rounds,
            "quick": quick, "machine": begun, "faults": faults, "comparisons": comparisons}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="small networks, one round")
    parser.add_argument("--only", nargs="+", default=[], metavar="NETWORK", help="only these networks")
    parser.add_argument("--peers-only", action="store_true", help="the peers alone, to see how they agree")
    parser.add_argument("--out", type=Path, help="folder of the results; benches/runs by default")
    parser.add_argument("--from", dest="source", type=Path, metavar="JSON", help="write the tables of a measurement")
    parser.add_argument("--readme", action="store_true", help="write the README's table")
    parser.add_argument("--check", action="store_true", help="only check the README's table")
    return parser.parse_args()


def main():
    args = arguments()
    if args.check:
        sys.exit(report.check_readme(RUNS, report.PEERS_TABLE))
    if args.source:
        path = args.source
    else:
        chosen = [case for case in (cases.QUICK if args.quick else cases.FULL) if not args.only or case.name in args.only]
        if args.peers_only:
            chosen = [replace(case, contenders=tuple(each for each in case.contenders if each[0] != "rheobase"))
                      for case in chosen]
        measured = measure(chosen, 1 if args.quick else args.rounds, args.quick)
        # A quick run leaves the results of the day alone.
        folder = args.out or (target_folder() / "peers-runs" if args.quick or args.only or args.peers_only else RUNS)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{measured['date']}.json"
        path.write_text(json.dumps(measured, separators=(",", ":")).replace('{"simulator"', '\n{"simulator"') + "\n")
    measured = json.loads(path.read_text())
    text = report.page(measured)
    path.with_suffix(".md").write_text(text)
    print(text)
    if args.readme:
        report.write_readme(path, report.PEERS_TABLE)
    sys.exit(1 if measured["faults"] else 0)


if __name__ == "__main__":
    main()
