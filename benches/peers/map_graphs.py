"""The graphs that `rheobase bench map-* --keep` writes, and what every mapper is told about them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass
class Graph:
    """Who reaches whom: neuron i's targets are `target[row_start[i]:row_start[i + 1]]`; all arrays are of int64."""

    n: int
    row_start: np.ndarray
    target: np.ndarray
    spikes: np.ndarray
    synapse_bits: np.ndarray

    def source(self):
        """The source of every synapse."""
        return np.repeat(np.arange(len(self.spikes)), np.diff(self.row_start))


@dataclass(frozen=True)
class Budgets:
    """What one core holds, and how the synapses of one source in one core are laid into words."""

    neurons: int
    in_axons: int
    out_axons: int
    synapse_words: int
    word_bits: int
    header_bits: int
    block: int

    def words(self, synapses, bits):
        """Of `synapses` synapses of `bits` bits: blocks, each with a header and padded to whole words."""
        full, rest = np.divmod(synapses, self.block)
        of = lambda n: -(-(n * bits + self.header_bits) // self.word_bits)
        return full * of(self.block) + np.where(rest > 0, of(rest), 0)


# nengo-loihi 1.1.0, block.py: MAX_COMPARTMENTS, MAX_IN_AXONS, MAX_OUT_AXONS, MAX_SYNAPSE_BITS, bits_per_axon.
BUDGETS = {"loihi1": Budgets(1024, 4096, 4096, 16384, 64, 10, 64)}


def read(folder):
    """The graph in a folder."""
    folder = Path(folder)
    load = lambda name: np.load(folder / f"{name}.npy").astype(np.int64)
    return Graph(len(np.load(folder / "config.npy", mmap_mode="r")), load("row_start"), load("target"), load("spikes"),
                 load("synapse_bits"))


def read_part(folder):
    """The part of every neuron."""
    return np.load(Path(folder) / "part.npy").astype(np.int64)


def node_weights(graph, budgets):
    """The one weight a neuron that general partitioners can be told, in bits of synapse memory.

    The larger of its share of a core's neurons and of the bits of its incoming synapses, unpadded: what is not
    additive they cannot be told.
    """
    capacity = budgets.synapse_words * budgets.word_bits
    incoming = np.bincount(graph.target, weights=np.repeat(graph.synapse_bits, np.diff(graph.row_start)),
                           minlength=graph.n).astype(np.int64)
    return np.maximum(-(-capacity // budgets.neurons), incoming)


def numbers_of_cores(graph, budgets, most_tries=6):
    """The numbers of cores to try: 2 % above the lower bound, then 8 % more a try."""
    capacity = budgets.synapse_words * budgets.word_bits
    least = -(-int(node_weights(graph, budgets).sum()) // capacity)
    k = above(least, 2)
    for _ in range(most_tries):
        yield k
        k = above(k, 8)


def above(k, percent):
    return -(-k * (100 + percent) // 100)
