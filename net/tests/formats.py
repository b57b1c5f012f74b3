"""Checks docs/formats.md against h5py, in both directions.

    python formats.py [--cargo CARGO | --examples FOLDER] [--keep FOLDER]

Needs h5py and numpy, and a Rust toolchain or, with --examples, the folder of the built examples. From any
folder:

1. runs the example `write_formats`, then every block of docs/formats.md that begins with `# read`, on
   the files that it wrote, and checks the values that the blocks and h5py find;
2. runs the blocks that begin with `# write` and lets Rust read what they made;
3. writes a network, a spike train and a recording with h5py, plain and compressed, with libver
   "earliest" and "v110", and plain with "latest", and runs the example `read_formats` on each.

Prints one line a check and exits with 0 if all hold.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import tempfile

import h5py
import numpy as np

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
U64_MAX = np.uint64(2**64 - 1)


def example(runner, name, path):
    """Runs an example on a path; `runner` is cargo, or the folder of the built examples."""
    if os.path.isdir(runner):
        command = [os.path.join(runner, name), str(path)]
    else:
        command = [runner, "run", "--quiet", "-p", "rheobase-net", "--example", name, "--", str(path)]
    subprocess.run(command, cwd=REPOSITORY, check=True)


def blocks(kind):
    """The Python blocks of the page whose first line is `# KIND FILE`, by file."""
    page = (REPOSITORY / "docs" / "formats.md").read_text(encoding="utf-8")
    found = re.findall(r"```python\n(# (\w+) (\S+)\n.*?)```", page, re.S)
    return {file: code for code, what, file in found if what == kind}


def same(found, expected):
    np.testing.assert_array_equal(found, expected)
    if isinstance(expected, np.ndarray):
        assert found.dtype == expected.dtype, (found.dtype, expected.dtype)


def read_ours(folder):
    """What write_formats wrote is what the page's blocks read."""
    code = blocks("read")
    assert sorted(code) == ["network.h5", "recording.h5", "spikes.h5"], sorted(code)
    for name, text in code.items():
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        assert len(lines) <= 5, f"{name}: {len(lines)} lines, and five are promised"

    found = {}
    exec(code["spikes.h5"], found)
    same(found["t"], np.array([0.1, 0.1, 2.5]))
    same(found["node"], np.array([0, 4, 2], "u4"))
    same(found["n_nodes"], 5)

    found = {}
    exec(code["network.h5"], found)
    same(found["start"], np.array([0, 2, 3, 3], "u8"))
    same(found["target"], np.array([1, 2, 0], "u4"))
    same(found["weight"], np.array([1.5, -2.5, 0.25], "f4"))
    same(found["delay_ms"], np.array([0.5, 1.0, 1.5]))

    found = {}
    exec(code["recording.h5"], found)
    same(found["t"], np.array([0.1, 0.1, 2.5]))
    same(found["v"], np.array([[-70.0, -69.0], [-68.5, -67.5], [-60.0, -55.0]]))
    assert list(found["names"]) == ["words", "liquid"]

    with h5py.File(folder / "network.h5") as f:
        assert (f.attrs["format"], f.attrs["version"]) == ("rheobase-network", 2)
        assert f["description"].attrs["configuration"] == "größe = 3\n"
        assert f["description"].attrs["seed"] == U64_MAX
        order = sorted(f["populations"], key=lambda name: f["populations"][name].attrs["idx"])
        assert order == ["words", "liquid", "noise", "current", "chattering", "bursts", "hiss"], order
        liquid = f["populations/liquid"]
        assert (liquid.attrs["model"], liquid.attrs["synapse"], liquid.attrs["size"]) == ("lif", "exp", 3)
        assert liquid["tau_m"].shape == () and liquid["tau_m"][()] == 10.0
        same(liquid["v_init"][:], np.array([-70.0, -65.5, -60.25]))
        same(liquid["position"][:], np.array([[0, 0, 0], [1, 0, 0.5], [2, 0, 1]], "f4"))
        assert f["populations/noise"].attrs["source"] == "poisson"
        assert f["populations/noise/rate_hz"][()] == 12.5
        same(f["populations/words/spikes/t_ms"][:], np.array([0.5, 1.25]))
        same(f["populations/current/value"][:], np.array([[100.0], [-50.0]]))
        assert liquid["theta_jump"][()] == 0.5 and liquid["e_in"][()] == -85.0
        chattering = f["populations/chattering"]
        assert (chattering.attrs["model"], chattering.attrs["method"]) == ("izhikevich", "rk4")
        assert chattering["v_peak"][()] == 30.0
        bursts, hiss = f["populations/bursts"], f["populations/hiss"]
        assert bursts.attrs["source"] == "poisson_steps" and hiss.attrs["source"] == "noise"
        same(bursts["rate_hz"][:], np.array([[5.0], [50.0]]))
        assert (hiss["mean"][()], hiss["sd"][()], hiss.attrs["interval_ms"]) == (1.5, 20.0, 0.5)
        recurrent, words = f["projections/recurrent"], f["projections/words to liquid"]
        rule = json.loads(recurrent.attrs["plasticity"])
        assert rule == {"tsodyks": {"u": 0.32, "tau_rec": 800.0, "tau_fac": 0.0, "x0": 1.0}}, rule
        assert "plasticity" not in words.attrs
        assert (words.attrs["source"], words.attrs["target"]) == ("words", "liquid")
        assert (words.attrs["receptor"], words["weight"][()], words["delay"][()]) == ("excitatory", 20.0, 1.5)
        same(f["projections/drive/weight"][:], np.array([0.1]))
        same(f["projections/drive/delay"][:], np.array([0.3]))

    with h5py.File(folder / "recording.h5") as f:
        assert (f.attrs["t_start_ms"], f.attrs["t_stop_ms"]) == (0.0, 100.5)
        same(f["populations/is_source"][:], np.array([1, 0], "u1"))
        same(f["final_v_mV"][:], np.array([np.nan, np.nan, -70.0, -65.0, -60.0]))
        assert f["weights/in to out"].attrs["idx"] == 0
        same(f["weights/in to out/weight"][:], np.array([0.5, 0.25]))
        same(f["rates/hz"][:], np.array([[10.0], [20.5]]))
        assert (f["traces"].attrs["t_first_ms"], f["traces"].attrs["interval_ms"]) == (0.5, 0.25)
        assert dict(f["counters"].attrs) == dict(
            neuron_updates=1, synaptic_events=2, input_events=3, queue_operations=4, group_updates=7, values_sent=8,
            spikes=5, input_spikes=6,
        )
        assert f["provenance"].attrs["engine"] == "event: few events a step"
        assert f["provenance/network"].attrs["generator"] == "by hand"

    equal(folder / "recording.h5", folder / "streamed.h5")
    # A file whose end is not where its header says cannot be added to.
    with h5py.File(folder / "streamed.h5", "r+") as f:
        f["added"] = np.arange(1000.0)
    with h5py.File(folder / "streamed.h5", "r+") as f:
        same(f["added"][:], np.arange(1000.0))
        same(f["spikes/t_ms"][:], np.array([0.1, 0.1, 2.5]))


def equal(first, second):
    """Two files hold the same objects, in the same types and layouts."""
    def content(path):
        found = {}
        with h5py.File(path) as f:
            def visit(name, thing):
                data = (thing.dtype, thing.chunks, thing[()].tobytes()) if isinstance(thing, h5py.Dataset) else ()
                if data and thing.dtype == object:
                    data = (thing.dtype, thing.asstr()[()].tolist())
                found[name] = (getattr(thing, "shape", None), dict(thing.attrs), data)
            f.visititems(visit)
            found[""] = dict(f.attrs)
        return found

    assert content(first) == content(second), (content(first), content(second))


def write_theirs(folder, libver, **how):
    """Files in the documented layout, in h5py's own types where the page allows them."""
    with h5py.File(folder / "network.h5", "w", libver=libver) as f:
        f.attrs.update(format="rheobase-network", version=2, made_with="h5py")
        f.create_group("description").attrs.update(
            generator="h5py", seed=U64_MAX, version=h5py.__version__, configuration=""
        )
        # Alphabetical order is not the network's.
        lif, noise = f.create_group("populations/größe"), f.create_group("populations/noise")
        noise.attrs.update(idx=0, size=2, model="spike_source", source="poisson")
        noise["rate_hz"] = [5, 10]
        lif.attrs.update(idx=1, size=3, model="lif", synapse="conductance")
        # The five parameters of version 2 that are missing here have their defaults.
        values = dict(tau_m=10, c_m=250.0, v_rest=-70.0, v_th=-55.0, v_reset=-70.0, t_ref=np.float32(2),
                      i_bias=0.0, v_init=[-70.0, -65.0, -60.0], tau_syn_ex=2.0, tau_syn_in=2.0, e_in=-80,
                      theta_jump=[0.0, 0.5, 1.5], tau_theta=100)
        for name, value in values.items():
            lif[name] = value
        chattering, hiss = f.create_group("populations/chattering"), f.create_group("populations/hiss")
        chattering.attrs.update(idx=2, size=2, model="izhikevich", method="euler")
        values = dict(a=0.02, b=0.2, c=-50, d=2, v_peak=30.0, i_bias=0.0, v_init=-65.0, u_init=-13.0)
        for name, value in values.items():
            chattering[name] = value
        hiss.attrs.update(idx=3, size=2, model="current_source", source="noise", interval_ms=0.5)
        hiss["mean"], hiss["sd"] = 0.0, [1.0, 2.0]
        lif.create_dataset("position", data=np.zeros((3, 3), "f4"), **how)
        p = f.create_group("projections/a noise")
        p.attrs.update(idx=0, source="noise", target="größe", receptor="excitatory")
        # NumPy's own integers: signed, 64 bits.
        p.create_dataset("row_start", data=np.array([0, 2, 3]), **how)
        p.create_dataset("target", data=np.array([0, 1, 2]), **how)
        p["weight"], p["delay"] = 2, 1.0
        p = f.create_group("projections/Recurrent")
        p.attrs.update(idx=1, source="größe", target="größe", receptor="by_sign")
        p.attrs["plasticity"] = json.dumps({"stdp_pair": {"mu_plus": 0, "w_max": 0.5}})
        p.create_dataset("row_start", data=np.array([0, 1, 2, 2], "u8"), **how)
        p.create_dataset("target", data=np.array([1, 0], "u4"), **how)
        p.create_dataset("weight", data=np.array([0.5, 0.25], "f4"), **how)
        p.create_dataset("delay", data=np.array([10, 20], "u2"), **how).attrs["tick_ms"] = 0.1

    def put_spikes(f):
        f.create_group("spikes").attrs["n_nodes"] = 3
        f.create_dataset("spikes/t_ms", data=[0.5, 1.5], **how)
        f.create_dataset("spikes/node", data=np.array([2, 0], ">u4"), **how)

    with h5py.File(folder / "spikes.h5", "w", libver=libver) as f:
        f.attrs.update(format="rheobase-spikes", version=np.uint8(1))
        put_spikes(f)

    with h5py.File(folder / "recording.h5", "w", libver=libver) as f:
        f.attrs.update(format="rheobase-recording", version=1, t_start_ms=0, t_stop_ms=10.0)
        put_spikes(f)
        f["populations/name"] = ["in", "out"]
        f["populations/first"], f["populations/size"] = [0, 1], [1, 2]
        f["populations/is_source"] = np.array([True, False])
        f.create_group("traces").attrs.update(t_first_ms=0.0, interval_ms=0.5)
        f["traces/node"] = [1]
        f.create_dataset("traces/v_mV", data=[[-70.0], [-69.5]], **how)
        names = ["neuron_updates", "synaptic_events", "input_events", "queue_operations", "input_spikes"]
        f.create_group("counters").attrs.update({name: 0 for name in names}, spikes=2)
        f.create_group("provenance").attrs.update(version="", seed=U64_MAX, engine="h5py", configuration="{}")
        f.create_group("provenance/network").attrs.update(generator="", seed=0, version="", configuration="")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cargo", default=os.environ.get("CARGO", "cargo"), help="the cargo command")
    parser.add_argument("--examples", type=os.path.abspath, help="the folder of the built examples")
    parser.add_argument("--keep", type=pathlib.Path, help="work in this folder and keep the files")
    arguments = parser.parse_args()
    runner = arguments.examples or arguments.cargo
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(arguments.keep or temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        os.chdir(folder)
        example(runner, "write_formats", folder)
        read_ours(folder)
        print(f"formats: h5py {h5py.__version__} reads what Rheobase writes, by the lines of docs/formats.md")

        for name, code in blocks("write").items():
            exec(code, {})
            example(runner, "check_file", folder / name)

        ways = {"plain": {}, "gzip": dict(chunks=True, shuffle=True, compression="gzip", fletcher32=True)}
        for libver in ["earliest", "v110", "latest"]:
            for way, how in ways.items():
                # The chunks of HDF5 2.0's latest layout are not read; docs/formats.md says so.
                if (libver, way) == ("latest", "gzip"):
                    continue
                theirs = folder / f"h5py_{libver}_{way}"
                theirs.mkdir(exist_ok=True)
                write_theirs(theirs, libver, **how)
                example(runner, "read_formats", theirs)
                print(f"formats: Rheobase reads what h5py {h5py.__version__} writes, libver {libver}, {way}")


if __name__ == "__main__":
    main()
