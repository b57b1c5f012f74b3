"""Exported networks run by Lava 0.10.0 itself: are the spikes those of our chip in software, step for step?

    python3 benches/peers/conformance/run_lava.py                    20 random networks, 1,000 steps each
    python3 benches/peers/conformance/run_lava.py --networks 100 --seed 2

Random partitioned networks (several cores, delays, exponents of both signs, refractory neurons, resets, two thresholds,
graded messages) are written by an example of loihi-export, exported by `rheobase export --format lava`, and run by the
Python program that comes out and by `rheobase emulate`. Spikes have to be identical; potentials of every fourth network
too. A third of the networks runs with whatever connection of Lava is faster, a third with its sparse ones, a third with
its dense ones. Lava hangs without a word where one of its processes fails, so every run is killed after some time.

Exit codes: 0 agreed, 1 did not, 77 not run, because there is no Python 3.10 or no package index.
"""

import argparse
import tempfile
from pathlib import Path

import tool

# What a step of the random networks means [ms].
DT = 0.5
MATRICES = ["auto", "sparse", "dense"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1000, help="steps of a run, at most 1200 (1000)")
    args = tool.arguments(parser)
    tool.inside("lava")
    with tempfile.TemporaryDirectory(prefix="rheobase-lava-") as folder:
        folder = Path(folder)
        tool.run([args.generator.absolute(), folder, args.networks, args.seed], args.timeout)
        names = sorted(path.name.removesuffix(".input.h5") for path in folder.glob("*.input.h5"))
        what = f"networks of {args.steps} steps"
        tool.compare_all("lava", names, lambda name: compare(folder, name, names.index(name), args), args.jobs, what)


def compare(folder, name, number, args):
    import sys
    netlist, spikes, ours = (folder / f"{name}{ending}" for ending in (".h5", ".input.h5", ".ours.h5"))
    script, theirs = folder / f"{name}.py", folder / f"{name}.lava.npz"
    rheobase = args.rheobase.absolute()
    tool.run([rheobase, "export", netlist, "--format", "lava", "-o", script], args.timeout)
    with_states = number % 4 == 0
    traces = traced(netlist) if with_states else []
    tool.run([rheobase, "emulate", netlist, "--spikes", f"input={spikes}", "--duration", args.steps * DT, *traces,
              "-o", ours], args.timeout)
    tool.run([sys.executable, script, "--steps", args.steps, "--input", f"input={spikes}", "--output", theirs,
              "--matrices", MATRICES[number % 3], "--timeout", args.timeout, *(["--states"] if with_states else [])],
             args.timeout)
    return agree(ours, theirs, with_states)


def traced(netlist):
    """The option that records the potentials of all neurons."""
    import h5py
    with h5py.File(netlist) as file:
        names, sizes = file["populations/name"].asstr()[:], file["populations/size"][:]
        sources = set(file["sources"])
    of = [(name, size) for i, (name, size) in enumerate(zip(names, sizes)) if str(i) not in sources]
    return [each for name, size in of for each in ("--trace", f"{name}:0-{size - 1}")]


def agree(ours, theirs, with_states):
    import h5py
    import numpy as np
    lava = np.load(theirs)
    n = tool.same_spikes(tool.spikes(ours), (lava["step"] * DT, lava["node"]), ["our chip", "Lava"])
    if not with_states or "v" not in lava:
        return f"{n} spikes identical"
    with h5py.File(ours) as file:
        nodes, v = file["traces/node"][:], file["traces/v_mV"][:]
    both, here, there = np.intersect1d(nodes, lava["v_node"], return_indices=True)
    differ = np.argwhere(v[:, here] != lava["v"][:, there])
    if len(differ):
        step, node = differ[0]
        raise tool.Failed(f"the potential of node {both[node]} is {v[step, here[node]]} in step {step + 1} of our chip, "
                          f"and {lava['v'][step, there[node]]} of Lava")
    return f"{n} spikes and {lava['v'][:, there].size} potentials identical"


if __name__ == "__main__":
    main()
