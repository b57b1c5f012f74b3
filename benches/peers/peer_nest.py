"""Times a benchmark network in NEST.

    python peer_nest.py cuba --n 4000 --seconds 1

Homogeneous weights are given as `static_synapse_hom_w`, which saves NEST half of a synapse's memory. One recorder
takes the spikes of all neurons, in memory.
"""

import nest
import numpy as np

import networks
import peer
from nest_names import MODELS, parameters
from networks import BRUNEL, COBA, CUBA, DT, LSM, PD14


def start(case):
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": DT, "local_num_threads": case.threads, "rng_seed": case.seed})
    return peer.Stopwatch()


def finish(case, building, neurons, out_degree, populations=()):
    """Records, warms up and times; `building` has run since the network was begun."""
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    nest.Prepare()
    build_s, _ = building.read()
    nest.Run(case.warm_up)
    timed = peer.Stopwatch()
    nest.Run(case.duration_ms)
    sim_s, cpu_s = timed.read()
    nest.Cleanup()
    events = recorder.events
    return peer.Outcome(
        engine=f"NEST {nest.__version__}", build_s=build_s, sim_s=sim_s, cpu_s=cpu_s, t_ms=events["times"],
        node=events["senders"] - neurons[0].global_id, out_degree=out_degree, populations=list(populations),
        peak_rss_mb=peer.peak_rss_mb())


def fixed_in_degree(sources, targets, k, weight, delay, name):
    nest.CopyModel("static_synapse_hom_w", name, {"weight": weight, "delay": delay})
    nest.Connect(sources, targets, {"rule": "fixed_indegree", "indegree": k}, {"synapse_model": name})


def connect_by_sign(case, p, neurons):
    """Every neuron gets k_ex excitatory and k_in inhibitory synapses."""
    n_exc = networks.n_excitatory(case.n)
    for sign, sources in [("ex", neurons[:n_exc]), ("in", neurons[n_exc:])]:
        fixed_in_degree(sources, neurons, p[f"k_{sign}"], p[f"w_{sign}"], p["delay"], sign)


def cuba(case):
    building, p = start(case), CUBA
    neurons = nest.Create(MODELS["exp"], case.n, parameters(p, "exp"))
    neurons.V_m = networks.vogels_abbott_start("cuba", case.n, np.random.default_rng(case.seed))["v"].tolist()
    connect_by_sign(case, p, neurons)
    return finish(case, building, neurons, peer.vogels_abbott_out_degree(case))


def coba(case):
    building, p = start(case), COBA
    neurons = nest.Create(MODELS["cond"], case.n, parameters(p, "cond"))
    first = networks.vogels_abbott_start("coba", case.n, np.random.default_rng(case.seed))
    neurons.set({"V_m": first["v"].tolist(), "g_ex": first["g_ex"].tolist(), "g_in": first["g_in"].tolist()})
    connect_by_sign(case, p, neurons)
    return finish(case, building, neurons, peer.vogels_abbott_out_degree(case))


def brunel_delta(case):
    building, p = start(case), BRUNEL
    n_exc = networks.n_excitatory(case.n)
    neurons = nest.Create(MODELS["delta"], case.n, parameters(p | {"v_init": p["v_rest"]}, "delta"))
    k_ex, k_in = networks.brunel_in_degrees(case.n)
    fixed_in_degree(neurons[:n_exc], neurons, k_ex, p["j"], p["delay"], "ex")
    fixed_in_degree(neurons[n_exc:], neurons, k_in, -p["g"] * p["j"], p["delay"], "in")
    noise = nest.Create("poisson_generator", params={"rate": networks.brunel_input_rate()})
    nest.Connect(noise, neurons, "all_to_all", {"weight": p["j"], "delay": p["delay"]})
    return finish(case, building, neurons, peer.brunel_out_degree(case))


def lsm(case):
    liquid = networks.liquid(case.n, np.random.default_rng(case.seed))
    building, p = start(case), LSM
    synapse_kind = "delta" if case.name == "lsm-delta" else "exp"
    neurons = nest.Create(MODELS[synapse_kind], case.n, parameters(p, synapse_kind))
    neurons.set({"V_m": liquid.v.tolist(), "t_ref": liquid.t_ref.tolist()})
    first, weight, delay = neurons[0].global_id, liquid.weight(case.name), liquid.delay()
    for kind in range(4):
        mine = liquid.kind == kind
        if not mine.any():
            continue
        synapse = {"synapse_model": "static_synapse", "weight": weight[mine], "delay": delay[mine]}
        if case.name == "lsm-stp":
            u, tau_rec, tau_fac = networks.LSM_STP[kind]
            synapse |= {"synapse_model": "tsodyks2_synapse"}
            # A synapse starts at rest: u = U. NEST's default for u is 0.5 whatever U is.
            nest.SetDefaults("tsodyks2_synapse", {"U": u, "u": u, "x": 1.0, "tau_rec": tau_rec, "tau_fac": tau_fac})
        nest.Connect(first + liquid.source[mine], first + liquid.target[mine], "one_to_one", synapse)
    noise = nest.Create("poisson_generator", params={"rate": p["input_rate"]})
    nest.Connect(noise, nest.NodeCollection((first + liquid.input_neurons).tolist()), "all_to_all",
                 {"weight": networks.LSM_INPUT_WEIGHT[case.name], "delay": p["input_delay"]})
    return finish(case, building, neurons, np.bincount(liquid.source, minlength=case.n).astype(float))


def pd14(case):
    building, p = start(case), PD14
    circuit = networks.pd14(case.scale)
    populations = []
    for i, size in enumerate(circuit.size):
        neuron = p | {"tau_syn_ex": p["tau_syn"], "tau_syn_in": p["tau_syn"], "i_bias": circuit.dc[i]}
        population = nest.Create(MODELS["exp"], int(size), parameters(neuron, "exp"))
        population.V_m = nest.random.normal(networks.PD14_V_MEAN[i], networks.PD14_V_SD[i])
        populations.append(population)
    for i, target in enumerate(populations):
        for j, source in enumerate(populations):
            if circuit.synapses[i, j] > 0:
                connect_random(source, target, circuit, i, j)
        noise = nest.Create("poisson_generator", params={"rate": p["input_rate"] * circuit.k_ext[i]})
        nest.Connect(noise, target, "all_to_all", {"weight": circuit.input_weight, "delay": p["input_delay"]})
    neurons = sum(populations[1:], populations[0])
    return finish(case, building, neurons, peer.pd14_out_degree(circuit), peer.pd14_populations(circuit))


def connect_random(source, target, circuit, i, j):
    """Weights keep their sign; a delay below a step is drawn again, and the nearest step is taken."""
    weight, delay = circuit.weight[i, j], circuit.delay[i, j]
    drawn = nest.random.normal(weight, abs(weight) * PD14["weight_sd"])
    low, high = (0.0, np.inf) if weight > 0 else (-np.inf, 0.0)
    drawn_delay = nest.random.normal(delay, delay * PD14["delay_sd"])
    synapse = {"synapse_model": "static_synapse", "weight": nest.math.redraw(drawn, min=low, max=high),
               "delay": nest.math.redraw(drawn_delay, min=DT / 2, max=np.inf)}
    nest.Connect(source, target, {"rule": "fixed_total_number", "N": int(circuit.synapses[i, j])}, synapse)


NETWORKS = {"lsm-delta": lsm, "lsm-exp": lsm, "lsm-stp": lsm, "cuba": cuba, "coba": coba,
            "brunel-delta": brunel_delta, "pd14": pd14}

if __name__ == "__main__":
    peer.run(__doc__, NETWORKS)
