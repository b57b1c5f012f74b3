"""Times a benchmark network in Arbor: those of delta synapses, which its `lif_cell` has.

    python peer_arbor.py lsm-delta --n 1000 --seconds 1

Arbor's cells have no constant input current: the bias of a liquid is added to the resting potential instead, which
is the same equation. Its times are real numbers and its delays 32-bit floats, so that it is to be compared with our
event scheduler.
"""

import arbor
import numpy as np
from arbor import units

import networks
import peer
from networks import BRUNEL, LSM

# With this capacitance an event's weight is the jump of the potential in mV.
C_M = 1.0 * units.pF


class Network(arbor.recipe):
    """Cells of one size, their synapses sorted by target, and a Poisson train for some of them."""

    def __init__(self, cells, source, target, weight, delay, input_rate, input_weight, input_neurons, seed):
        arbor.recipe.__init__(self)
        order = np.argsort(target, kind="stable")
        self.source, self.weight, self.delay = source[order], weight[order], delay[order]
        self.row = np.searchsorted(target[order], np.arange(len(cells) + 1))
        self.cells, self.seed = cells, seed
        self.input_rate, self.input_weight, self.input_neurons = input_rate, input_weight, set(input_neurons.tolist())
        # Few kinds of delays: one quantity each, not one a synapse.
        self.quantity = {delay: delay * units.ms for delay in set(self.delay.tolist())}

    def num_cells(self):
        return len(self.cells)

    def cell_kind(self, gid):
        return arbor.cell_kind.lif

    def cell_description(self, gid):
        return self.cells[gid]

    def connections_on(self, gid):
        mine = slice(self.row[gid], self.row[gid + 1])
        rows = zip(self.source[mine].tolist(), self.weight[mine].tolist(), self.delay[mine].tolist())
        return [arbor.connection((source, "out"), "in", weight, self.quantity[delay]) for source, weight, delay in rows]

    def event_generators(self, gid):
        if gid not in self.input_neurons:
            return []
        schedule = arbor.poisson_schedule(self.input_rate * units.Hz, seed=self.seed * self.num_cells() + gid)
        return [arbor.event_generator("in", self.input_weight, schedule)]


def cell(v_rest, v_init, t_ref, parameters):
    return arbor.lif_cell(
        "out", "in", tau_m=parameters["tau_m"] * units.ms, V_th=parameters["v_th"] * units.mV, C_m=C_M,
        E_L=v_rest * units.mV, E_R=parameters["v_reset"] * units.mV, V_m=v_init * units.mV, t_ref=t_ref * units.ms)


def measure(case, network, building):
    """Builds the simulation, warms up and times."""
    context = arbor.context(threads=case.threads)
    simulation = arbor.simulation(network, context)
    simulation.record(arbor.spike_recording.all)
    build_s, _ = building.read()
    if case.warm_up > 0:
        simulation.run(case.warm_up * units.ms, step())
    timed = peer.Stopwatch()
    simulation.run((case.warm_up + case.duration_ms) * units.ms, step())
    sim_s, cpu_s = timed.read()
    spikes = simulation.spikes()
    out_degree = np.bincount(network.source, minlength=case.n).astype(float)
    return peer.Outcome(
        engine=f"Arbor {arbor.__version__}", build_s=build_s, sim_s=sim_s, cpu_s=cpu_s, t_ms=spikes["time"],
        node=spikes["source"]["gid"], out_degree=out_degree, populations=[], peak_rss_mb=peer.peak_rss_mb())


def step():
    """The step that a run asks for; `lif_cell` is exact and does not use it."""
    return networks.DT * units.ms


def lsm_delta(case):
    liquid = networks.liquid(case.n, np.random.default_rng(case.seed))
    building, p = peer.Stopwatch(), LSM
    v_rest = p["v_rest"] + p["i_bias"] * p["tau_m"] / p["c_m"]
    cells = [cell(v_rest, v, t_ref, p) for v, t_ref in zip(liquid.v.tolist(), liquid.t_ref.tolist())]
    network = Network(cells, liquid.source, liquid.target, liquid.weight(case.name), liquid.delay(),
                      p["input_rate"], networks.LSM_INPUT_WEIGHT[case.name], liquid.input_neurons, case.seed)
    return measure(case, network, building)


def brunel_delta(case):
    building, p, rng = peer.Stopwatch(), BRUNEL, np.random.default_rng(case.seed)
    n_exc = networks.n_excitatory(case.n)
    cells = [cell(p["v_rest"], p["v_rest"], p["t_ref"], p)] * case.n
    k_ex, k_in = networks.brunel_in_degrees(case.n)
    exc_source, exc_target = networks.fixed_in_degree(n_exc, case.n, k_ex, rng)
    inh_source, inh_target = networks.fixed_in_degree(case.n - n_exc, case.n, k_in, rng)
    weight = np.repeat([p["j"], -p["g"] * p["j"]], [len(exc_source), len(inh_source)])
    network = Network(cells, np.concatenate((exc_source, n_exc + inh_source)),
                      np.concatenate((exc_target, inh_target)), weight, np.full(len(weight), p["delay"]),
                      networks.brunel_input_rate(), p["j"], np.arange(case.n), case.seed)
    return measure(case, network, building)


NETWORKS = {"lsm-delta": lsm_delta, "brunel-delta": brunel_delta}

if __name__ == "__main__":
    peer.run(__doc__, NETWORKS)
