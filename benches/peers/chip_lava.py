"""One network in Lava: its spikes, and what a step takes. Run by chip.py in Lava's environment, under a timer.

    python chip_lava.py NETWORK.npz STEPS SECONDS

Prints a line of JSON. Spikes come from a run with a probe, times from another one without it.
"""

import json
import sys
import time

import numpy as np
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.proc.dense.process import Dense
from lava.proc.io.sink import RingBuffer
from lava.proc.lif.process import LIF
from lava.proc.sparse.process import DelaySparse, Sparse
from lava.utils.weightutils import SignMode
from scipy.sparse import csr_matrix

CONFIGURATION = Loihi2SimCfg(select_tag="fixed_pt")


def network(case):
    """The neurons and the connection that leads from them to them."""
    n = len(case["bias"])
    neurons = LIF(shape=(n,), du=int(case["du"]), dv=int(case["dv"]), vth=int(case["vth"]),
                  bias_mant=case["bias"], v=case["v"])
    common = {"weight_exp": 0, "num_weight_bits": 8, "sign_mode": SignMode.MIXED}
    kind, weights, where = str(case["kind"]), case["weight"], (case["post"], case["pre"])
    if kind == "dense":
        matrix = np.zeros((n, n), dtype=int)
        matrix[where] = weights
        synapses = Dense(weights=matrix, **common)
    elif kind == "sparse":
        synapses = Sparse(weights=csr_matrix((weights, where), shape=(n, n)), **common)
    else:
        synapses = DelaySparse(weights=csr_matrix((weights, where), shape=(n, n)),
                               delays=csr_matrix((case["delay"], where), shape=(n, n)), **common)
    neurons.s_out.connect(synapses.s_in)
    synapses.a_out.connect(neurons.a_in)
    return neurons


def spikes(case, steps):
    neurons = network(case)
    sink = RingBuffer(shape=neurons.s_out.shape, buffer=steps)
    neurons.s_out.connect(sink.a_in)
    neurons.run(condition=RunSteps(num_steps=steps), run_cfg=CONFIGURATION)
    data = sink.data.get()
    neurons.stop()
    node, step = np.nonzero(data)
    return sorted([int(t) + 1, int(i)] for t, i in zip(step, node))


def seconds_per_step(case, steps, seconds):
    """The least over runs of so many steps, each in a network that has just been made."""
    least, begin = float("inf"), time.perf_counter()
    while least == float("inf") or time.perf_counter() - begin < seconds:
        neurons = network(case)
        neurons.run(condition=RunSteps(num_steps=1), run_cfg=CONFIGURATION)
        before = time.perf_counter()
        neurons.run(condition=RunSteps(num_steps=steps - 1), run_cfg=CONFIGURATION)
        least = min(least, (time.perf_counter() - before) / (steps - 1))
        neurons.stop()
    return least


def main():
    path, steps, seconds = sys.argv[1:]
    case, steps = np.load(path), int(steps)
    print(json.dumps({"spikes": spikes(case, steps),
                      "us_per_step": seconds_per_step(case, steps, float(seconds)) * 1e6}))


if __name__ == "__main__":
    main()
