"""Exported networks run by SANA-FE 2.2.9 itself: are spikes, energy and time those of our chip in software?

    python3 benches/peers/conformance/run_sanafe.py         20 random networks, 300 steps each

Random partitioned networks that SANA-FE can say without loss (no delays, currents that do not outlast their step) are
written by an example of loihi-export and exported by `rheobase export --format sanafe`, which must find nothing to lose.
`rheobase emulate --costs` prices the same run by the architecture that the export wrote, with sources on the cores on
which the export has put them, and messages in the order that SANA-FE's record shows (its own, by addresses in memory).
Compared are spikes step for step, energies of all components (1e-12 relative) and simulated time by both of its
models (1e-9 relative). `sanafe.py` beside this one does so on networks of SANA-FE's own.

Exit codes: 0 agreed, 1 did not, 77 not run, because the tool cannot be had here.
"""

import argparse
import csv
import json
import math
import sys
import tempfile
from pathlib import Path

import tool

# What a step of the random networks means [ms].
DT = 0.5
STEPS = 300
COMPONENTS = ("synapse", "dendrite", "soma", "network")


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
    path = lambda ending: folder / f"{name}{ending}"
    rheobase, spikes = args.rheobase.absolute(), f"input={path('.input.h5')}"
    run = ["--spikes", spikes, "--duration", STEPS * DT]
    tool.run([rheobase, "export", path(".h5"), "--format", "sanafe", *run, "-o", path(".yaml")], args.timeout)
    said = tool.run([sys.executable, __file__, "--run", path(".arch.yaml"), path(".yaml"), STEPS, path("")],
                    args.timeout)
    theirs = json.loads(said.split("ANSWER", 1)[1])
    told = []
    for timing in ("simple", "detailed"):
        said = tool.run([rheobase, "emulate", path(".h5"), *run, "--costs", path(".arch.yaml"), "--sources", "on-cores",
                         "--timing", timing, "--message-order", path(".messages.csv"), "-o", path(".ours.h5"), "--json"],
                        args.timeout)
        ours = json.loads(said)["priced"]
        n = same_spikes(path(".ours.h5"), path(".spikes.csv"))
        off = {part: apart(ours[f"{part}_j"], theirs[timing]["energy"][part]) for part in COMPONENTS}
        total = sum(ours[f"{part}_j"] for part in COMPONENTS)
        off["total"] = apart(total, theirs[timing]["energy"]["total"])
        late = apart(ours["time_s"], theirs[timing]["sim_time"])
        if ours["input_j"] != 0 or max(off.values()) > 1e-12 or late > 1e-9:
            raise tool.Failed(f"{timing}: energies are off by {off}, the time by {late}: {ours} and {theirs[timing]}")
        told.append((max(off.values()), late))
    (off, simple), (_, detailed) = told
    return (f"{n} spikes identical, {total * 1e9:.1f} nJ off by {off:.0e}, {ours['time_s'] * 1e6:.1f} µs off by "
            f"{simple:.0e} simple and {detailed:.0e} detailed")


def apart(a, b):
    """By how much two numbers differ, relative to the larger one."""
    if not (math.isfinite(a) and math.isfinite(b)):
        return math.inf
    return abs(a - b) / max(abs(a), abs(b)) if a != b else 0.0


def same_spikes(ours, theirs):
    """How many spikes neurons have in both; raises Failed where they differ."""
    import h5py
    import numpy as np
    with h5py.File(ours) as file:
        names, first, is_source = (file[f"populations/{each}"][:] for each in ("name", "first", "is_source"))
    # Names of populations here need no change to be names of groups there.
    first_of = {name.decode(): int(at) for name, at, source in zip(names, first, is_source) if not source}
    with open(theirs) as file:
        rows = [(row["neuron"].rsplit(".", 1), int(row["timestep"])) for row in csv.DictReader(file)]
    theirs = np.array(sorted((step, first_of[group] + int(number)) for (group, number), step in rows
                             if group in first_of)).reshape(-1, 2)
    times, nodes = tool.spikes(ours)
    # The source is the last population.
    inside = nodes < first[is_source != 0].min()
    return tool.same_spikes((times[inside], nodes[inside]), (theirs[:, 0] * DT, theirs[:, 1]),
                            ["our chip", "SANA-FE"])


def run_sanafe(architecture, network, steps, output):
    """Runs a network by both models of time; writes its spikes and messages, and says what it cost."""
    tool.leave_folder()
    import sanafe
    answer = {}
    for timing in ("simple", "detailed"):
        arch = sanafe.load_arch(architecture)
        chip = sanafe.SpikingChip(arch)
        chip.load(sanafe.load_net(network, arch))
        result = chip.sim(int(steps), timing_model=timing, processing_threads=1, scheduler_threads=0,
                          spike_trace=f"{output}.spikes.csv", message_trace=f"{output}.messages.csv")
        answer[timing] = {"energy": result["energy"], "sim_time": result["sim_time"]}
    print("ANSWER" + json.dumps(answer))


if __name__ == "__main__":
    main()
