"""Golden vectors of the models that a liquid rarely has, made by Lava 0.10.0 in the schema lava-golden/1.

    python make.py FOLDER        in an environment with lava-nc 0.10.0 (benches/peers/requirements-lava.txt)

One process at a time stands between sources and a sink; what it sends and its variables are read after every step.
"""

import json
import sys
from pathlib import Path

import numpy as np
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.proc.dense.process import Dense
from lava.proc.graded.process import GradedReluVec, GradedVec
from lava.proc.io.sink import RingBuffer as Sink
from lava.proc.io.source import RingBuffer as Source
from lava.proc.prodneuron.process import ProdNeuron
from lava.proc.rf.process import RF
from lava.proc.rf_iz.process import RF_IZ
from lava.proc.sdn.process import ActivationMode, Delta, Sigma, SigmaDelta
from lava.utils.weightutils import SignMode

STEPS, N = 30, 6
MIXED = {"sign_mode": SignMode.MIXED, "num_weight_bits": 8}


def listed(value):
    return np.asarray(value).astype(int).tolist()


def run(name, process, node, ports, variables, tags, seed, direct=False, weight_exp=0, scale=20):
    """`ports` are the names of Lava's inputs; each gets a source of its own, by a wire or by weights."""
    rng = np.random.default_rng(seed)
    nodes, connections = [], []
    for port in ports:
        data = rng.integers(-scale, scale + 1, (STEPS, N)) * (rng.random((STEPS, N)) < 0.5)
        if direct:
            data[1] = 100 * scale
        source = Source(data=data.T.astype(int))
        id = f"in_{port}"
        nodes.append({"id": id, "kind": "source", "n": N, "data": listed(data)})
        connection = {"id": f"c_{port}", "from": id, "to": "p0", "port": port}
        if direct:
            source.s_out.connect(getattr(process, port))
            connections.append({**connection, "kind": "direct"})
            continue
        weights = rng.integers(-100, 101, (N, N))
        synapses = Dense(weights=weights, num_message_bits=16, weight_exp=weight_exp, **MIXED)
        source.s_out.connect(synapses.s_in)
        synapses.a_out.connect(getattr(process, port))
        connections.append({**connection, "kind": "dense", "weights": listed(weights), "num_message_bits": 16,
                            "weight_exp": weight_exp, "num_weight_bits": 8, "sign_mode": "mixed"})
    sink = Sink(shape=(N,), buffer=STEPS)
    process.s_out.connect(sink.a_in)
    expected = {variable: [] for variable in variables}
    for _ in range(STEPS):
        process.run(condition=RunSteps(num_steps=1), run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
        for variable in variables:
            expected[variable].append(listed(getattr(process, variable).get()))
    expected["s"] = listed(sink.data.get().T)
    process.stop()
    vector = {"schema": "lava-golden/1", "name": name, "steps": STEPS, "arith": "fixed", "tags": tags,
              "nodes": [*nodes, {"id": "p0", "n": N, **node}], "connections": connections, "expected": {"p0": expected}}
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(vector) + "\n")
    print(name, "messages:", int(np.count_nonzero(expected["s"])), flush=True)


def resonator(kind, seed, period, alpha):
    vth, state_exp, decay_bits = 20, 6, 12
    process = kind(shape=(N,), period=period, alpha=alpha, vth=vth, state_exp=state_exp, decay_bits=decay_bits)
    name = "rf" if kind is RF else "rf_iz"
    derived = {key: int(np.asarray(getattr(process, key).init).ravel()[0])
               for key in ("sin_decay", "cos_decay", "vth", "state_exp", "decay_bits")}
    run(f"{name}_{seed}", process, {"kind": name, "params": {}, "derived": derived}, ("a_real_in", "a_imag_in"),
        ("real", "imag"), [name], seed)


def main():
    for seed, vth in ((0, 500), (1, 0)):
        run(f"graded_vec_{seed}", GradedVec(shape=(N,), vth=vth), {"kind": "graded_vec", "params": {"vth": vth}},
            ("a_in",), ("v",), ["graded"], seed)
        run(f"graded_relu_vec_{seed}", GradedReluVec(shape=(N,), vth=vth),
            {"kind": "graded_relu_vec", "params": {"vth": vth}}, ("a_in",), ("v",), ["graded"], seed + 10)
        run(f"prod_neuron_{seed}", ProdNeuron(shape=(N,), vth=vth, exp=seed * 3),
            {"kind": "prod_neuron", "params": {"vth": vth, "exp": seed * 3}}, ("a_in1", "a_in2"), ("v",), ["graded"],
            seed + 20, scale=[300, 20][seed])
        run(f"sigma_{seed}", Sigma(shape=(N,)), {"kind": "sigma", "params": {}}, ("a_in",), ("sigma",), ["sigma"],
            seed + 30, direct=seed == 1)
        for cum_error in (False, True):
            params = {"vth": 3, "cum_error": cum_error, "spike_exp": 1, "state_exp": 2 - seed}
            run(f"delta_{seed}_{int(cum_error)}", Delta(shape=(N,), **params), {"kind": "delta", "params": params},
                ("a_in",), ("act", "residue", "error"), ["delta"], seed + 40, direct=seed == 1, scale=6)
            run(f"sigma_delta_{seed}_{int(cum_error)}",
                SigmaDelta(shape=(N,), bias=5, act_mode=[ActivationMode.RELU, ActivationMode.UNIT][seed], **params),
                {"kind": "sigma_delta", "params": {**params, "bias": 5, "act": ["relu", "unit"][seed]}},
                ("a_in",), ("sigma", "act", "residue", "error"), ["sigma_delta"], seed + 50, weight_exp=-seed)
    for seed, (period, alpha) in enumerate(((10, 0.07), (3, 0.3))):
        resonator(RF, seed, period, alpha)
        resonator(RF_IZ, seed, period, alpha)


if __name__ == "__main__":
    main()
