"""Exported networks run by SANA-FE 2.2.9 itself: are the spikes those of our chip in software, step for step?

    python3 benches/peers/conformance/run_sanafe.py         20 random networks, 300 steps each

Random partitioned networks that SANA-FE can say without loss (no delays, currents that do not outlast their step) are
written by an example of loihi-export and exported by `rheobase export --format sanafe`, which must find nothing to lose.
`sanafe.py` beside this one compares energies and times, on networks of SANA-FE's own.

Exit codes: 0 agreed, 1 did not, 77 not run, because the tool cannot be had here.
"""

import argparse
import csv
import sys
import tempfile
from pathlib import Path

import tool

# What a step of the random networks means [ms].
DT = 0.5
STEPS = 300


def main():
    if sys.argv[1:2] == ["--run"]:
        return run_sanafe(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args = tool.arguments(parser)
    tool.inside("sanafe")
    with tempfile.TemporaryDirectory(prefix="rheobase-sanafe-") as folder:
        folder = Path(folder)
        tool.run([args.generator.absolute(), folder, args.networks, args.seed, "instant"], args.timeout)
        names = sorted(path.name.removesuffix(".input.h5") for path in folder.glob("*.input.h5"))
        tool.compare_all("sanafe netlists", names, lambda name: compare(folder, name, args), args.jobs,
                         f"networks of {STEPS} steps")


def compare(folder, name, args):
    import h5py
    import numpy as np
    path = lambda ending: folder / f"{name}{ending}"
    rheobase, spikes = args.rheobase.absolute(), f"input={path('.input.h5')}"
    tool.run([rheobase, "export", path(".h5"), "--format", "sanafe", "--spikes", spikes, "--duration", STEPS * DT,
              "-o", path(".yaml")], args.timeout)
    tool.run([rheobase, "emulate", path(".h5"), "--spikes", spikes, "--duration", STEPS * DT, "-o", path(".ours.h5")],
             args.timeout)
    tool.run([sys.executable, __file__, "--run", path(".arch.yaml"), path(".yaml"), STEPS, path(".csv")], args.timeout)
    with h5py.File(path(".ours.h5")) as file:
        names, first, is_source = (file[f"populations/{each}"][:] for each in ("name", "first", "is_source"))
    # Names of populations here need no change to be names of groups there.
    first_of = {name.decode(): int(at) for name, at, source in zip(names, first, is_source) if not source}
    with open(path(".csv")) as file:
        rows = [(row["neuron"].rsplit(".", 1), int(row["timestep"])) for row in csv.DictReader(file)]
    theirs = np.array(sorted((step, first_of[group] + int(number)) for (group, number), step in rows
                             if group in first_of)).reshape(-1, 2)
    times, nodes = tool.spikes(path(".ours.h5"))
    # The source is the last population.
    inside = nodes < first[is_source != 0].min()
    n = tool.same_spikes((times[inside], nodes[inside]), (theirs[:, 0] * DT, theirs[:, 1]), ["our chip", "SANA-FE"])
    return f"{n} spikes identical"


def run_sanafe(architecture, network, steps, output):
    """Runs a network, and writes its spikes."""
    tool.leave_folder()
    import sanafe
    arch = sanafe.load_arch(architecture)
    chip = sanafe.SpikingChip(arch)
    chip.load(sanafe.load_net(network, arch))
    chip.sim(int(steps), timing_model="simple", spike_trace=output)


if __name__ == "__main__":
    main()
