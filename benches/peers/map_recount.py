"""Recounts partitions: every budget of every core, and the packets, from the graph alone.

    python benches/peers/map_recount.py FOLDER …      folders that `rheobase bench map-* --keep` wrote

Shares nothing with the program that made them but the files. Exit code 1 if a core is over a budget.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

import map_graphs

# Synapses that are counted at a time, so that a graph of any size takes little more memory than itself.
BLOCK = 1 << 22


def recount(graph, part, budgets):
    """Cores, those over each budget, packets, and the mean number of destination cores."""
    cores = int(part.max()) + 1
    in_axons, words, out_axons = (np.zeros(cores, np.int64) for _ in range(3))
    packets = destinations = 0
    for first, last in blocks(graph.row_start):
        begin, end = graph.row_start[first], graph.row_start[last]
        source = np.repeat(np.arange(first, last), np.diff(graph.row_start[first : last + 1]))
        # One entry for every source and core that holds a target of it.
        pair, synapses = np.unique(source * cores + part[graph.target[begin:end]], return_counts=True)
        source, core = np.divmod(pair, cores)
        in_axons += np.bincount(core, minlength=cores)
        words += np.bincount(core, weights=budgets.words(synapses, graph.synapse_bits[source]),
                             minlength=cores).astype(np.int64)
        # Sources behind the neurons lie on no core.
        inside = source < graph.n
        home = np.where(inside, part[np.minimum(source, graph.n - 1)], -1)
        out_axons += np.bincount(home[inside], minlength=cores)
        packets += int(graph.spikes[source[core != home]].sum())
        destinations += len(pair)
    neurons = np.bincount(part, minlength=cores)
    over = {"neurons": neurons > budgets.neurons, "in_axons": in_axons > budgets.in_axons,
            "out_axons": out_axons > budgets.out_axons, "synapse_words": words > budgets.synapse_words}
    return {"cores": cores, "empty": int((neurons == 0).sum()),
            "violating": int(np.logical_or.reduce(list(over.values())).sum()),
            "over": {name: int(is_over.sum()) for name, is_over in over.items()},
            "packets": packets, "destinations": destinations / max(len(graph.spikes), 1)}


def blocks(row_start):
    """Ranges of rows of about [`BLOCK`] synapses."""
    first, n = 0, len(row_start) - 1
    while first < n:
        last = int(np.searchsorted(row_start, row_start[first] + BLOCK, side="right")) - 1
        last = min(max(last, first + 1), n)
        yield first, last
        first = last


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--chip", choices=list(map_graphs.BUDGETS), default="loihi1")
    args = parser.parse_args()
    violating = 0
    for folder in args.folders:
        found = recount(map_graphs.read(folder), map_graphs.read_part(folder), map_graphs.BUDGETS[args.chip])
        print(json.dumps({"folder": folder.name} | found))
        violating += found["violating"]
    sys.exit(1 if violating else 0)


if __name__ == "__main__":
    main()
