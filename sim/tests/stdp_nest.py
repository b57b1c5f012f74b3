"""Writes sim/tests/data/stdp_nest.json: weights of plastic synapses between two parrots in NEST.

    python sim/tests/stdp_nest.py

Needs NEST 3.10 and NumPy. Times are in steps of `dt` ms: `pre` and `post` are when the two neurons fire,
`weights` is the weight that every presynaptic spike carries. Parameters have the names of rheobase-net.
"""

import json
import pathlib

import nest
import numpy as np

PAIR = {
    "tau_plus": "tau_plus",
    "lambda": "lambda",
    "alpha": "alpha",
    "mu_plus": "mu_plus",
    "mu_minus": "mu_minus",
    "w_max": "Wmax",
}
TRIPLET = {
    "tau_plus": "tau_plus",
    "tau_plus_triplet": "tau_plus_triplet",
    "a_plus": "Aplus",
    "a_minus": "Aminus",
    "a_plus_triplet": "Aplus_triplet",
    "a_minus_triplet": "Aminus_triplet",
    "w_max": "Wmax",
}
# The time constants that NEST keeps in the neuron.
NEURON = {"tau_minus": "tau_minus", "tau_minus_triplet": "tau_minus_triplet"}


def weights(case):
    """The weight of every presynaptic spike, from NEST."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    dt, rule = case["dt"], case["rule"]
    nest.resolution = dt
    of_neuron = {theirs: rule[ours] for ours, theirs in NEURON.items() if ours in rule}
    pre, post = nest.Create("parrot_neuron"), nest.Create("parrot_neuron", params=of_neuron)
    for parrot, steps in [(pre, case["pre"]), (post, case["post"])]:
        # A spike reaches the parrot one step after it left the generator.
        times = [(step - 1) * dt for step in steps]
        generator = nest.Create("spike_generator", params={"spike_times": times})
        nest.Connect(generator, parrot, syn_spec={"delay": dt})
    recorder = nest.Create("weight_recorder")
    names = {"pair": ("stdp_synapse", PAIR), "triplet": ("stdp_triplet_synapse", TRIPLET)}
    model, parameters = names[case["kind"]]
    nest.CopyModel(model, "plastic", {"weight_recorder": recorder})
    synapse = {theirs: rule[ours] for ours, theirs in parameters.items()}
    synapse |= {"synapse_model": "plastic", "weight": case["w"], "delay": case["delay"] * dt}
    # Parrots do not repeat what arrives at receptor 1.
    nest.Connect(pre, post, syn_spec=synapse | {"receptor_type": 1})
    last = max(case["pre"] + case["post"]) + case["delay"] + 1
    nest.Simulate((last + 10) * dt)
    events = recorder.events
    assert np.allclose(np.array(events["times"]) / dt, case["pre"]), case["name"]
    return [float(weight) for weight in events["weights"]]


def poisson_like(rng, n, mean):
    """Ascending steps, none twice."""
    return np.cumsum(1 + rng.geometric(1.0 / mean, n)).tolist()


def cases():
    rng = np.random.default_rng(2003)
    pair = {"tau_plus": 16.8, "tau_minus": 33.7, "lambda": 0.05, "alpha": 1.05, "w_max": 2.0}
    triplet = {
        "tau_plus": 16.8,
        "tau_plus_triplet": 101.0,
        "tau_minus": 33.7,
        "tau_minus_triplet": 125.0,
        "a_plus": 5e-3,
        "a_minus": 7e-3,
        "a_plus_triplet": 6.2e-3,
        "a_minus_triplet": 2.3e-3,
        "w_max": 1.0,
    }
    additive, multiplicative = {"mu_plus": 0.0, "mu_minus": 0.0}, {"mu_plus": 1.0, "mu_minus": 1.0}
    mixed = {"mu_plus": 0.4, "mu_minus": 0.7}
    rules = [
        ("additive", "pair", pair | additive | {"lambda": 0.008}, 1.0),
        ("multiplicative", "pair", pair | multiplicative, 0.3),
        ("mixed", "pair", pair | mixed, 1.9),
        ("inhibitory", "pair", pair | mixed | {"w_max": -2.0}, -1.5),
        ("upper bound", "pair", pair | additive | {"lambda": 0.4, "alpha": 0.1}, 1.0),
        ("lower bound", "pair", pair | additive | {"lambda": 0.4, "alpha": 2.0}, 1.0),
        ("triplet", "triplet", triplet, 0.5),
        ("triplet, upper bound", "triplet", triplet | {"a_plus_triplet": 0.5}, 0.5),
        ("triplet, lower bound", "triplet", triplet | {"a_minus": 0.3}, 0.5),
        ("triplet, inhibitory", "triplet", triplet | {"w_max": -1.0}, -0.5),
    ]
    # Delays from one step to many interspike intervals; intervals in steps.
    delays, means = [1, 7, 25, 200], [40, 8, 80]
    for k, (name, kind, rule, w) in enumerate(rules):
        for dt in [0.1, 0.125]:
            delay, mean = delays[(k + (dt == 0.125)) % len(delays)], means[k % len(means)]
            pre, post = poisson_like(rng, 25, mean), poisson_like(rng, 40, mean)
            case = {"name": f"{name}, dt {dt}", "kind": kind, "dt": dt, "delay": delay, "w": w}
            yield case | {"rule": rule, "pre": pre, "post": post}
    # Spikes of both neurons that reach the synapse together, in every order with others.
    for kind, rule in [("pair", pair | mixed), ("triplet", triplet)]:
        pre = [10, 20, 21, 30, 50, 51, 52, 80]
        post = [step - 5 for step in [10, 20, 22, 30, 31, 50, 52, 80]]
        case = {"name": f"together, {kind}", "kind": kind, "dt": 0.1, "delay": 5, "w": 0.5}
        yield case | {"rule": rule, "pre": pre, "post": post}
    # A presynaptic spike that counts twice, and silence on either side.
    rule = pair | mixed
    case = {"kind": "pair", "dt": 0.1, "delay": 3, "w": 0.5, "rule": rule}
    yield case | {"name": "twice", "pre": [10, 20, 20, 40], "post": [5, 15, 30]}
    yield case | {"name": "late", "pre": [5, 900, 901], "post": [10, 11, 500, 880, 895]}


def main():
    written = [case | {"weights": weights(case)} for case in cases()]
    path = pathlib.Path(__file__).parent / "data" / "stdp_nest.json"
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"made_by": "NEST %s, sim/tests/stdp_nest.py", "cases": [\n' % nest.__version__)
        file.write(",\n".join(json.dumps(case) for case in written))
        file.write("\n]}\n")


if __name__ == "__main__":
    main()
