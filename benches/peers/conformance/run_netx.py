"""NetX files run by lava-dl 0.6.0 itself: are the spikes those of our chip in software, step for step?

    python3 benches/peers/conformance/run_netx.py                    20 random chains, 100 steps each
    python3 benches/peers/conformance/run_netx.py --networks 60 --seed 2

Random chains of layers (delays, recurrent layers, biases, weights of 3 to 8 bits) are written by an example of
loihi-export and exported by `rheobase export --format netx --allow-lossy`. NetX runs the file, and `rheobase emulate` the
netlist that `rheobase export --format netlist` makes of the same file: spikes have to be identical, whatever was lost.
Where nothing was lost, the netlist that the file came from has to give them too.

lava-dl brings torch with it (some gigabytes), so this is not part of `make test`.
Exit codes: 0 agreed, 1 did not, 77 not run, because there is no Python 3.10 or no package index.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import tool

# What a step of the random networks, and one of a NetX file means [ms].
DT, DT_NETX = 0.5, 1.0
STEPS = 100


def main():
    if sys.argv[1:2] == ["--run"]:
        return run_netx(*map(Path, sys.argv[2:]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args = tool.arguments(parser)
    tool.inside("netx")
    with tempfile.TemporaryDirectory(prefix="rheobase-netx-") as folder:
        folder = Path(folder)
        tool.run([args.generator.absolute(), folder, args.networks, args.seed, "chains"], args.timeout)
        names = sorted(path.name.removesuffix(".input.h5") for path in folder.glob("*.input.h5"))
        tool.compare_all("netx", names, lambda name: compare(folder, name, args), args.jobs,
                         f"networks of {STEPS} steps")


def compare(folder, name, args):
    import h5py
    import numpy as np
    path = lambda ending: folder / f"{name}{ending}"
    rheobase = args.rheobase.absolute()
    told = json.loads(tool.run([rheobase, "--json", "export", path(".h5"), "--format", "netx", "--allow-lossy",
                                "-o", path(".net")], args.timeout))
    tool.run([rheobase, "export", path(".net"), "--format", "netlist", "-o", path(".again.h5")], args.timeout)
    times, nodes = tool.spikes(path(".input.h5"))
    steps = np.rint(times / DT).astype(int)
    with h5py.File(path(".input.h5")) as file:
        n_inputs = int(file["spikes"].attrs["n_nodes"])
    sent = np.zeros((STEPS, n_inputs), dtype=np.int32)
    sent[steps[steps <= STEPS] - 1, nodes[steps <= STEPS]] = 1
    np.save(path(".input.npy"), sent)
    with h5py.File(path(".input.net.h5"), "w") as file:
        file.attrs["format"], file.attrs["version"] = "rheobase-spikes", 1
        step, node = np.nonzero(sent)
        group = file.create_group("spikes")
        group.attrs["n_nodes"] = np.uint32(n_inputs)
        group["t_ms"], group["node"] = (step + 1) * DT_NETX, node.astype(np.uint32)
    tool.run([rheobase, "emulate", path(".again.h5"), "--spikes", f"input={path('.input.net.h5')}",
              "--duration", STEPS * DT_NETX, "-o", path(".ours.h5")], args.timeout)
    tool.run([sys.executable, __file__, "--run", path(".net"), path(".input.npy"), path(".netx.npy")], args.timeout)
    theirs = np.load(path(".netx.npy"))
    ours = last_layer(path(".ours.h5"), DT_NETX, theirs.shape[1])
    n = same(ours, theirs, "the netlist of the NetX file")
    if told["lost"]:
        return f"{n} spikes identical (lost: {len(told['lost'])} kinds of things)"
    tool.run([rheobase, "emulate", path(".h5"), "--spikes", f"input={path('.input.h5')}", "--duration", STEPS * DT,
              "-o", path(".first.h5")], args.timeout)
    same(last_layer(path(".first.h5"), DT, theirs.shape[1]), theirs, "the netlist that became a NetX file")
    return f"{n} spikes identical, by the netlist before as well"


def last_layer(recording, dt, n):
    """What the last population of neurons sent, [steps][n]."""
    import h5py
    import numpy as np
    times, nodes = tool.spikes(recording)
    with h5py.File(recording) as file:
        first, size, is_source = (file[f"populations/{each}"][:] for each in ("first", "size", "is_source"))
    last = np.nonzero(is_source == 0)[0][-1]
    if size[last] != n:
        raise tool.Failed(f"the last population has {size[last]} neurons, and the last layer {n}")
    sent = np.zeros((STEPS, n), dtype=int)
    inside = (nodes >= first[last]) & (nodes < first[last] + n)
    sent[np.rint(times[inside] / dt).astype(int) - 1, nodes[inside] - first[last]] = 1
    return sent


def same(ours, theirs, whose):
    import numpy as np
    differ = np.argwhere(ours != theirs)
    if len(differ):
        step, neuron = differ[0]
        raise tool.Failed(f"{len(differ)} entries differ; the first is neuron {neuron} in step {step + 1}: "
                          f"{ours[step, neuron]} by {whose}, {theirs[step, neuron]} by NetX")
    return int(theirs.sum())


def run_netx(net, spikes, output):
    """Runs a NetX file, and writes what its last layer sent."""
    tool.leave_folder()
    import numpy as np
    from lava.lib.dl import netx
    from lava.magma.core.run_conditions import RunSteps
    from lava.magma.core.run_configs import Loihi2SimCfg
    from lava.proc.io.sink import RingBuffer as Sink
    from lava.proc.io.source import RingBuffer as Source
    sent = np.load(spikes)
    network = netx.hdf5.Network(net_config=str(net))
    source, sink = Source(data=sent.T), Sink(shape=network.out.shape, buffer=len(sent))
    source.s_out.connect(network.inp)
    network.out.connect(sink.a_in)
    network.run(condition=RunSteps(num_steps=len(sent)), run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
    data = sink.data.get().astype(int).T
    network.stop()
    np.save(output, data)


if __name__ == "__main__":
    main()
