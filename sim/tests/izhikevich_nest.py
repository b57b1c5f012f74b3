"""Writes sim/tests/data/izhikevich_nest.json: networks of Izhikevich's neurons in NEST.

    python sim/tests/izhikevich_nest.py

Needs NEST 3.10 and NumPy. The model is `izhikevich` with consistent_integration, by Euler's method. Spikes and
delays are in steps of `dt` ms; a synapse is [source, target, weight, delay], an input's spike [step, input]. The
potentials are those of all neurons at the end.
"""

import json
import pathlib

import nest
import numpy as np

# Regular spiking, intrinsically bursting, chattering, fast spiking, low threshold (Izhikevich 2003, figure 2).
KINDS = [(0.02, 0.2, -65.0, 8.0), (0.02, 0.2, -55.0, 4.0), (0.02, 0.2, -50.0, 2.0), (0.1, 0.2, -65.0, 2.0),
         (0.02, 0.25, -65.0, 2.0)]


def draw(rng, n, n_inputs, steps, dt):
    """A network of `n` neurons, its inputs, and everything that is random about it."""
    kinds = [KINDS[k] for k in rng.integers(0, len(KINDS), n)]
    inhibitory = rng.random(n) < 0.25
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j and rng.random() < 0.15]
    weights = {i: -2.5 if inhibitory[i] else 1.75 for i in range(n)}
    synapses = [(i, j, weights[i], int(rng.integers(1, 60))) for i, j in pairs]
    inputs = [(k, int(j), 3.25, int(rng.integers(1, 20))) for k in range(n_inputs) for j in rng.integers(0, n, 4)]
    trains = [np.unique(rng.integers(1, steps, 40)).tolist() for _ in range(n_inputs)]
    return {"dt": dt, "steps": steps, "kinds": kinds, "i_bias": np.round(rng.uniform(2.0, 7.0, n), 3).tolist(),
            "v_init": np.round(rng.uniform(-70.0, -55.0, n), 3).tolist(), "synapses": synapses,
            "n_inputs": n_inputs, "input_synapses": inputs,
            "input_spikes": sorted([step, k] for k, train in enumerate(trains) for step in train)}


def run(case):
    """Adds what NEST makes of it."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    dt = nest.resolution = case["dt"]
    neurons = nest.Create("izhikevich", len(case["kinds"]))
    for neuron, (a, b, c, d), i_e, v in zip(neurons, case["kinds"], case["i_bias"], case["v_init"]):
        neuron.set(a=a, b=b, c=c, d=d, I_e=i_e, V_m=v, U_m=b * v, V_th=30.0, consistent_integration=True)
    times = [[step * dt for step, k in case["input_spikes"] if k == i] for i in range(case["n_inputs"])]
    generators = nest.Create("spike_generator", case["n_inputs"], params=[{"spike_times": train} for train in times])
    for sources, synapses in [(neurons, case["synapses"]), (generators, case["input_synapses"])]:
        for i, j, weight, delay in synapses:
            nest.Connect(sources[i], neurons[j], syn_spec={"weight": weight, "delay": delay * dt})
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    nest.Simulate(case["steps"] * dt)
    senders, times = recorder.events["senders"] - neurons[0].global_id, recorder.events["times"]
    spikes = sorted([int(round(t / dt)), int(sender)] for t, sender in zip(times, senders))
    assert len(spikes) > 10 * len(case["kinds"]), "too quiet to show anything"
    return case | {"spikes": spikes, "v": [float(v) for v in neurons.V_m]}


def main():
    rng = np.random.default_rng(2003)
    cases = [run(draw(rng, 30, 10, 5000, 0.1)), run(draw(rng, 20, 5, 4000, 0.125))]
    path = pathlib.Path(__file__).parent / "data" / "izhikevich_nest.json"
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"made_by": "NEST %s, sim/tests/izhikevich_nest.py", "cases": [\n' % nest.__version__)
        file.write(",\n".join(json.dumps(case, separators=(",", ":")) for case in cases))
        file.write("\n]}\n")


if __name__ == "__main__":
    main()
