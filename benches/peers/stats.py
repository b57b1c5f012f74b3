"""What a network did: rates, irregularity and correlation, by one code for ours and for the peers.

A train is (`t_ms`, `node`) within a window; what is outside is cut off first. The statistics of a whole network are
those of the tables: the mean rate, the mean coefficient of variation of the intervals of neurons with at least four
spikes, and the mean correlation of counts in bins of 5 ms over up to 200 active neurons. A population's
distributions follow the microcircuit's verification (Dasbach et al. 2021, doi 10.3389/fnins.2021.757790; Senk et
al. 2026, doi 10.1088/2634-4386/ae379a): intervals of neurons with at least three spikes, counts in bins of 2 ms of
250 neurons. Distributions are kept as counts over fixed edges, so that a reference is a small file.
"""

from dataclasses import dataclass

import h5py
import numpy as np

CORRELATION_BIN_MS, CORRELATED_NEURONS, MIN_SPIKES = 5.0, 200, 4
POPULATION_BIN_MS, POPULATION_NEURONS, POPULATION_MIN_SPIKES = 2.0, 250, 3
RATE_EDGES = np.arange(0.0, 100.0, 0.5)
CV_EDGES = np.arange(0.0, 3.0, 0.02)
CORRELATION_EDGES = np.linspace(-0.2, 0.4, 301)


@dataclass
class Train:
    """The spikes of nodes 0…n-1 in the window (t_start, t_stop] of milliseconds."""

    t_ms: np.ndarray
    node: np.ndarray
    n: int
    t_start: float
    t_stop: float

    def __post_init__(self):
        # Times on a grid carry a rounding error, far below this slack, and real-valued ones hardly fall into it.
        slack = 1e-6
        inside = (self.t_ms > self.t_start + slack) & (self.t_ms <= self.t_stop + slack)
        self.t_ms, self.node = np.asarray(self.t_ms)[inside], np.asarray(self.node)[inside].astype(np.int64)

    def population(self, first, size):
        mine = (self.node >= first) & (self.node < first + size)
        return Train(self.t_ms[mine], self.node[mine] - first, size, self.t_start, self.t_stop)


def read_recording(path, seconds):
    """The neurons' spikes in the last seconds of a recording of ours, and its populations as (name, first, size).

    Neurons are counted without the sources.
    """
    with h5py.File(path) as file:
        t_stop = float(file.attrs["t_stop_ms"])
        names = file["populations/name"].asstr()[:]
        firsts, sizes = file["populations/first"][:].astype(int), file["populations/size"][:].astype(int)
        is_source = file["populations/is_source"][:].astype(bool)
        t_ms, node = file["spikes/t_ms"][:], file["spikes/node"][:].astype(np.int64)
    place = np.full(firsts[-1] + sizes[-1], -1)
    populations, n = [], 0
    for name, first, size, source in zip(names, firsts, sizes, is_source):
        if not source:
            place[first : first + size] = np.arange(n, n + size)
            populations.append((str(name), n, int(size)))
            n += int(size)
    neuron = place[node]
    train = Train(t_ms[neuron >= 0], neuron[neuron >= 0], n, t_stop - 1000.0 * seconds, t_stop)
    return train, populations


def rates(train):
    """Mean rate of each neuron [Hz]."""
    return np.bincount(train.node, minlength=train.n) * 1000.0 / (train.t_stop - train.t_start)


def cvs(train, min_spikes=MIN_SPIKES):
    """Standard deviation over mean of the intervals of each neuron with at least so many spikes."""
    order = np.lexsort((train.t_ms, train.node))
    t, node = train.t_ms[order], train.node[order]
    same = node[1:] == node[:-1]
    interval, owner = np.diff(t)[same], node[1:][same]
    count = np.bincount(owner, minlength=train.n)
    enough = count >= min_spikes - 1
    mean = np.bincount(owner, interval, train.n)[enough] / count[enough]
    # Of the deviations, not of the squares, which would cancel.
    deviation = interval - np.divide(np.bincount(owner, interval, train.n), np.maximum(count, 1))[owner]
    variance = np.bincount(owner, deviation**2, train.n)[enough] / count[enough]
    return np.sqrt(variance) / mean


def correlations(train, bin_ms=CORRELATION_BIN_MS, n_neurons=CORRELATED_NEURONS):
    """Pearson's correlation of binned counts, for every pair of a sample of the neurons that fired."""
    active = np.unique(train.node)
    sample = np.sort(np.random.default_rng(0).permutation(active)[:n_neurons])
    n_bins = int((train.t_stop - train.t_start) / bin_ms + 1e-9)
    if len(sample) < 2 or n_bins < 2:
        return np.array([])
    mine = np.isin(train.node, sample)
    # Half-open on the left, as the window is.
    bins = np.ceil((train.t_ms[mine] - train.t_start) / bin_ms - 1e-6).astype(int) - 1
    counts = np.zeros((len(sample), n_bins))
    kept = (bins >= 0) & (bins < n_bins)
    np.add.at(counts, (np.searchsorted(sample, train.node[mine][kept]), bins[kept]), 1.0)
    counts = counts[counts.std(axis=1) > 0.0]
    if len(counts) < 2:
        return np.array([])
    return np.corrcoef(counts)[np.triu_indices(len(counts), 1)]


def summary(train):
    """The statistics of a network that stand in the tables, and whether it still fires in the last tenth."""
    last_tenth = train.t_stop - 0.1 * (train.t_stop - train.t_start)
    return {"rate_hz": float(rates(train).mean()), "cv_isi": mean(cvs(train)), "corr": mean(correlations(train)),
            "alive": bool((train.t_ms > last_tenth).any())}


def population_statistics(train, populations):
    """By the name of the population: means, and distributions as counts over the edges of this module."""
    found = {}
    for name, first, size in populations:
        part = train.population(first, size)
        rate, cv = rates(part), cvs(part, POPULATION_MIN_SPIKES)
        correlation = correlations(part, POPULATION_BIN_MS, POPULATION_NEURONS)
        found[name] = {
            "n": size, "rate_hz": mean(rate), "cv_isi": mean(cv), "corr": mean(correlation),
            "rate_counts": counts(rate, RATE_EDGES), "cv_counts": counts(cv, CV_EDGES),
            "corr_counts": counts(correlation, CORRELATION_EDGES)}
    return found


def mean(values):
    return float(np.mean(values)) if len(values) else None


def counts(values, edges):
    """How many values lie in each bin; what is beyond the edges counts to the outermost bins."""
    inner = np.searchsorted(edges[1:-1], values, side="right")
    return np.bincount(inner, minlength=len(edges) - 1).tolist()


def ks_distance(a, b):
    """Kolmogorov and Smirnov's distance of two distributions given as counts over the same edges."""
    if sum(a) == 0 or sum(b) == 0:
        return None
    return float(np.max(np.abs(np.cumsum(a) / np.sum(a) - np.cumsum(b) / np.sum(b))))
