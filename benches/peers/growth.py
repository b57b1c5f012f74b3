"""How our cost grows with the network: time for a synaptic event, and memory for a synapse, over the sizes.

    python benches/peers/growth.py                 from 10^4 to 3·10^8 synapses, one thread
    python benches/peers/growth.py --most 1e6      up to so many synapses

Writes `benches/runs/DATE-growth.json` and a picture of it. The time is all CPU time of the timed run over its recurrent
synaptic events, so that the update of neurons and external input are part of it; the memory is the peak of the resident
set, less that of the smallest network of the program, over the synapses.
"""

import argparse
import datetime
import json
import math
import sys
from pathlib import Path

import machine
import ours
from cases import Comparison

RUNS = machine.ROOT / "benches/runs"
# Synapses, about, and seconds such that the smallest still run for a while and the largest end.
LADDER = {
    "pd14": [Comparison("pd14", scale=scale, seconds=seconds, warm_up=200.0) for scale, seconds in
             [(0.006, 5.0), (0.02, 5.0), (0.06, 2.0), (0.2, 1.0), (0.5, 0.5), (1.0, 0.5)]],
    "cuba": [Comparison("cuba", n, seconds=seconds, warm_up=100.0) for n, seconds in
             [(1000, 1.0), (4000, 1.0), (16_000, 0.5), (64_000, 0.5), (256_000, 0.2), (1_000_000, 0.2), (3_700_000, 0.1)]],
    "lsm-delta": [Comparison("lsm-delta", n, seconds=seconds, warm_up=100.0) for n, seconds in
                  [(1000, 10.0), (10_000, 5.0), (100_000, 1.0), (1_000_000, 0.2)]],
}
SCHEDULER = {"pd14": "grid", "cuba": "grid", "lsm-delta": "event"}
COLORS = {"pd14": "#0072b2", "cuba": "#d55e00", "lsm-delta": "#009e73"}


def expected_synapses(case):
    if case.name == "pd14":
        return 299e6 * case.scale**2
    return case.n * (80 if case.name == "cuba" else 11)


def measure(most, names, threads, seed):
    """The points of all networks that `rheobase bench` has, by name."""
    points = {}
    base = ours.bench(Comparison("lsm-delta", 135, seconds=0.1), "event", seed, 1)["peak_rss_mb"]
    for name in names:
        if not ours.has(name):
            print(f"{name}: left out, `rheobase bench` does not have it", file=sys.stderr)
            continue
        points[name] = [point(case, base, threads, seed) for case in LADDER[name] if expected_synapses(case) <= most]
    return points


def point(case, base, threads, seed):
    run = ours.bench(case, SCHEDULER[case.name], seed, threads)
    found = {"synapses": run["synapses"], "neurons": run["neurons"], "engine": run["engine"], "seconds": case.seconds,
             "rate_hz": run["rate_hz"], "synaptic_events": run["synaptic_events"], "cpu_s": run["cpu_s"],
             "ns_per_event": 1e9 * run["cpu_s"] / max(run["synaptic_events"], 1), "build_s": run["build_s"],
             "rss_mb": run["peak_rss_mb"], "bytes_per_synapse": 1e6 * max(run["peak_rss_mb"] - base, 0.0) / run["synapses"]}
    print(f"{case.title}: {found['synapses']:,} synapses, {found['ns_per_event']:.3g} ns an event, "
          f"{found['rss_mb']:.4g} MB", file=sys.stderr, flush=True)
    return found


def draw(measured, path):
    """Three panels over the number of synapses: time, memory of a synapse, memory in all."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    figure, axes = pyplot.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
    panels = [("ns_per_event", "CPU time for a synaptic event (ns)"), ("bytes_per_synapse", "memory for a synapse (bytes)"),
              ("rss_mb", "resident memory (MB)")]
    for axis, (key, title) in zip(axes, panels):
        for name, points in measured["points"].items():
            axis.loglog([each["synapses"] for each in points], [each[key] for each in points], "o-", markersize=4,
                        color=COLORS[name], label=f"{name}, {SCHEDULER[name]}")
        axis.set(title=title, xlabel="synapses")
        axis.title.set_fontsize(10)
        axis.grid(True, alpha=0.25)
        whole_decades(axis, [each[key] for points in measured["points"].values() for each in points])
    if any(axes[0].get_legend_handles_labels()[1]):
        axes[0].legend(frameon=False)
    threads = measured["threads"]
    figure.suptitle(f"{measured['machine']['cpu']}, {threads} thread{'s' if threads > 1 else ''}, {measured['date']}", fontsize=9)
    figure.savefig(path, dpi=160)


def whole_decades(axis, values):
    """Ends the axis at powers of ten, and writes them as numbers."""
    from matplotlib import ticker

    least, most = min(values), max(values)
    if least > 0.0:
        low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
        axis.set_ylim(10.0**low, 10.0 ** max(high, low + 1))
    axis.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,g}" if value < 1 else f"{value:,.0f}"))
    axis.yaxis.set_minor_formatter(ticker.NullFormatter())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=float, default=1e9, help="leave out networks with more synapses")
    parser.add_argument("--only", nargs="+", choices=list(LADDER), default=list(LADDER), metavar="NETWORK")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RUNS)
    args = parser.parse_args()
    measured = {"format": "rheobase-growth", "version": 1, "date": datetime.date.today().isoformat(),
                "threads": args.threads, "machine": machine.describe(),
                "points": measure(args.most, args.only, args.threads, args.seed)}
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / f"{measured['date']}-growth.json"
    path.write_text(json.dumps(measured, indent=1) + "\n")
    draw(measured, path.with_suffix(".png"))


if __name__ == "__main__":
    main()
