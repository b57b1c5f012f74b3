"""How mapping grows with the network: time and memory for a synapse, from 10³ to 10⁶ neurons.

    python benches/peers/map_growth.py                 liquids and rings, one thread
    python benches/peers/map_growth.py --most 1e5      up to so many neurons
    python benches/peers/map_growth.py --from benches/runs/DATE-mapping-growth.json
                                                       the picture of a measurement again

Writes `benches/runs/DATE-mapping-growth.json` and a picture of it. The time is all CPU time of mapping alone; the memory
is the peak of the resident set of a process that makes the graph and maps it.
"""

import argparse
import datetime
import json
import sys
from pathlib import Path

import growth
import machine
import ours

RUNS = machine.ROOT / "benches/runs"
SIZES = [1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000]
COLORS = {"map-liquid": "#009e73", "map-small-world": "#0072b2"}
PANELS = [("us_per_synapse", "CPU time for a synapse (µs)"), ("bytes_per_synapse", "memory for a synapse (bytes)"),
          ("wall_s", "wall clock (s)"), ("peak_rss_mb", "resident memory (MB)")]


def measure(most, names, mapper, threads, seed):
    """The points of every graph, by name."""
    return {name: [point(name, n, mapper, threads, seed) for n in SIZES if n <= most] for name in names}


def point(name, n, mapper, threads, seed):
    said = ours.execute([ours.binary(), "bench", name, "--n", n, "--mapper", mapper, "--threads", threads, "--seed", seed,
                         "--json"])
    (run,) = json.loads(said.strip().splitlines()[-1])["runs"]
    print(f"{name} {n}: {run['synapses']:,} synapses, {run['cpu_s']:.3g} CPU s, {run['peak_rss_mb']:.4g} MB, "
          f"{run['cores']} cores, {run['violating']} illegal", file=sys.stderr, flush=True)
    return with_shares(run)


def with_shares(run):
    """The run, and its costs for a synapse."""
    return run | {"us_per_synapse": 1e6 * run["cpu_s"] / run["synapses"],
                  "bytes_per_synapse": 1e6 * run["peak_rss_mb"] / run["synapses"]}


def draw(measured, path):
    """Four panels over the number of synapses."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    figure, axes = pyplot.subplots(2, 2, figsize=(8, 6.4), layout="constrained")
    for axis, (key, title) in zip(axes.flat, PANELS):
        for name, points in measured["points"].items():
            axis.loglog([each["synapses"] for each in points], [each[key] for each in points], "o-", markersize=4,
                        color=COLORS[name], label=name.removeprefix("map-"))
        axis.set(title=title, xlabel="synapses")
        axis.title.set_fontsize(10)
        axis.grid(True, alpha=0.25)
        shown = [each for points in measured["points"].values() for each in points]
        growth.whole_decades(axis, [each[key] for each in shown])
    axes.flat[0].legend(frameon=False)
    threads = measured["threads"]
    figure.suptitle(f"mapping onto Loihi's cores; {measured['machine']['cpu']}, {threads} thread{'s' if threads > 1 else ''}, "
                    f"{measured['date']}", fontsize=9)
    figure.savefig(path, dpi=160)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=float, default=1e6, help="leave out graphs of more neurons")
    parser.add_argument("--only", nargs="+", choices=list(COLORS), default=list(COLORS), metavar="GRAPH")
    parser.add_argument("--mapper", default="partition", help="of `rheobase bench`")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RUNS)
    parser.add_argument("--from", dest="start", type=Path, metavar="JSON", help="draw a measurement again")
    args = parser.parse_args()
    if args.start:
        return draw(json.loads(args.start.read_text()), args.start.with_suffix(".png"))
    measured = {"format": "rheobase-mapping-growth", "version": 1, "date": datetime.date.today().isoformat(),
                "mapper": args.mapper, "threads": args.threads, "machine": machine.describe(),
                "points": measure(args.most, args.only, args.mapper, args.threads, args.seed)}
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / f"{measured['date']}-mapping-growth.json"
    path.write_text(json.dumps(measured, indent=1) + "\n")
    draw(measured, path.with_suffix(".png"))


if __name__ == "__main__":
    main()
