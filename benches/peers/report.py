"""The tables of a measurement: a page beside its JSON, and a short one in the README, both from the JSON alone."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Callable

import agreement

README = Path(__file__).resolve().parents[2] / "README.md"
SOURCE = "benches/runs/"
PEERS = ["Brian2", "NEST", "Arbor"]

NOTES = """\
- CPU time is user and system time of the timed run, of all threads; building, compiling and the warm-up are apart.
  All spikes are recorded. A synaptic event is a spike that arrives by a recurrent synapse; external Poisson input is
  not counted. *Ratio* is CPU time per biological second over that of our fastest row with as many threads.
- Brian2 is compiled C++ (`cpp_standalone`, `-O3 -ffast-math -march=native`); *build* names its compiler's time after
  the plus. Its memory is that of the compiled program. A jump of the potential by a delta synapse meets the threshold
  one step (0.1 ms) later than in NEST and ours; its refractory time is set one step longer, which makes it NEST's.
  The Poisson input of `brunel-delta` and `pd14` is drawn from a binomial distribution (`PoissonInput`). `coba` is
  integrated by exponential Euler, in NEST by an adaptive Runge-Kutta-Fehlberg method.
- Arbor's times are real numbers, as those of our event scheduler; the grid's simulators synchronize spikes to 0.1 ms.
- Each round has its own seed; simulators draw networks and input by their own generators, so that rates scatter.
  `lsm-*` of the peers are drawn by one script and handed over as lists, whose drawing is not in *build*."""


def page(measured):
    """The page of a measurement."""
    machine = measured["machine"]
    lines = [f"# Ours and the peers, {measured['date']}", ""]
    if measured["quick"]:
        lines += ["**A quick run: small networks, one round. For seeing that everything runs, not for quoting.**", ""]
    lines += [describe_machine(machine, measured), "",
              "| network | simulator | CPU s / bio s | wall s / bio s | M events / CPU s | build s | RSS MB | rate Hz | CV "
              "| correlation | ratio |",
              "|" + "---|" * 11]
    for comparison in measured["comparisons"]:
        lines += rows(comparison)
    lines += ["", "Median (least–most) of the rounds. Network: its neurons, or its scale. Notes:", "", NOTES,
              *silent(measured), ""]
    lines += population_tables(measured)
    lines += ["## Same networks?", ""]
    if measured["faults"]:
        lines += ["Not in order:", "", *(f"- {fault}" for fault in measured["faults"])]
    else:
        lines += ["Rates, CVs and correlations agree within the tolerances of `benches/peers/cases.py`."]
    for comparison in measured["comparisons"]:
        lines += [f"- {comparison['title']}: {name} failed: {why}" for name, why in comparison["failed"].items()]
    return "\n".join(lines) + "\n"


def describe_machine(machine, measured):
    engines = sorted({run["engine"] for comparison in measured["comparisons"] for run in comparison["runs"]
                      if not run["simulator"].startswith("Rheobase")})
    loads = [run["load"] for comparison in measured["comparisons"] for run in comparison["runs"]]
    most = max(loads, default=0.0)
    loaded = f" Other work was running: the load before a run was up to {most:.1f}." if most > 1.5 else ""
    return (f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']:g} GB, {machine['system']} "
            f"{machine['kernel']}; gcc {machine['gcc']}, Python {machine['python']}; Rheobase {machine['commit']} "
            f"(program {machine['program']}), "
            f"{', '.join(engines)}. {measured['rounds']} round{'s' if measured['rounds'] > 1 else ''}.{loaded}")


def rows(comparison):
    runs = agreement.by_simulator(comparison)
    return [row(comparison, name, mine, best_of_ours(runs, mine[0]["threads"])) for name, mine in runs.items()]


def row(comparison, name, runs, best):
    cost = [run["cpu_s_per_bio_s"] for run in runs]
    speed = [run["synaptic_events"] / run["cpu_s"] / 1e6 for run in runs if run["cpu_s"] > 0]
    build = number(middle(runs, "build_s")) + (f" + {number(middle(runs, 'compile_s'))}" if "compile_s" in runs[0] else "")
    ratio = "" if best is None else number(median(cost) / best)
    cells = [comparison["title"], name, spread(cost), number(middle(runs, "rtf")), number(median(speed)) if speed else "–",
             build, number(middle(runs, "peak_rss_mb")), number(middle(runs, "rate_hz")), number(middle(runs, "cv_isi")),
             number(middle(runs, "corr")), ratio]
    return f"| {' | '.join(cells)} |"


def best_of_ours(runs, threads):
    """CPU seconds per biological second of our fastest row with so many threads."""
    costs = [median(run["cpu_s_per_bio_s"] for run in mine) for name, mine in runs.items()
             if name.startswith("Rheobase") and mine[0]["threads"] == threads]
    return min(costs, default=None)


def silent(measured):
    counts = [f"{name} {count}" for comparison in measured["comparisons"] for name, count in comparison["silent"].items()
              if count]
    titles = {comparison["title"] for comparison in measured["comparisons"] if comparison["silent"]}
    if not counts:
        return []
    return [f"- Draws that fell silent and gave way to another seed ({', '.join(sorted(titles))}): {', '.join(counts)}."]


def population_tables(measured):
    """Of the microcircuit, every population; distances are those of the first rounds."""
    lines = []
    for comparison in measured["comparisons"]:
        runs, first = agreement.by_simulator(comparison), agreement.yardstick(comparison)
        if comparison["name"] != "pd14" or not runs:
            continue
        lines += [f"## Populations of {comparison['title']}", "",
                  "| population | simulator | rate Hz | CV | correlation (2 ms) | D(rate) | D(CV) | D(correlation) |",
                  "|---|---|---|---|---|---|---|---|"]
        for population in next(iter(runs.values()))[0]["populations"]:
            lines += [population_row(population, name, mine, runs.get(first)) for name, mine in runs.items()]
        if first is not None:
            lines += ["", f"D: Kolmogorov and Smirnov's distance of the distribution over neurons or pairs from {first}'s, "
                      f"of the first round; for {first} itself, that of its first two rounds."]
        lines.append("")
    return lines


def population_row(population, name, runs, yardstick):
    found = [run["populations"][population] for run in runs]
    cells = [population, name] + [number(middle(found, key)) for key in ("rate_hz", "cv_isi", "corr")]
    cells += [number(distance(population, key, runs, yardstick)) for key in ("rate_counts", "cv_counts", "corr_counts")]
    return f"| {' | '.join(cells)} |"


def distance(population, key, runs, yardstick):
    import stats

    if yardstick is None or (runs is yardstick and len(runs) < 2):
        return None
    other = runs[1] if runs is yardstick else runs[0]
    return stats.ks_distance(other["populations"][population][key], yardstick[0]["populations"][population][key])


def readme_table(measured, source):
    """One row a network: CPU seconds per biological second on one thread, and how many times ours."""
    machine = measured["machine"]
    lines = ["CPU seconds for one biological second, one thread, all spikes recorded; medians of "
             f"{measured['rounds']} rounds in turns on {machine['cpu']}, {machine['cores']} cores. In parentheses, how "
             "many times ours. Versions, statistics, memory, and the notes without which such a table means little: "
             f"[{source}]({SOURCE}{source}).", "",
             "| network | rate | ours | " + " | ".join(PEERS) + " |", "|---|---|---|" + "---|" * len(PEERS)]
    for comparison in measured["comparisons"]:
        runs = {name: mine for name, mine in agreement.by_simulator(comparison).items() if mine[0]["threads"] == 1}
        best = best_of_ours(runs, 1)
        if best is None:
            continue
        name = min((name for name in runs if name.startswith("Rheobase")),
                   key=lambda name: median(run["cpu_s_per_bio_s"] for run in runs[name]))
        cells = [comparison["title"], f"{number(middle(runs[name], 'rate_hz'))} Hz",
                 f"**{number(best)}** ({name.split(', ')[1]})"]
        for peer in PEERS:
            cost = median(run["cpu_s_per_bio_s"] for run in runs[peer]) if peer in runs else None
            cells.append("–" if cost is None else f"{number(cost)} ({number(cost / best)}×)")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


@dataclass(frozen=True)
class Place:
    """A table of the README: the name in its marks, what makes it of a measurement, and the script that writes it."""

    name: str
    table: Callable
    script: str

    def marks(self):
        return f"<!-- {self.name}:begin -->", f"<!-- {self.name}:end -->"


# The table of the simulators.
PEERS_TABLE = Place("peers", readme_table, "benches/peers/compare.py")


def write_readme(path, place):
    """Puts the table of a measurement between the marks of the README."""
    text = README.read_text()
    README.write_text(replaced(text, place.table(json.loads(path.read_text()), path.with_suffix(".md").name), place))


def check_readme(runs, place):
    """Exit code: 0 if the README's table is that of the measurement that it names."""
    text = README.read_text()
    begin, end = place.marks()
    if begin not in text:
        return fault(f"README.md has no {begin}")
    table = text[text.index(begin) : text.index(end)]
    if SOURCE not in table:
        return fault(f"the table of README.md names no file of {SOURCE}")
    name = Path(table[table.index("(" + SOURCE) + 1 :].split(")")[0]).name
    path = (runs / name).with_suffix(".json")
    if not path.exists():
        return fault(f"the table of README.md is of {name}, which has no JSON beside it")
    if replaced(text, place.table(json.loads(path.read_text()), name), place) != text:
        return fault(f"the table of README.md is not that of {path.name}: "
                     f"python {place.script} --from {SOURCE}{path.name} --readme")
    return 0


def fault(what):
    print(what, file=sys.stderr)
    return 1


def replaced(text, table, place):
    begin, end = place.marks()
    if begin not in text or end not in text:
        raise SystemExit(f"README.md needs the marks {begin} and {end}")
    return text[: text.index(begin)] + f"{begin}\n{table}\n" + text[text.index(end) :]


def middle(runs, key):
    values = [run[key] for run in runs if run.get(key) is not None]
    return median(values) if values else None


def spread(values):
    if len(values) == 1:
        return number(values[0])
    return f"{number(median(values))} ({number(min(values))}–{number(max(values))})"


def number(value):
    """Three digits; whole numbers above a thousand."""
    if value is None:
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    text = f"{value:.3g}"
    return f"{value:.4f}".rstrip("0") if "e" in text and abs(value) >= 1e-4 else text
