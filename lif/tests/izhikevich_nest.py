"""Writes izhikevich.csv, beside this file, with NEST 3.10 (model izhikevich, consistent_integration).

    python3 izhikevich_nest.py      # where `import nest` works

Five of the published kinds of neuron for 300 ms in steps of 0.1 ms, each with a constant current and a
train of input spikes of a weight in mV; potential and recovery variable every millisecond, and spikes.
"""

import csv
import os

import nest

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = [  # a, b, c, d, I_e, weight
    (0.02, 0.2, -65.0, 8.0, 10.0, 3.0),
    (0.02, 0.2, -55.0, 4.0, 10.0, -5.0),
    (0.02, 0.2, -50.0, 2.0, 10.0, 4.0),
    (0.1, 0.2, -65.0, 2.0, 6.0, 2.5),
    (0.02, 0.25, -65.0, 2.0, 0.5, 12.0),
]
INPUT = [10.0 + 7.3 * k for k in range(35)]

nest.set_verbosity("M_ERROR")
nest.resolution = 0.1
neurons = nest.Create("izhikevich", len(KINDS))
for neuron, (a, b, c, d, i_e, _) in zip(neurons, KINDS):
    neuron.set(a=a, b=b, c=c, d=d, I_e=i_e, V_m=-65.0, U_m=b * -65.0, V_th=30.0, consistent_integration=True)
source = nest.Create("spike_generator", params={"spike_times": [round(t, 1) for t in INPUT]})
for neuron, kind in zip(neurons, KINDS):
    nest.Connect(source, neuron, syn_spec={"weight": kind[5], "delay": 0.1})
meter = nest.Create("multimeter", params={"record_from": ["V_m", "U_m"], "interval": 1.0})
recorder = nest.Create("spike_recorder")
nest.Connect(meter, neurons)
nest.Connect(neurons, recorder)
nest.Simulate(300.0)

rows = [["neuron", k, *kind] for k, kind in enumerate(KINDS)]
rows += [["input", "", repr(round(t, 1)), "", "", "", "", ""] for t in INPUT]
first = neurons[0].global_id
for t, sender in zip(recorder.events["times"], recorder.events["senders"]):
    rows.append(["spike", sender - first, repr(round(float(t), 1)), "", "", "", "", ""])
events = meter.events
for t, sender, v, u in zip(events["times"], events["senders"], events["V_m"], events["U_m"]):
    rows.append(["state", sender - first, repr(float(t)), repr(float(v)), repr(float(u)), "", "", ""])
with open(os.path.join(HERE, "izhikevich.csv"), "w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows([["what", "neuron", *"a_or_t b_or_v c_or_u d i weight".split()], *rows])
