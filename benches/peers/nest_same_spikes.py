"""Runs a network and a recording of ours in NEST, and compares spike for spike.

    pip install nest-simulator h5py numpy
    rheobase generate --preset lsm-delta -n 10000 -o liquid.h5
    rheobase simulate liquid.h5 --duration 1000 --scheduler grid --dt 0.1 --source-spikes -o run.h5
    python benches/peers/nest_same_spikes.py liquid.h5 run.h5

NEST gets the populations and synapses of the network file and, from the recording, the spikes of the
sources. Says whether the spikes of all neurons fall in the same steps, and what CPU time NEST took.
Synapses may be delta, exponential or alpha shaped; sources send spikes.
"""

import json
import sys
import time

import h5py
import nest
import numpy as np

from nest_names import MODELS, NAMES, parameters


def values(group, name, n):
    return np.broadcast_to(group[name][()], n)


def spikes_of(recording, first, n):
    times, nodes = recording["spikes/t_ms"][()], recording["spikes/node"][()]
    mine = (nodes >= first) & (nodes < first + n)
    return times[mine], nodes[mine] - first


def sources(recording, first, n, dt):
    """Spike generators; a spike between two steps belongs to the later one."""
    times, nodes = spikes_of(recording, first, n)
    steps = np.ceil(times / dt - 1e-9).astype(int)
    trains = [np.sort(steps[nodes == node]) * dt for node in range(n)]
    generators = [{"spike_times": np.round(train, 9), "allow_offgrid_times": True} for train in trains]
    return nest.Create("spike_generator", n, generators)


def neurons(group, n):
    synapse = group.attrs["synapse"]
    population = nest.Create(MODELS[synapse], n)
    ours = {name: list(values(group, name, n)) for name in NAMES[synapse]}
    population.set(parameters(ours, synapse))
    return population


def main(network_path, recording_path):
    network, recording = h5py.File(network_path), h5py.File(recording_path)
    configuration = json.loads(recording["provenance"].attrs["configuration"])
    dt, duration = configuration["dt"], configuration["duration"]
    nest.set_verbosity("M_ERROR")
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": dt, "local_num_threads": 1})

    first, ids, firsts, recorded = 0, {}, {}, []
    for name, group in sorted(network["populations"].items(), key=lambda item: item[1].attrs["idx"]):
        n = int(group.attrs["size"])
        if group.attrs["model"] == "lif":
            population = neurons(group, n)
            recorded.append(name)
        else:
            population = sources(recording, first, n, dt)
        ids[name], firsts[name] = np.array(population.tolist()), first
        first += n
    for group in network["projections"].values():
        rows = np.diff(group["row_start"][()].astype(np.int64))
        source = np.repeat(ids[group.attrs["source"]], rows)
        target = ids[group.attrs["target"]][group["target"][()]]
        synapse = {"synapse_model": "static_synapse",
                   "weight": values(group, "weight", len(target)).astype(float),
                   "delay": values(group, "delay", len(target)).astype(float)}
        nest.Connect(source, target, "one_to_one", synapse)
    recorders = {name: nest.Create("spike_recorder") for name in recorded}
    for name, recorder in recorders.items():
        nest.Connect(nest.NodeCollection(list(ids[name])), recorder)

    start = time.process_time()
    nest.Simulate(duration)
    cpu = time.process_time() - start

    same = True
    for name, recorder in recorders.items():
        events = recorder.events
        theirs = set(zip(np.round(events["times"] / dt).astype(int), events["senders"] - ids[name][0]))
        times, nodes = spikes_of(recording, firsts[name], len(ids[name]))
        ours = set(zip(np.round(times / dt).astype(int), nodes))
        same &= ours == theirs and len(times) == len(ours) == len(events["times"])
        print(f"{name}: {len(times)} spikes, NEST {len(events['times'])}, {len(ours ^ theirs)} differ")
    print(f"NEST {nest.__version__}: {cpu / duration * 1000:.3f} CPU s for a biological second on one thread")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
