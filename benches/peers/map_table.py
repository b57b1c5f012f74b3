"""The tables of a measurement of mappers: its page, and a short one in the README, both from its JSON alone."""

from statistics import median

import report
from report import middle, number, spread

NOTES = """\
- Median (least–most) over rounds, each with a seed of its own. Tries are those of the first round; budgets that are broken,
  those of the worst. `METIS, 40 tries` and Mt-KaHyPar run in the first round alone.
- Packets: spikes times destination cores other than the source's own. Budgets of Loihi's cores: 1024 neurons, 4096
  input axons, 4096 output axons, 16,384 words of synapse memory.
- METIS cuts the symmetric graph, Mt-KaHyPar (preset `default`) the hypergraph. They know one weight a neuron, so they
  are asked for more and more cores until all budgets are kept, six times at most or as often as their name says, and once
  where a graph has 100,000 neurons; CPU and wall time are sums over the tries, of the partitioner's calls alone.
  Sequential filling and round robin are the baselines."""


def page(measured):
    """The page of a measurement."""
    about = measured["machine"]
    lines = [f"# Mapping: ours and the peers, {measured['date']}", ""]
    if measured["quick"]:
        lines += ["**A quick run: small graphs, one round. For seeing that everything runs, not for quoting.**", ""]
    lines += [f"{about['cpu']}, {about['system']} {about['kernel']}; Rheobase {about['commit']} (program "
              f"{about['program']}), {about['peers']}. {measured['threads']} thread(s) of ours, one of every peer. "
              f"Fastest of {measured['repeat']} repetitions, of one where a mapper takes minutes. "
              f"Load at the start: {about['load']:.1f}.{again(measured)}", "", *beside_the_best(measured), "",
              "Medians. In parentheses, how many times ours on the same seeds. Of the peers, the one whose legal runs have the "
              "fewest packets; its CPU time is that of its whole search for a legal number of cores.", "", "## All mappers", "",
              "| graph | synapses | mapper | tried → cores | illegal (n / in / out / syn) | packets | destinations | CPU s "
              "| wall s | RSS MB |", "|" + "---|" * 10]
    for comparison in measured["comparisons"]:
        for mapper in dict.fromkeys(run["mapper"] for run in comparison["runs"]):
            lines.append(row(comparison, mapper))
    lines += ["", NOTES, "", *scatter(measured)]
    lines += ["Not in order:", "", *(f"- {fault}" for fault in measured["faults"])] if measured["faults"] else [
        "Every partition was recounted by `benches/peers/map_recount.py`; the counts agree, and those of Rheobase are legal."]
    return "\n".join(lines) + "\n"


def row(comparison, mapper):
    runs = [run for run in comparison["runs"] if run["mapper"] == mapper]
    good = [run for run in runs if "failed" not in run]
    if not good:
        return f"| {title(comparison)} | {comparison['synapses']:,} | {mapper} | {runs[0]['failed']} |" + " |" * 6
    tried = ", ".join(f"{k}{'✗' if violating else '✓'}" for k, violating in good[0]["tries"])
    cores = extremes(run["cores"] for run in good)
    worst = max(good, key=lambda run: run["violating"])
    over = " / ".join(str(worst["recount"]["over"][key]) for key in ("neurons", "in_axons", "out_axons", "synapse_words"))
    cells = [title(comparison), f"{comparison['synapses']:,}", mapper, f"{tried} → {cores}" if tried else cores,
             f"{extremes(run['violating'] for run in good)} ({over})", extremes(run["packets"] for run in good),
             number(middle(good, "destinations")), extremes(run["cpu_s"] for run in good), number(middle(good, "wall_s")),
             number(middle(good, "peak_rss_mb"))]
    stopped = f" ({good[0]['stopped']})" if "stopped" in good[0] else ""
    return f"| {' | '.join(cells)}{stopped} |"


def title(comparison):
    return f"{comparison['name'].removeprefix('map-')}:{comparison['n']}"


def extremes(values):
    """Median, least and most, or the one value that all have."""
    values = list(values)
    return spread(values if len(set(values)) > 1 else values[:1])


def beside_the_best(measured):
    """One row a graph: ours, and beside it the legal peer of the fewest packets, with how many times ours on the same seeds."""
    lines = ["| graph | synapses | ours: cores | packets | CPU s | best legal peer | its cores | packets | CPU s |",
             "|" + "---|" * 9]
    for comparison in measured["comparisons"]:
        runs = by_mapper(comparison)
        mine = runs.get("Rheobase")
        if mine is None:
            continue
        cells = [title(comparison), f"{comparison['synapses']:,}", number(middle(mine, "cores")),
                 f"**{number(middle(mine, 'packets'))}**", number(middle(mine, "cpu_s"))]
        name, best = best_legal(runs)
        if not best:
            most = max((len(run["tries"]) for mine in runs.values() for run in mine), default=0)
            cells += [f"none in {most} tr{'y' if most == 1 else 'ies'}", "–", "–", "–"]
        else:
            rare = "" if len(best) == len(runs[name]) else f", legal in {len(best)} of {len(runs[name])}"
            same = [run for run in mine if run["seed"] in {other["seed"] for other in best}]
            cells += [name + rare, number(middle(best, "cores"))]
            cells += [f"{number(middle(best, key))} ({number(middle(best, key) / middle(same, key))}×)"
                      for key in ("packets", "cpu_s")]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def by_mapper(comparison):
    """The runs that have a result, by mapper."""
    runs = {}
    for run in comparison["runs"]:
        if "failed" not in run:
            runs.setdefault(run["mapper"], []).append(run)
    return runs


def best_legal(runs):
    """The peer whose legal runs have the fewest packets, and those runs; sequential filling counts."""
    legal = {name: [run for run in mine if run["recount"]["violating"] == 0] for name, mine in runs.items()
             if name != "Rheobase"}
    legal = {name: mine for name, mine in legal.items() if mine}
    if not legal:
        return None, []
    name = min(legal, key=lambda name: median(run["packets"] for run in legal[name]))
    return name, legal[name]


def scatter(measured):
    """What the seeds of ours make of the same kind of graph."""
    if not measured["spread"]:
        return []
    lines = ["## Seeds", "", "Ours alone; graph and mapper of every seed are others.", "",
             "| graph | seeds | cores | packets | standard deviation | CPU s |", "|" + "---|" * 6]
    for comparison in measured["spread"]:
        runs = comparison["runs"]
        packets = [run["packets"] for run in runs]
        mean = sum(packets) / len(packets)
        deviation = (sum((each - mean) ** 2 for each in packets) / max(len(packets) - 1, 1)) ** 0.5
        lines.append(f"| {title(comparison)} | {len(runs)} | {extremes(run['cores'] for run in runs)} | {extremes(packets)} | "
                     f"{number(100 * deviation / mean)} % | {extremes(run['cpu_s'] for run in runs)} |")
    return lines + [""]


def again(measured):
    """That our runs are of a later program than the peers' rounds, where they are."""
    later = measured.get("ours_again")
    if later is None:
        return ""
    return (f" Ours was measured again, alone, after it had changed: Rheobase {later['commit']} (program "
            f"{later['program']}), load {later['load']:.1f}.")


def readme_table(measured, source):
    """One row a graph."""
    rounds = max(comparison["rounds"] for comparison in measured["comparisons"])
    lines = ["Loihi's cores, one thread: ours, and the legal result with the fewest packets among METIS, Mt-KaHyPar, sequential "
             "filling and round robin, whose CPU time is that of the search for a legal number of cores. Medians of at most "
             f"{rounds} seeds on {measured['machine']['cpu']}; in parentheses, how many times ours on the same seeds. Every "
             f"partition is recounted by two programs.{again(measured)} Who broke which budget, versions and notes: "
             f"[{source}]({report.SOURCE}{source}).", ""]
    return "\n".join(lines + beside_the_best(measured))


# The marks in README.md, the table between them, and the command that writes it.
README = report.Place("mapping", readme_table, "benches/peers/map_peers.py")
