"""Mappers on the same graphs, in turns, and what came of it as JSON and a table.

    make bench-mapping                                   graphs of 10,000 neurons, three rounds
    python benches/peers/map_peers.py --quick            small graphs, one round: does everything run?
    python benches/peers/map_peers.py --only map-liquid  one graph
    python benches/peers/map_peers.py --large            a liquid of 100,000 neurons, too, without Mt-KaHyPar
    python benches/peers/map_peers.py --before "chrt -f 40"   short runs by a command that keeps other work away
    python benches/peers/map_peers.py --from benches/runs/DATE-mapping.json --readme

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
from dataclasses import dataclass, replace
from pathlib import Path

import machine
import map_graphs
import map_recount
import map_table
import ours
import report
from environment import target_folder

RUNS = machine.ROOT / "benches/runs"
CHIP = "loihi1"
# Ours first; sequential filling is `rheobase bench`, too, and promises no legality.
OURS = {"Rheobase": "partition", "sequential": "sequential"}
# A mapper of `map_cut.py`, and how many numbers of cores it may try. METIS is tried longer, too: until it is legal.
PEERS = {"METIS": ("metis", 6), "METIS, 40 tries": ("metis", 40), "Mt-KaHyPar": ("mtkahypar", 6),
         "round robin": ("round-robin", 6)}
CONTENDERS = [*OURS, *PEERS]
# They take minutes: one round, one repetition, and beside whatever else is running.
SLOW = ("METIS, 40 tries", "Mt-KaHyPar")
# What one try of the slowest peer takes on one core of a busy machine, six times [s].
PATIENCE_S = 900


@dataclass(frozen=True)
class Case:
    """A graph, and who is left out."""

    name: str
    n: int
    without: tuple = ()
    # More than seconds a mapper: then all of them are as the slow ones, and peers try one number of cores.
    large: bool = False


FULL = [Case("map-liquid", 10_000), Case("map-liquid-shuffled", 10_000, ("Mt-KaHyPar",)),
        Case("map-small-world", 10_000, ("Mt-KaHyPar",)), Case("map-scale-free", 10_000, ("Mt-KaHyPar",)),
        Case("map-brunel", 10_000, ("Mt-KaHyPar",)), Case("map-potjans", 7717, ("Mt-KaHyPar",)), Case("map-lenet", 6598)]
LARGE = [Case("map-liquid", 100_000, SLOW, large=True)]
QUICK = [Case("map-liquid", 1000), Case("map-lenet", 6598)]
# Ours alone, by ten seeds: how far do its results scatter, and does the order of the neurons matter?
SPREAD = [Case("map-liquid", 10_000), Case("map-liquid-shuffled", 10_000)]
SPREAD_SEEDS = 10


@dataclass(frozen=True)
class Conditions:
    """How runs are made: threads of ours, seconds until a peer is stopped, repetitions, and a command before short runs."""

    threads: int
    patience: float
    repeat: int
    before: tuple

    def of(self, case, mapper):
        return replace(self, repeat=1, before=()) if case.large or mapper in SLOW else self


def run_ours(case, mapper, seed, keep, how):
    """Our own count of one run, the fastest of its repetitions, and the partition's recount."""
    command = [*how.before, ours.binary(), "bench", case.name, "--n", case.n, "--chip", CHIP, "--mapper", OURS[mapper],
               "--seeds", f"{seed}..{seed}", "--threads", how.threads, "--json", "--keep", keep]
    runs = [json.loads(ours.execute(command).strip().splitlines()[-1])["runs"][0] for _ in range(how.repeat)]
    folder = Path(keep) / f"seed-{seed}"
    found = map_recount.recount(map_graphs.read(folder), map_graphs.read_part(folder), map_graphs.BUDGETS[CHIP])
    return min(runs, key=lambda run: run["cpu_s"]) | {"tries": [], "recount": found}


def run_peer(case, mapper, folder, seed, how):
    """The last try of a peer, with the costs of all its tries."""
    name, tries = PEERS[mapper]
    command = [*how.before, sys.executable, Path(__file__).with_name("map_cut.py"), name, folder, "--chip", CHIP,
               "--seed", seed, "--tries", 1 if case.large else tries, "--repeat", how.repeat]
    failed = None
    try:
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=how.patience)
        said = done.stdout
        if done.returncode != 0:
            failed = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}"
    except subprocess.TimeoutExpired as late:
        said, failed = (late.stdout or b"").decode(), f"not done within {how.patience:g} s"
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


def compare(case, contenders, rounds, how):
    """All rounds of a graph."""
    made = {"name": case.name, "n": case.n, "rounds": rounds, "runs": []}
    contenders = [each for each in contenders if each not in case.without]
    if not any(each in OURS for each in contenders):
        contenders.append("sequential")
    for seed in range(1, rounds + 1):
        with tempfile.TemporaryDirectory() as keep:
            # The graph's files are written by whichever of ours comes first; peers read them.
            for mapper in sorted(contenders, key=lambda each: each not in OURS):
                if mapper in SLOW and seed > 1:
                    continue
                if mapper in OURS:
                    run = run_ours(case, mapper, seed, keep, how.of(case, mapper))
                    made = {"neurons": run["neurons"], "synapses": run["synapses"]} | made
                else:
                    run = run_peer(case, mapper, Path(keep) / f"seed-{seed}", seed, how.of(case, mapper))
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
    parser.add_argument("--repeat", type=int, default=3, help="repetitions of which the fastest counts")
    parser.add_argument("--before", default="", metavar="COMMAND", help="in front of every short run")
    parser.add_argument("--out", type=Path, help="folder of the results; benches/runs by default")
    parser.add_argument("--from", dest="source", type=Path, metavar="JSON", help="write the table of a measurement")
    parser.add_argument("--readme", action="store_true", help="write the README's table")
    parser.add_argument("--check", action="store_true", help="only check the README's table")
    return parser.parse_args()


def measure(args):
    begun = machine.describe() | {"program": ours.fingerprint(), "peers": versions()}
    chosen = lambda cases: [case for case in cases if not args.only or case.name in args.only]
    how = Conditions(args.threads, args.patience, 1 if args.quick else args.repeat, tuple(args.before.split()))
    rounds = 1 if args.quick else args.rounds
    comparisons = [compare(case, args.mappers, 1 if case.large else rounds, how)
                   for case in chosen(QUICK if args.quick else FULL + (LARGE if args.large else []))]
    spread = [compare(case, ["Rheobase"], SPREAD_SEEDS, how) for case in chosen([] if args.quick else SPREAD)]
    return {"format": "rheobase-mapping", "version": 1, "date": datetime.date.today().isoformat(), "quick": args.quick,
            "threads": args.threads, "repeat": how.repeat, "machine": begun, "comparisons": comparisons, "spread": spread,
            "faults": [fault for comparison in comparisons + spread for fault in faults(comparison)]}


def main():
    args = arguments()
    if args.check:
        sys.exit(report.check_readme(RUNS, map_table.README))
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
    text = map_table.page(measured)
    path.with_suffix(".md").write_text(text)
    print(text)
    if args.readme:
        report.write_readme(path, map_table.README)
    sys.exit(1 if measured["faults"] else 0)


if __name__ == "__main__":
    main()
