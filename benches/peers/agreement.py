"""Whether the simulators of a comparison ran the same network: their statistics against each other.

The first peer of a comparison is the yardstick (NEST, where it takes part), the means over the rounds are compared,
and what is out of tolerance is told in a sentence. Of the microcircuit also every population's rate is compared, and
the distributions' distances are listed beside the distance of two rounds of the yardstick.
"""

import math
from statistics import mean

OBSERVABLES = {"rate_hz": "rate", "cv_isi": "CV", "corr": "correlation"}
# A population of the microcircuit may be off by this share of its rate, or by this many Hz if that is more.
POPULATION_RATE, POPULATION_HZ = 0.25, 0.5


def by_simulator(comparison):
    """The runs of each simulator, in the order of the contenders."""
    runs = {}
    for run in comparison["runs"]:
        runs.setdefault(run["simulator"], []).append(run)
    return runs


def yardstick(comparison):
    """The peer that the others are compared with; nothing if ours ran alone."""
    return next((name for name in by_simulator(comparison) if not name.startswith("Rheobase")), None)


def faults(comparison):
    """All disagreements, as sentences."""
    found = [f"{comparison['title']}: {run['simulator']} recorded {run['recorded_spikes']} spikes in a run whose timed "
             f"twin had {run['spikes']}" for run in comparison["runs"]
             if run.get("recorded_spikes", run["spikes"]) != run["spikes"]]
    runs, first = by_simulator(comparison), yardstick(comparison)
    if first is None:
        return found
    slack = max(1.0, math.sqrt(5.0 / comparison["rounds"]))
    for name in runs:
        if name != first:
            found += [f"{comparison['title']}: {text}" for text in
                      off(comparison["tolerance"], slack, name, runs[name], first, runs[first])
                      + populations_off(name, runs[name], first, runs[first], slack)]
    return found


def off(tolerance, slack, name, runs, first, first_runs):
    found = []
    for key, what in OBSERVABLES.items():
        ours, theirs = average(runs, key), average(first_runs, key)
        if ours is None or theirs is None:
            continue
        allowed = slack * (tolerance["rate"] * theirs if key == "rate_hz" else tolerance[{"cv_isi": "cv"}.get(key, key)])
        if abs(ours - theirs) > allowed:
            found.append(f"{what} {ours:.4g} of {name} is not within {allowed:.2g} of {first}'s {theirs:.4g}")
    return found


def populations_off(name, runs, first, first_runs, slack):
    if populations(first_runs) != populations(runs):
        return [f"{name} has the populations {sorted(populations(runs))}, {first} {sorted(populations(first_runs))}"]
    found = []
    for population in sorted(populations(runs)):
        ours, theirs = (mean(run["populations"][population]["rate_hz"] for run in each) for each in (runs, first_runs))
        allowed = slack * max(POPULATION_RATE * theirs, POPULATION_HZ)
        if abs(ours - theirs) > allowed:
            found.append(f"rate {ours:.3g} Hz of {population} of {name} is not within {allowed:.2g} of {first}'s {theirs:.3g}")
    return found


def populations(runs):
    return set.intersection(*(set(run.get("populations", {})) for run in runs))


def average(runs, key):
    values = [run[key] for run in runs if run.get(key) is not None]
    return mean(values) if values else None
