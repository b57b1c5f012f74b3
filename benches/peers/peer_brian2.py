"""Times a benchmark network in Brian2, compiled as a C++ program of its own (`cpp_standalone`).

    python peer_brian2.py cuba --n 4000 --seconds 1

The compiler's options are Brian2's defaults, -O3 -ffast-math -march=native among them. What stands for the
simulator is the compiled program: its time between the end of the warm-up and the end of the run, and its memory.
`build_s` is the time of Brian2's code generation and of the program until its first step, without the compiler's,
which is `compile_s`.

Brian2 and NEST differ in the order of a step; so that both run the same network,

- a spike of Brian2 is stamped at the start of its step: the times here are one step later;
- a neuron of Brian2 rests one step less than `refractory`: it gets one step more;
- a jump of the potential meets the threshold only after the next step's decay, which is left as it is.
"""

import tempfile
from pathlib import Path

import brian2
import numpy as np
from brian2 import Hz, NeuronGroup, PoissonGroup, PoissonInput, SpikeMonitor, Synapses, ms, mV, nS, pA, pF

import networks
import peer
from networks import BRUNEL, COBA, CUBA, DT, LSM, PD14

# Appends "what wall cpu" to a file; of the running program.
MARK = """{
    struct timespec wall, cpu;
    clock_gettime(CLOCK_MONOTONIC, &wall);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    std::ofstream file("marks.txt", std::ios::app);
    file.precision(17);
    file << "%s " << wall.tv_sec + 1e-9 * wall.tv_nsec << " " << cpu.tv_sec + 1e-9 * cpu.tv_nsec << std::endl;
}"""
KEEP_STATUS = """{
    std::ifstream from("/proc/self/status");
    std::ofstream to("status.txt");
    to << from.rdbuf();
}"""


def start(case):
    brian2.set_device("cpp_standalone", build_on_run=False)
    brian2.prefs.devices.cpp_standalone.openmp_threads = 0 if case.threads == 1 else case.threads
    # Two compilers at once, not as many as there are files.
    brian2.prefs.devices.cpp_standalone.extra_make_args_unix = ["-j2"]
    brian2.defaultclock.dt = DT * ms
    brian2.seed(case.seed)
    return peer.Stopwatch()


def finish(case, building, network, neurons, out_degree, populations=()):
    """Compiles, runs, and reads what the program left behind."""
    device, monitor = brian2.get_device(), SpikeMonitor(neurons)
    network = brian2.Network(*network, neurons, monitor)
    device.insert_code("before_start", MARK % "begin")
    device.insert_code("main", MARK % "built")
    if case.warm_up > 0:
        network.run(case.warm_up * ms)
    device.insert_code("main", MARK % "warm")
    network.run(case.duration_ms * ms)
    device.insert_code("main", MARK % "done")
    device.insert_code("before_end", KEEP_STATUS)
    with tempfile.TemporaryDirectory() as folder:
        device.build(directory=folder, run=False, with_output=False)
        generated_s, _ = building.read()
        device.run(folder, "results", False, [])
        marks = {what: (float(wall), float(cpu)) for what, wall, cpu in
                 (line.split() for line in (Path(folder) / "marks.txt").read_text().splitlines())}
        compile_s = device.timers["compile"]["make"]
        elapsed = [done - warm for done, warm in zip(marks["done"], marks["warm"])]
        return peer.Outcome(
            engine=f"Brian2 {brian2.__version__} C++",
            build_s=generated_s - compile_s + marks["built"][0] - marks["begin"][0],
            sim_s=elapsed[0], cpu_s=elapsed[1], t_ms=np.array(monitor.t / ms) + DT, node=np.array(monitor.i),
            out_degree=out_degree, populations=list(populations),
            peak_rss_mb=peer.peak_rss_mb(Path(folder) / "status.txt"), compile_s=compile_s)


def synapses(source, target, pairs, on_pre, delay=None, model="", **keywords):
    """Joins the pairs, sorted by source, which suits Brian2's order of delivery."""
    joined = Synapses(source, target, model, on_pre=on_pre, delay=None if delay is None else delay * ms, **keywords)
    order = np.lexsort((pairs[1], pairs[0]))
    joined.connect(i=pairs[0][order], j=pairs[1][order])
    return joined, order


def fixed_in_degree(case, neurons, parameters, on_pre, rng):
    """Synapses from the excitatory and the inhibitory neurons; `on_pre` by "ex" and "in"."""
    n_exc = networks.n_excitatory(case.n)
    groups = {"ex": (neurons[:n_exc], n_exc), "in": (neurons[n_exc:], case.n - n_exc)}
    return [synapses(group, neurons, networks.fixed_in_degree(size, case.n, parameters[f"k_{sign}"], rng),
                     on_pre[sign], parameters["delay"], namespace={"w": on_pre["w_" + sign]})[0]
            for sign, (group, size) in groups.items()]


def refractory(t_ref):
    return (t_ref + DT) * ms


def cuba(case):
    building, p, rng = start(case), CUBA, np.random.default_rng(case.seed)
    equations = """
        dv/dt = (v_rest - v + (i_ex + i_in) * r_m) / tau_m : volt (unless refractory)
        di_ex/dt = -i_ex / tau_syn_ex : amp
        di_in/dt = -i_in / tau_syn_in : amp"""
    neurons = NeuronGroup(
        case.n, equations, threshold="v >= v_th", reset="v = v_reset", refractory=refractory(p["t_ref"]),
        method="exact", namespace=potentials(p) | {
            "tau_m": p["tau_m"] * ms, "tau_syn_ex": p["tau_syn_ex"] * ms, "tau_syn_in": p["tau_syn_in"] * ms,
            "r_m": p["tau_m"] * ms / (p["c_m"] * pF)})
    neurons.v = networks.vogels_abbott_start("cuba", case.n, rng)["v"] * mV
    joined = fixed_in_degree(case, neurons, p, {"ex": "i_ex_post += w", "in": "i_in_post += w",
                                                "w_ex": p["w_ex"] * pA, "w_in": p["w_in"] * pA}, rng)
    return finish(case, building, joined, neurons, peer.vogels_abbott_out_degree(case))


def coba(case):
    building, p, rng = start(case), COBA, np.random.default_rng(case.seed)
    equations = """
        dv/dt = (g_l * (v_rest - v) + g_ex * (e_ex - v) + g_in * (e_in - v)) / c_m : volt (unless refractory)
        dg_ex/dt = -g_ex / tau_syn_ex : siemens
        dg_in/dt = -g_in / tau_syn_in : siemens"""
    neurons = NeuronGroup(
        case.n, equations, threshold="v >= v_th", reset="v = v_reset", refractory=refractory(p["t_ref"]),
        method="exponential_euler", namespace=potentials(p) | {
            "c_m": p["c_m"] * pF, "g_l": p["g_l"] * nS, "e_ex": p["e_ex"] * mV, "e_in": p["e_in"] * mV,
            "tau_syn_ex": p["tau_syn_ex"] * ms, "tau_syn_in": p["tau_syn_in"] * ms})
    first = networks.vogels_abbott_start("coba", case.n, rng)
    neurons.v, neurons.g_ex, neurons.g_in = first["v"] * mV, first["g_ex"] * nS, first["g_in"] * nS
    joined = fixed_in_degree(case, neurons, p, {"ex": "g_ex_post += w", "in": "g_in_post += w",
                                                "w_ex": p["w_ex"] * nS, "w_in": -p["w_in"] * nS}, rng)
    return finish(case, building, joined, neurons, peer.vogels_abbott_out_degree(case))


def brunel_delta(case):
    building, p, rng = start(case), BRUNEL, np.random.default_rng(case.seed)
    neurons = NeuronGroup(
        case.n, "dv/dt = (v_rest - v) / tau_m : volt (unless refractory)", threshold="v >= v_th",
        reset="v = v_reset", refractory=refractory(p["t_ref"]), method="exact",
        namespace=potentials(p) | {"tau_m": p["tau_m"] * ms})
    neurons.v = p["v_rest"] * mV
    k_ex, k_in = networks.brunel_in_degrees(case.n)
    joined = fixed_in_degree(case, neurons, {"k_ex": k_ex, "k_in": k_in, "delay": p["delay"]},
                             {"ex": "v_post += w", "in": "v_post += w", "w_ex": p["j"] * mV,
                              "w_in": -p["g"] * p["j"] * mV}, rng)
    noise = PoissonInput(neurons, "v", k_ex, networks.brunel_input_rate() / k_ex * Hz, p["j"] * mV)
    return finish(case, building, [*joined, noise], neurons, peer.brunel_out_degree(case))


def lsm(case):
    liquid = networks.liquid(case.n, np.random.default_rng(case.seed))
    building, p, delta = start(case), LSM, case.name == "lsm-delta"
    unit = mV if delta else pA
    currents = "" if delta else """
        di_ex/dt = -i_ex / tau_syn_ex : amp
        di_in/dt = -i_in / tau_syn_in : amp"""
    total = "i_bias" if delta else "(i_bias + i_ex + i_in)"
    neurons = NeuronGroup(
        case.n, f"dv/dt = (v_rest - v + {total} * r_m) / tau_m : volt (unless refractory)\nrest : second {currents}",
        threshold="v >= v_th", reset="v = v_reset", refractory="rest", method="exact",
        namespace=potentials(p) | {
            "tau_m": p["tau_m"] * ms, "r_m": p["tau_m"] * ms / (p["c_m"] * pF), "i_bias": p["i_bias"] * pA,
            "tau_syn_ex": p["tau_syn_ex"] * ms, "tau_syn_in": p["tau_syn_in"] * ms})
    neurons.v, neurons.rest = liquid.v * mV, refractory(liquid.t_ref)
    joined = []
    for kind, (weight, delay) in enumerate(zip(networks.LSM_WEIGHT[case.name], networks.LSM_DELAY)):
        mine = liquid.kind == kind
        variable = "v" if delta else "i_ex" if weight > 0 else "i_in"
        namespace, model, effect = {"w": weight * unit}, "", f"{variable}_post += w"
        if case.name == "lsm-stp":
            u, tau_rec, tau_fac = networks.LSM_STP[kind]
            namespace |= {"u_rest": u, "tau_rec": tau_rec * ms, "tau_fac": tau_fac * ms}
            model = "x : 1\nu : 1\nlast : second"
            # NEST's tsodyks2: the first spike finds x = 1, u = U; before any other both move on, x first.
            effect = f"""
                x = int(last < 0 * second) * x + int(last >= 0 * second) * (1 + (x - x * u - 1) * exp((last - t) / tau_rec))
                u = int(last < 0 * second) * u + int(last >= 0 * second) * (u_rest + u * (1 - u_rest) * exp((last - t) / tau_fac))
                last = t
                {variable}_post += w * x * u"""
        if mine.any():
            group, _ = synapses(neurons, neurons, (liquid.source[mine], liquid.target[mine]), effect, delay, model,
                                namespace=namespace)
            if case.name == "lsm-stp":
                group.x, group.u, group.last = 1.0, u, -1000 * ms
            joined.append(group)
    sources = PoissonGroup(len(liquid.input_neurons), p["input_rate"] * Hz)
    pairs = np.arange(len(liquid.input_neurons)), liquid.input_neurons
    inputs, _ = synapses(sources, neurons, pairs, "v_post += w" if delta else "i_ex_post += w", p["input_delay"],
                         namespace={"w": networks.LSM_INPUT_WEIGHT[case.name] * unit})
    out_degree = np.bincount(liquid.source, minlength=case.n).astype(float)
    return finish(case, building, [*joined, sources, inputs], neurons, out_degree)


def pd14(case):
    building, p, rng = start(case), PD14, np.random.default_rng(case.seed)
    circuit = networks.pd14(case.scale)
    n, populations = int(circuit.size.sum()), peer.pd14_populations(circuit)
    equations = """
        dv/dt = (v_rest - v + (i_syn + i_dc) * r_m) / tau_m : volt (unless refractory)
        di_syn/dt = -i_syn / tau_syn : amp
        i_dc : amp (constant)"""
    neurons = NeuronGroup(
        n, equations, threshold="v >= v_th", reset="v = v_reset", refractory=refractory(p["t_ref"]), method="exact",
        namespace=potentials(p) | {"tau_m": p["tau_m"] * ms, "tau_syn": p["tau_syn"] * ms,
                                   "r_m": p["tau_m"] * ms / (p["c_m"] * pF)})
    neurons.v = rng.normal(np.repeat(networks.PD14_V_MEAN, circuit.size), np.repeat(networks.PD14_V_SD, circuit.size)) * mV
    neurons.i_dc = np.repeat(circuit.dc, circuit.size) * pA
    source, target, weight, delay = networks.pd14_synapses(circuit, rng)
    joined, order = synapses(neurons, neurons, (source, target), "i_syn_post += w", model="w : amp (constant)")
    joined.w, joined.delay = weight[order] * pA, delay[order] * ms
    noise = [PoissonInput(neurons[first:first + size], "i_syn", int(k), p["input_rate"] * Hz, circuit.input_weight * pA)
             for (_, first, size), k in zip(populations, circuit.k_ext)]
    return finish(case, building, [joined, *noise], neurons, peer.pd14_out_degree(circuit), populations)


def potentials(parameters):
    return {name: parameters[name] * mV for name in ["v_rest", "v_th", "v_reset"]}


NETWORKS = {"lsm-delta": lsm, "lsm-exp": lsm, "lsm-stp": lsm, "cuba": cuba, "coba": coba,
            "brunel-delta": brunel_delta, "pd14": pd14}

if __name__ == "__main__":
    peer.run(__doc__, NETWORKS)
