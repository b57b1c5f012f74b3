"""The benchmark networks, as the peers get them: parameters, and random draws that all peers share.

Units are ms, mV, pA, pF, nS, MOhm and Hz. Sources:

- `cuba`, `coba`: Vogels & Abbott 2005, as benchmarks 1 and 2 of Brette et al. 2007,
  doi 10.1007/s10827-007-0038-6, with a fixed in-degree and without the initial kick;
- `brunel-delta`: Brunel 2000, doi 10.1023/A:1008925309027, at g = 5, eta = 2;
- `lsm-*`: the column of Maass, Natschlaeger & Markram 2002, doi 10.1162/089976602760407955, with weights
  just below criticality;
- `pd14`: Potjans & Diesmann 2014, doi 10.1093/cercor/bhs358; scaled as van Albada, Helias & Diesmann 2015,
  doi 10.1371/journal.pcbi.1004490; initial potentials of Rhodes et al. 2019.
"""

from dataclasses import dataclass

import numpy as np

NAMES = ["lsm-delta", "lsm-exp", "lsm-stp", "cuba", "coba", "brunel-delta", "pd14"]
DT = 0.1
FRACTION_EXCITATORY = 0.8

CUBA = {"v_rest": -49.0, "v_th": -50.0, "v_reset": -60.0, "c_m": 200.0, "tau_m": 20.0, "tau_syn_ex": 5.0,
        "tau_syn_in": 10.0, "t_ref": 5.0, "k_ex": 64, "k_in": 16, "w_ex": 16.2, "w_in": -90.0, "delay": 0.1}
COBA = {"v_rest": -60.0, "v_th": -50.0, "v_reset": -60.0, "e_ex": 0.0, "e_in": -80.0, "c_m": 200.0, "g_l": 10.0,
        "tau_syn_ex": 5.0, "tau_syn_in": 10.0, "t_ref": 5.0, "k_ex": 64, "k_in": 16, "w_ex": 6.0, "w_in": -67.0,
        "delay": 0.1}
BRUNEL = {"v_rest": 0.0, "v_th": 20.0, "v_reset": 0.0, "tau_m": 20.0, "c_m": 250.0, "t_ref": 2.0, "delay": 1.5,
          "j": 0.1, "g": 5.0, "eta": 2.0, "connection_probability": 0.1}
LSM = {"v_rest": 0.0, "v_th": 15.0, "v_reset": 13.5, "tau_m": 30.0, "c_m": 30e3, "i_bias": 13.5e3,
       "tau_syn_ex": 3.0, "tau_syn_in": 6.0, "t_ref_exc": 3.0, "t_ref_inh": 2.0, "lambda": 2.0, "cutoff": 9.0,
       "input_fraction": 0.3, "input_rate": 5.0, "input_delay": 0.1}
# Of the pairs EE, EI, IE, II, the source first.
LSM_PROBABILITY = [0.3, 0.2, 0.4, 0.1]
LSM_DELAY = [1.5, 0.8, 0.8, 0.8]
LSM_WEIGHT = {"lsm-delta": [0.4, 0.8, -3.8, -3.8], "lsm-exp": [4e3, 8e3, -19e3, -19e3],
              "lsm-stp": [30e3, 60e3, -19e3, -19e3]}
LSM_INPUT_WEIGHT = {"lsm-delta": 1.8, "lsm-exp": 18e3, "lsm-stp": 18e3}
# U, tau_rec, tau_fac.
LSM_STP = [(0.5, 1100.0, 50.0), (0.05, 125.0, 1200.0), (0.25, 700.0, 20.0), (0.32, 144.0, 60.0)]
LSM_GRID = {135: (15, 3, 3), 1000: (10, 10, 10), 10_000: (20, 20, 25), 100_000: (40, 50, 50)}


def n_excitatory(n):
    return round(FRACTION_EXCITATORY * n)


def vogels_abbott_start(name, n, rng):
    """Potentials [mV] and, for `coba`, conductances [nS] at the start."""
    if name == "cuba":
        return {"v": rng.uniform(-60.0, -50.0, n)}
    return {"v": np.clip(-60.0 + rng.normal(-5.0, 5.0, n), -80.0, -50.01),
            "g_ex": 10.0 * np.maximum(0.0, rng.normal(4.0, 1.5, n)),
            "g_in": 10.0 * np.maximum(0.0, rng.normal(20.0, 12.0, n))}


def brunel_in_degrees(n):
    n_exc = n_excitatory(n)
    share = BRUNEL["connection_probability"]
    return round(share * n_exc), round(share * (n - n_exc))


def brunel_input_rate():
    """Rate of a neuron's Poisson train [Hz]: eta times the rate whose mean input just reaches threshold.

    The train stands for as many sources as a neuron has excitatory synapses, so that their number cancels.
    """
    return 1000.0 * BRUNEL["eta"] * BRUNEL["v_th"] / (BRUNEL["j"] * BRUNEL["tau_m"])


def fixed_in_degree(n_sources, n_targets, k, rng):
    """Sources and targets of synapses: every target has k sources, drawn with replacement."""
    return rng.integers(0, n_sources, n_targets * k), np.repeat(np.arange(n_targets), k)


@dataclass
class Liquid:
    """A column: synapses by (source, target), their kind 0…3 for EE, EI, IE, II."""

    source: np.ndarray
    target: np.ndarray
    kind: np.ndarray
    inhibitory: np.ndarray
    t_ref: np.ndarray
    v: np.ndarray
    input_neurons: np.ndarray

    def weight(self, name):
        return np.array(LSM_WEIGHT[name])[self.kind]

    def delay(self):
        return np.array(LSM_DELAY)[self.kind]


def liquid(n, rng):
    """Draws a column: neurons on a grid, joined with probability C exp(-(D / lambda)^2) up to the cutoff.

    One pass over the offsets on the grid, each joining all neurons that have a neighbor there: O(n · offsets).
    """
    if n not in LSM_GRID:
        raise SystemExit(f"a liquid of {n} neurons has no grid here; there are {', '.join(map(str, LSM_GRID))}")
    shape = np.array(LSM_GRID[n])
    position = np.stack(np.unravel_index(np.arange(n), shape), axis=1)
    inhibitory = np.zeros(n, bool)
    inhibitory[rng.permutation(n)[: n - n_excitatory(n)]] = True
    reach = int(LSM["cutoff"])
    axis = np.arange(-reach, reach + 1)
    offsets = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    squared = (offsets**2).sum(axis=1)
    offsets = offsets[(squared > 0) & (squared <= LSM["cutoff"] ** 2) & (np.abs(offsets) < shape).all(axis=1)]
    probability = np.array(LSM_PROBABILITY)
    sources, targets, kinds = [], [], []
    for offset in offsets:
        there = position + offset
        source = np.flatnonzero(((there >= 0) & (there < shape)).all(axis=1))
        target = np.ravel_multi_index(there[source].T, shape)
        kind = 2 * inhibitory[source] + inhibitory[target]
        p = probability[kind] * np.exp(-(offset @ offset) / LSM["lambda"] ** 2)
        joined = rng.random(len(source)) < p
        sources.append(source[joined])
        targets.append(target[joined])
        kinds.append(kind[joined])
    return Liquid(
        source=np.concatenate(sources), target=np.concatenate(targets), kind=np.concatenate(kinds),
        inhibitory=inhibitory, t_ref=np.where(inhibitory, LSM["t_ref_inh"], LSM["t_ref_exc"]),
        v=rng.uniform(13.5, 14.9, n),
        input_neurons=np.sort(rng.permutation(n)[: round(LSM["input_fraction"] * n)]))


PD14_POPULATIONS = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
PD14_SIZE = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
# Row = target, column = source.
PD14_PROBABILITY = np.array([
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
    [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443]])
PD14_K_EXT = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
PD14_V_MEAN = [-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43]
PD14_V_SD = [5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48]
# Mean rates [Hz] at full scale, from which the current that makes up for removed synapses is computed.
PD14_RATE = np.array([0.971, 2.868, 4.746, 5.396, 8.142, 9.078, 0.991, 7.523])
PD14 = {"v_rest": -65.0, "v_th": -50.0, "v_reset": -65.0, "c_m": 250.0, "tau_m": 10.0, "tau_syn": 0.5,
        "t_ref": 2.0, "psp": 0.15, "g": -4.0, "weight_sd": 0.1, "delay_exc": 1.5, "delay_inh": 0.75,
        "delay_sd": 0.5, "input_rate": 8.0, "input_delay": 1.5}


@dataclass
class Microcircuit:
    """The microcircuit at a scale; matrices by (target, source)."""

    size: np.ndarray
    synapses: np.ndarray
    weight: np.ndarray
    delay: np.ndarray
    k_ext: np.ndarray
    input_weight: float
    dc: np.ndarray


def pd14_weight():
    """The current [pA] whose postsynaptic potential peaks at 0.15 mV."""
    tau_m, tau_s, c_m = PD14["tau_m"], PD14["tau_syn"], PD14["c_m"]
    ratio = tau_m / tau_s
    peak = ratio ** (tau_m / (tau_s - tau_m)) - ratio ** (tau_s / (tau_s - tau_m))
    return PD14["psp"] / (tau_m * tau_s / (c_m * (tau_s - tau_m)) * peak)


def pd14(scale):
    """Sizes times the scale, synapses times its square, weights over its root, and a current that keeps the means."""
    pairs = np.outer(PD14_SIZE, PD14_SIZE).astype(float)
    full = np.rint(np.log(1.0 - PD14_PROBABILITY) / np.log(1.0 - 1.0 / pairs))
    w = pd14_weight()
    weight = np.tile(np.where(np.arange(8) % 2 == 0, w, PD14["g"] * w), (8, 1))
    weight[0, 2] *= 2.0
    in_degree = full / PD14_SIZE[:, None]
    mean_input = (weight * in_degree * PD14_RATE).sum(axis=1) + w * PD14_K_EXT * PD14["input_rate"]
    excitatory = np.arange(8) % 2 == 0
    delay = np.tile(np.where(excitatory, PD14["delay_exc"], PD14["delay_inh"]), (8, 1))
    return Microcircuit(
        size=np.rint(PD14_SIZE * scale).astype(int), synapses=np.rint(full * scale**2).astype(int),
        weight=weight / np.sqrt(scale), delay=delay, k_ext=np.rint(PD14_K_EXT * scale).astype(int),
        input_weight=w / np.sqrt(scale),
        dc=0.001 * PD14["tau_syn"] * (1.0 - np.sqrt(scale)) * mean_input)


def pd14_synapses(circuit, rng):
    """Every synapse: source, target, weight [pA], delay [ms]; weights keep their sign, delays are whole steps."""
    firsts = np.concatenate(([0], np.cumsum(circuit.size)[:-1]))
    sources, targets, weights, delays = [], [], [], []
    for i in range(8):
        for j in range(8):
            count, mean, delay = circuit.synapses[i, j], circuit.weight[i, j], circuit.delay[i, j]
            sources.append(firsts[j] + rng.integers(0, circuit.size[j], count))
            targets.append(firsts[i] + rng.integers(0, circuit.size[i], count))
            weights.append(np.sign(mean) * np.abs(rng.normal(mean, abs(mean) * PD14["weight_sd"], count)))
            drawn = rng.normal(delay, delay * PD14["delay_sd"], count)
            while (short := drawn < DT / 2).any():
                drawn[short] = rng.normal(delay, delay * PD14["delay_sd"], short.sum())
            delays.append(np.maximum(np.rint(drawn / DT), 1.0) * DT)
    return tuple(np.concatenate(parts) for parts in (sources, targets, weights, delays))
