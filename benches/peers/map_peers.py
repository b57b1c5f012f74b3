"""Mappers on the same graphs, in turns, and what came of it as JSON and a table.

    make bench-mapping                                   graphs of 10,000 neurons, three rounds
    python benches/peers/map_peers.py --quick            small graphs, one round: does everything run?
    python benches/peers/map_peers.py --only map-liquid  one graph
    python benches/peers/map_peers.py --large            a liquid of 100,000 neurons, too, without Mt-KaHyPar
    python benches/peers/map_peers.py --from benches/runs/DATE-mapping.json

Every round has a seed of its own, for the graph and for all mappers. `rheobase bench` makes the graph and maps it;
the others read it from its files (`map_cut.py`), each in a process of its own. All partitions are recounted by
`map_recount.py`. Exit code 1 says that our count and the recount differ, or that a partition of ours is illegal.
"""

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import machine
import map_graphs
import map_recount
import ours
from environment import target_folder
from report import middle, number, spread

RUNS = machine.ROOT / "benches/runs"
CHIP = "loihi1"
# Ours first; sequential filling is `rheobase bench`, too, and promises no legality.
CONTENDERS = ["Rheobase", "sequential", "METIS", "Mt-KaHyPar", "round robin"]
OURS = {"Rheobase": "partition", "sequential": "sequential"}
PEERS = {"METIS": "metis", "Mt-KaHyPar": "mtkahypar", "round robin": "round-robin"}
# What one try of the slowest peer takes on one core of a busy machine, six times [s].
PATIENCE_S = 900


@dataclass(frozen=True)
class Case:
    """A graph, and who is left out."""

    name: str
    n: int
    without: tuple = ()


FULL = [Case("map-liquid", 10_000), Case("map-liquid-shuffled", 10_000), Case("map-small-world", 10_000),
        Case("map-scale-free", 10_000), Case("map-brunel", 10_000), Case("map-potjans", 7717, ("Mt-KaHyPar",)),
        Case("map-lenet", 6598)]
LARGE = [Case("map-liquid", 100_000, ("Mt-KaHyPar",))]
QUICK = [Case("map-liquid", 1000), Case("map-lenet", 6598)]


def run_ours(case, mapper, seed, threads, keep):
    """Our own count of one run, and the partition's recount."""
    said = ours.execute([ours.binary(), "bench", case.name, "--n", case.n, "--chip", CHIP, "--mapper", OURS[mapper],
                         "--seeds", f"{seed}..{seed}", "--threads", threads, "--json", "--keep", keep])
    (run,) = json.loads(said.strip().splitlines()[-1])["runs"]
    folder = Path(keep) / f"seed-{seed}"
    found = map_recount.recount(map_graphs.read(folder), map_graphs.read_part(folder), map_graphs.BUDGETS[CHIP])
    return run | {"tries": [], "recount": found}


def run_peer(mapper, folder, seed, patience):
    """The last try of a peer, with the costs of all its tries."""
    command = [sys.executable, Path(__file__).with_name("map_cut.py"), PEERS[mapper], folder, "--chip", CHIP, "--seed", seed]
    failed = None
    try:
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=patience)
        said = done.stdout
        if done.returncode != 0:
            failed = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}"
    except subprocess.TimeoutExpired as late:
        said, failed = (late.stdout or b"").decode(), f"not done within {patience:g} s"
    return from_tries([json.loads(line) for line in said.splitlines() if line.startswith("{")], failed)


def from_tries(tries, failed):
    """A run from the tries that came to an end."""
    if not tries:
        return {"failed": failed or "no result"}
    last = tries[-1]
    run = {key: last[key] for key in ("cores", "violating", "packets", "destinations", "over")}
    return run | {"cpu_s": sum(each["cpu_s"] for each in tries), "wall_s": sum(each["wall_s"] for each in tries),
                  "peak_rss_mb": max(each["peak_rss_mb"] for each in tries), "recount": last,
                  "tries": [[each["k"], each["violating"]] for each in tries]} | ({"stopped": failed} if failed else {})


def compare(case, contenders, rounds, threads, patience):
    """All rounds of a graph."""
    made = {"name": case.name, "n": case.n, "rounds": rounds, "runs": []}
    contenders = [each for each in contenders if each not in case.without]
    if not any(each in OURS for each in contenders):
        contenders.append("sequential")
    for seed in range(1, rounds + 1):
        with tempfile.TemporaryDirectory() as keep:
            # The graph's files are written by whichever of ours comes first; peers read them.
            for mapper in sorted(contenders, key=lambda each: each not in OURS):
                if mapper in OURS:
                    run = run_ours(case, mapper, seed, threads, keep)
                    made = {"neurons": run["neurons"], "synapses": run["synapses"]} | made
                else:
                    run = run_peer(mapper, Path(keep) / f"seed-{seed}", seed, patience)
                made["runs"].append({"mapper": mapper, "seed": seed, **run})
                print(f"{case.name} {case.n}, round {seed}: {mapper} {told(run)}", file=sys.stderr, flush=True)
    return made


def told(run):
    if "failed" in run:
        return run["failed"]
    return f"{run['cores']} cores, {run['violating']} illegal, {run['packets']:,} packets, {run['cpu_s']:.3g} CPU s"


def faults(comparison):
    """What must not be."""
    found = []
    for run in comparison["runs"]:
        title = f"{comparison['name']} {comparison['n']}, seed {run['seed']}, {run['mapper']}"
        if "failed" in run:
            continue
        for key in ("cores", "violating", "packets"):
            if run[key] != run["recount"][key]:
                found.append(f"{title}: {key} are {run[key]}, and {run['recount'][key]} by the recount")
        if run["mapper"] == "Rheobase" and run["recount"]["violating"]:
            found.append(f"{title}: {run['recount']['violating']} cores are over a budget")
    return found


def page(measured):
    """The page of a measurement."""
    about = measured["machine"]
    lines = [f"# Mapping: ours and the peers, {measured['date']}", ""]
    if measured["quick"]:
        lines += ["**A quick run: small graphs, one round. For seeing that everything runs, not for quoting.**", ""]
    lines += [f"{about['cpu']}, {about['system']} {about['kernel']}; Rheobase {about['commit']} (program "
              f"{about['program']}), {about['peers']}. {measured['threads']} thread(s) of ours, one of every peer. "
              f"Load at the start: {about['load']:.1f}.", "",
              "| graph | synapses | mapper | tried → cores | illegal (n / in / out / syn) | packets | destinations | CPU s "
              "| wall s | RSS MB |", "|" + "---|" * 10]
    for comparison in measured["comparisons"]:
        for mapper in dict.fromkeys(run["mapper"] for run in comparison["runs"]):
            lines.append(row(comparison, mapper))
    lines += ["", NOTES, ""]
    lines += ["Not in order:", "", *(f"- {fault}" for fault in measured["faults"])] if measured["faults"] else [
        "Every partition was recounted by `benches/peers/map_recount.py`; the counts agree, and those of Rheobase are legal."]
    return "\n".join(lines) + "\n"


NOTES = """\
- Median (least–most) over rounds, each with a seed of its own. Tries are those of the first round; budgets that are broken,
  those of the worst.
- Packets: spikes times destination cores other than the source's own. Budgets of Loihi's cores: 1024 neurons, 4096
  input axons, 4096 output axons, 16,384 words of synapse memory.
- METIS cuts the symmetric graph, Mt-KaHyPar (preset `default`) the hypergraph. They know one weight a neuron, so they
  are asked for more and more cores until all budgets are kept, six times at most; CPU and wall time are sums over
  the tries, of the partitioner's calls alone. Sequential filling and round robin are the baselines."""


def row(comparison, mapper):
    runs = [run for run in comparison["runs"] if run["mapper"] == mapper]
    title = f"{comparison['name'].removeprefix('map-')}:{comparison['n']}"
    good = [run for run in runs if "failed" not in run]
    if not good:
        return f"| {title} | {comparison['synapses']:,} | {mapper} | {runs[0]['failed']} |" + " |" * 6
    tried = ", ".join(f"{k}{'✗' if violating else '✓'}" for k, violating in good[0]["tries"])
    cores = extremes(run["cores"] for run in good)
    worst = max(good, key=lambda run: run["violating"])
    over = " / ".join(str(worst["recount"]["over"][key]) for key in ("neurons", "in_axons", "out_axons", "synapse_words"))
    cells = [title, f"{comparison['synapses']:,}", mapper, f"{tried} → {cores}" if tried else cores,
             f"{extremes(run['violating'] for run in good)} ({over})", extremes(run["packets"] for run in good),
             number(middle(good, "destinations")), extremes(run["cpu_s"] for run in good), number(middle(good, "wall_s")),
             number(middle(good, "peak_rss_mb"))]
    stopped = f" ({good[0]['stopped']})" if "stopped" in good[0] else ""
    return f"| {' | '.join(cells)}{stopped} |"


def extremes(values):
    """Median, least and most, or the one value that all have."""
    values = list(values)
    return spread(values if len(set(values)) > 1 else values[:1])


def versions():
    from importlib.metadata import version

    return f"pymetis {version('pymetis')}, mtkahypar {version('mtkahypar')}"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="small graphs, one round")
    parser.add_argument("--large", action="store_true", help="a liquid of 100,000 neurons, too")
    parser.add_argument("--only", nargs="+", default=[], metavar="GRAPH", help="only these graphs")
    parser.add_argument("--mappers", nargs="+", choices=CONTENDERS, default=CONTENDERS, metavar="MAPPER")
    parser.add_argument("--threads", type=int, default=1, help="of ours")
    parser.add_argument("--patience", type=float, default=PATIENCE_S, help="seconds after which a peer is stopped")
    parser.add_argument("--out", type=Path, help="folder of the results; benches/runs by default")
    parser.add_argument("--from", dest="source", type=Path, metavar="JSON", help="write the table of a measurement")
    return parser.parse_args()


def measure(args):
    begun = machine.describe() | {"program": ours.fingerprint(), "peers": versions()}
    cases = QUICK if args.quick else FULL + (LARGE if args.large else [])
    rounds = 1 if args.quick else args.rounds
    comparisons = [compare(case, args.mappers, rounds, args.threads, args.patience) for case in cases
                   if not args.only or case.name in args.only]
    return {"format": "rheobase-mapping", "version": 1, "date": datetime.date.today().isoformat(), "quick": args.quick,
            "threads": args.threads, "machine": begun, "comparisons": comparisons,
            "faults": [fault for comparison in comparisons for fault in faults(comparison)]}


def main():
    args = arguments()
    path = args.source
    if path is None:
        measured = measure(args)
        # A quick run leaves the results of the day alone.
        partial = args.quick or args.only or args.mappers != CONTENDERS
        folder = args.out or (target_folder() / "peers-runs" if partial else RUNS)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{measured['date']}-mapping.json"
        path.write_text(json.dumps(measured, separators=(",", ":")).replace('{"mapper"', '\n{"mapper"') + "\n")
    measured = json.loads(path.read_text())
    text = page(measured)
    path.with_suffix(".md").write_text(text)
    print(text)
    sys.exit(1 if measured["faults"] else 0)


if __name__ == "__main__":
    main()
