"""The chip emulator beside Lava: the same networks, spike for spike, and what a step takes.

    python3 benches/peers/chip.py                    all networks, three rounds
    python3 benches/peers/chip.py --only delay-1000  one
    python3 benches/peers/chip.py --before "chrt -f 40"   short runs by a command that keeps other work away

Lava 0.10.0 runs on Python 3.10 alone; where there is none, the script says so and fails. Its environment is made under
target/ by environment.py, and every run of it is under a timer, because Lava can hang without a word. Both run one
thread of their own, the least time of a step over rounds in turns is told, and nothing is timed whose spikes differ.
"""

import argparse
import datetime
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import environment
import machine

HERE = Path(__file__).resolve().parent
RUNS = machine.ROOT / "benches/runs"
PATIENCE_S = 900
# Of Lava, a small part of what it takes to start.
SECONDS = 2.0
CASES = {
    "dense-100": {"kind": "dense", "n": 100, "out": 100, "steps": 400, "period": 50},
    "dense-1000": {"kind": "dense", "n": 1000, "out": 1000, "steps": 400, "period": 60},
    "sparse-4000": {"kind": "sparse", "n": 4000, "out": 40, "steps": 200, "period": 60},
    "delay-1000": {"kind": "delay", "n": 1000, "out": 100, "steps": 100, "period": 80, "most_delay": 31},
}


def lava_python():
    """The interpreter of Lava's environment."""
    folders = sorted((Path.home() / ".pyenv/versions").glob("3.10*/bin/python3.10"))
    found = [each for each in ["python3.10", *map(str, folders)] if (environment.version(each) or "").startswith("3.10")]
    if "RHEOBASE_PEERS_PYTHON" not in os.environ:
        if not found:
            raise SystemExit("not run: Lava 0.10.0 needs a Python 3.10, and there is none")
        os.environ["RHEOBASE_PEERS_PYTHON"] = found[0]
    return environment.environment("lava")


def network(case, seed):
    """Neurons that fire about once a period by themselves, and random synapses between them."""
    import numpy as np

    rng = np.random.default_rng(seed)
    n, out = case["n"], case["out"]
    vth = 1000
    bias = vth * 64 // case["period"] + rng.integers(-100, 101, n)
    if out == n:
        post = np.tile(np.arange(n), n)
    else:
        post = np.concatenate([np.sort(rng.choice(n, out, replace=False)) for _ in range(n)])
    pre = np.repeat(np.arange(n), out)
    weight = rng.choice([-8, -4, -2, 2, 4, 8], n * out)
    delay = rng.integers(0, case.get("most_delay", 0) + 1, n * out)
    return {"kind": case["kind"], "du": 2000, "dv": 0, "vth": vth, "bias": bias.astype(np.int16),
            "v": rng.integers(0, vth * 64, n), "pre": pre, "post": post, "weight": weight, "delay": delay}


def netlist(net):
    """The same as a netlist of one core, in our JSON."""
    n = len(net["bias"])
    order = sorted(range(len(net["pre"])), key=lambda i: (net["pre"][i], net["delay"][i], net["post"][i]))
    column = lambda name: [int(net[name][i]) for i in order]
    pre = column("pre")
    first = [0] * (n + 1)
    for i in pre:
        first[i + 1] += 1
    for i in range(n):
        first[i + 1] += first[i]
    constant = lambda value: [value] * n
    lif = {"du": constant(net["du"]), "dv": constant(net["dv"]), "vth": constant(net["vth"]),
           "bias_mant": [int(bias) for bias in net["bias"]], "bias_exp": constant(0), "refractory": constant(1),
           "u": constant(0), "v": [int(v) for v in net["v"]], "v_min": 1 - 2**23, "v_max": 2**23 - 1}
    block = {"projection": "recurrent", "group": 0, "port": 0,
             "link": {"weights": {"weight_exp": 0, "weight_bits": 8, "sign": "mixed", "message_bits": 0}},
             "axon": list(range(n)), "first": first, "target": column("post"), "weight": column("weight"),
             "delay": column("delay")}
    core = {"core": 0, "groups": [{"population": 0, "neurons": list(range(n)), "model": {"lif": lif}}],
            "input_axons": {"population": constant(0), "node": list(range(n))}, "blocks": [block],
            "output_axons": {"first": list(range(n + 1)), "core": constant(0), "axon": list(range(n))}}
    return {"format": "rheobase-netlist", "version": 1, "netlist": {
        "origin": {"made_with": "", "made_from": "chip.py", "network": "", "dt": 1.0}, "chip": None,
        "populations": [{"name": "liquid", "size": n, "source": None}], "cores": [core]}}


def execute(command):
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, timeout=PATIENCE_S)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]}: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(name, case, python, before, seed):
    """One round of a network: ours and Lava's, of which the spikes must be the same."""
    import numpy as np

    net = network(case, seed)
    with tempfile.TemporaryDirectory() as folder:
        ours_file, peer_file = Path(folder) / "netlist.json", Path(folder) / "network.npz"
        ours_file.write_text(json.dumps(netlist(net)))
        np.savez(peer_file, **net)
        program = environment.target_folder() / "release/examples/chip"
        ours = execute([*before, program, ours_file, case["steps"], SECONDS])
        peer = execute([*before, python, HERE / "chip_lava.py", peer_file, case["steps"], SECONDS])
    if ours["spikes"] != peer["spikes"]:
        raise SystemExit(f"{name}: {len(ours['spikes'])} spikes, Lava has {len(peer['spikes'])}, and they differ")
    return {"case": name, "seed": seed, "steps": case["steps"], "spikes": len(ours["spikes"]),
            "events_per_step": ours["events_per_step"], "ours_us": ours["us_per_step"], "lava_us": peer["us_per_step"]}


def table(rounds):
    lines = ["| network | events a step | Rheobase, µs a step | Lava, µs a step | times | Rheobase, events/s |",
             "|---|---|---|---|---|---|"]
    for name in dict.fromkeys(each["case"] for each in rounds):
        own = [each for each in rounds if each["case"] == name]
        ours, lava = min(each["ours_us"] for each in own), min(each["lava_us"] for each in own)
        events = sum(each["events_per_step"] for each in own) / len(own)
        lines.append(f"| {name} | {events:,.0f} | {ours:.2f} | {lava:,.0f} | {lava / ours:,.0f} | {events / ours * 1e6:.1e} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=CASES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--before", default="", help="a command before every run")
    parser.add_argument("--write", action="store_true", help="keep the rounds under benches/runs")
    arguments = parser.parse_args()
    python = lava_python()
    try:
        import numpy  # noqa: F401, networks are made with it
    except ImportError:
        os.execv(python, [str(python), __file__, *sys.argv[1:]])
    program = ["cargo", "build", "--release", "--quiet", "-p", "rheobase-benches", "--example", "chip"]
    subprocess.run(program, cwd=machine.ROOT, check=True)
    rounds = []
    for seed in range(arguments.rounds):
        for name, case in CASES.items():
            if arguments.only in (None, name):
                rounds.append(measure(name, case, python, shlex.split(arguments.before), seed))
                print(json.dumps(rounds[-1]), flush=True)
    print(table(rounds))
    if arguments.write:
        path = RUNS / f"{datetime.date.today().isoformat()}-chip.json"
        path.write_text(json.dumps({"machine": machine.describe(), "rounds": rounds}, indent=1) + "\n")
        path.with_suffix(".md").write_text(table(rounds) + "\n")


if __name__ == "__main__":
    main()
