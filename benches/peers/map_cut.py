"""One peer on one graph, in a process of its own: a line of JSON for every number of cores that it tries.

    python benches/peers/map_cut.py metis FOLDER       METIS, k-way on the symmetric graph
    python benches/peers/map_cut.py mtkahypar FOLDER   Mt-KaHyPar, preset `default`, on the hypergraph
    python benches/peers/map_cut.py round-robin FOLDER neuron i on core i mod k

General partitioners know one weight a neuron (`map_graphs.node_weights`) and parts that differ by at most 3 %. They
are asked for more and more cores until every budget is kept, six times at most. Timed is the partitioner's call alone,
the fastest of `--repeat`.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

import map_graphs
import map_recount
import peer

IMBALANCE = 0.03


def metis(graph, weights, seed):
    """A function from the number of cores to a partition: the graph A + Aᵀ, an edge weighs the spikes of its source,
    and one more, because weights must be above 0."""
    import pymetis

    source, target = graph.source(), graph.target
    weight = graph.spikes[source] + 1
    key = np.concatenate([source * graph.n + target, target * graph.n + source])
    key, place = np.unique(key, return_inverse=True)
    eweights = np.bincount(place, weights=np.concatenate([weight, weight])).astype(np.int32)
    row, adjncy = np.divmod(key, graph.n)
    starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=graph.n))]).astype(np.int32)
    arguments = {"adjacency": pymetis.CSRAdjacency(starts, adjncy.astype(np.int32)), "eweights": eweights,
                 "vweights": weights.astype(np.int32), "recursive": False,
                 "options": pymetis.Options(ufactor=round(1000 * IMBALANCE), seed=seed)}
    return lambda k: pymetis.part_graph(k, **arguments)[1]


def mtkahypar(graph, weights, seed):
    """The hypergraph: a neuron and its targets, weighted by its spikes; those of no weight cost nothing."""
    import mtkahypar as library

    library.set_seed(seed)
    started = library.initialize(1)
    context = started.context_from_preset(library.PresetType.DEFAULT)
    pins, edge_weights = [], []
    for neuron in range(graph.n):
        row = graph.target[graph.row_start[neuron] : graph.row_start[neuron + 1]]
        if len(row) > 0 and graph.spikes[neuron] > 0:
            pins.append([neuron, *row.tolist()])
            edge_weights.append(int(graph.spikes[neuron]))
    # Its parameters have to be there before the hypergraph is made.
    context.set_partitioning_parameters(2, IMBALANCE, library.Objective.KM1)
    hypergraph = started.create_hypergraph(context, graph.n, len(pins), pins, weights.tolist(), edge_weights)

    def cut(k):
        context.set_partitioning_parameters(k, IMBALANCE, library.Objective.KM1)
        return hypergraph.partition(context).get_partition()

    return cut


def round_robin(graph, weights, seed):
    return lambda k: np.arange(graph.n) % k


MAPPERS = {"metis": metis, "mtkahypar": mtkahypar, "round-robin": round_robin}


def tries(mapper, graph, budgets, seed, most_tries=6, repeat=1):
    """What came of every number of cores, up to the first legal one."""
    cut = MAPPERS[mapper](graph, map_graphs.node_weights(graph, budgets), seed)
    for k in map_graphs.numbers_of_cores(graph, budgets, most_tries):
        (cpu, wall), part = min((timed(cut, k) for _ in range(repeat)), key=lambda each: each[0])
        found = map_recount.recount(graph, np.asarray(part, np.int64), budgets)
        yield {"k": k, "cpu_s": cpu, "wall_s": wall, **found, "peak_rss_mb": peer.peak_rss_mb()}
        if found["violating"] == 0:
            return


def timed(cut, k):
    """CPU and wall time of a call, and what it gave."""
    cpu, wall = time.process_time(), time.perf_counter()
    part = cut(k)
    return (time.process_time() - cpu, time.perf_counter() - wall), part


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mapper", choices=list(MAPPERS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--chip", choices=list(map_graphs.BUDGETS), default="loihi1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tries", type=int, default=6, help="numbers of cores that are tried at most")
    parser.add_argument("--repeat", type=int, default=1, help="calls a try; the fastest counts")
    args = parser.parse_args()
    for found in tries(args.mapper, map_graphs.read(args.folder), map_graphs.BUDGETS[args.chip], args.seed, args.tries,
                       args.repeat):
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
