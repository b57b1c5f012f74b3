"""Ours against SANA-FE 2.2.9 on random networks and random chips.

    python3 benches/peers/conformance/sanafe.py [--cases 20] [--first 0] [--ours PROGRAM] [--keep FOLDER] [--dvs NETWORK]

Every case is a chip and a network in SANA-FE's YAML, made from its seed. The real tool runs them, with both timing
models; ours reads the same files and runs them, with the order of cores that the tool's messages show; ours writes both
files again, and the tool and ours run what was written. All have to agree: spikes, potentials to the printed digits,
counts, energies to 1e-12 and times to 1e-9 relative.

The last line says how many cases agree, or that nothing was run and why (exit code 3): SANA-FE has no wheel for every
Python. Every run has a kill timer. `--dvs` takes SANA-FE's own DVS network (`snn/dvs.yaml` of its repository) and
times both on it, on the chip that SANA-FE ships as `loihi.yaml`.
"""

import argparse
import json
import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))

STEPS = 60
KILL_AFTER_S = 180
NOT_RUN = 3
COMPONENTS = ("synapse", "dendrite", "soma", "network", "total")
COUNTS = ("spikes", "packets_sent", "neurons_updated", "neurons_fired")

# What the real tool does with one pair of files, in its own process.
WORKER = '''
import json, sys, time
import sanafe
arch_path, net_path, steps, folder, seconds = sys.argv[1:]
answer = {}
for timing in ("simple", "detailed"):
    arch = sanafe.load_arch(arch_path)
    net = sanafe.load_net(net_path, arch)
    chip = sanafe.SpikingChip(arch)
    chip.load(net)
    traces = {} if float(seconds) > 0 else {
        f"{kind}_trace": f"{folder}/{timing}.{kind}.csv" for kind in ("spike", "potential", "message")}
    begin = time.process_time()
    result = chip.sim(int(steps), timing_model=timing, processing_threads=1, scheduler_threads=0, **traces)
    taken = time.process_time() - begin
    answer[timing] = {key: result[key] for key in
                      ("energy", "sim_time", "spikes", "packets_sent", "neurons_updated", "neurons_fired")}
    while float(seconds) > 0 and time.process_time() - begin < float(seconds):
        chip.reset()
        again = time.process_time()
        chip.sim(int(steps), timing_model=timing, processing_threads=1, scheduler_threads=0)
        taken = min(taken, time.process_time() - again)
    answer[timing]["steps_per_cpu_s"] = int(steps) / taken
print("ANSWER" + json.dumps(answer))
'''


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--ours", type=Path, help="the example sanafe_run, if it is built already")
    parser.add_argument("--keep", type=Path, help="where to leave the files of the cases")
    parser.add_argument("--dvs", type=Path, help="SANA-FE's snn/dvs.yaml, to be timed")
    args = parser.parse_args()
    try:
        python = sanafe_python()
    except (SystemExit, subprocess.SubprocessError, OSError) as error:
        print(f"conformance sanafe: not run: no environment with sanafe 2.2.9 ({error})")
        return NOT_RUN
    ours = args.ours or build()
    if args.dvs:
        return time_dvs(python, ours, args.dvs)
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(args.first, args.first + args.cases):
            folder = (args.keep or Path(scratch)) / str(seed)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "arch.yaml").write_text(chip := Chip(seed).text())
            (folder / "net.yaml").write_text(Net(seed, chip).text())
            faults = check(python, ours, folder)
            failed += bool(faults)
            for fault in faults[:5]:
                print(f"case {seed}: {fault}")
            print(f"case {seed}: {'FAILED' if faults else 'agrees'}", flush=True)
    print(f"conformance sanafe: {args.cases} cases, {failed} failed")
    return 1 if failed else 0


def sanafe_python():
    from environment import environment
    python = environment("sanafe")
    subprocess.run([python, "-c", "import sanafe"], check=True, capture_output=True, timeout=KILL_AFTER_S)
    return python


def build():
    subprocess.run(["cargo", "build", "--release", "--locked", "-p", "rheobase-loihi-export",
                    "--example", "sanafe_run"], cwd=ROOT, check=True)
    from environment import target_folder
    return target_folder() / "release/examples/sanafe_run"


def run_theirs(python, arch, net, steps, folder, seconds=0.0):
    folder.mkdir(parents=True, exist_ok=True)
    said = subprocess.run([python, "-c", WORKER, arch, net, str(steps), folder, str(seconds)],
                          capture_output=True, text=True, timeout=KILL_AFTER_S)
    answers = [line for line in said.stdout.splitlines() if "ANSWER" in line]
    if said.returncode or not answers:
        raise RuntimeError(f"SANA-FE: {(said.stderr + said.stdout).strip()[-400:]}")
    return json.loads(answers[-1].split("ANSWER", 1)[1])


def run_ours(ours, arch, net, steps, *options):
    said = subprocess.run([ours, arch, net, str(steps), *map(str, options)], capture_output=True, text=True,
                          timeout=KILL_AFTER_S)
    if said.returncode:
        raise RuntimeError(f"ours: {said.stderr.strip()[-400:]}")
    return json.loads(said.stdout)


def check(python, ours, folder):
    faults = []
    try:
        for name, arch, net in [("read", folder / "arch.yaml", folder / "net.yaml"),
                                ("written", folder / "written/arch.yaml", folder / "written/net.yaml")]:
            traces = folder / f"traces-{name}"
            theirs = run_theirs(python, arch, net, STEPS, traces)
            messages = traces / "detailed.message.csv"
            mine = run_ours(ours, arch, net, STEPS, "--records", "--messages", messages,
                            *(["--write", folder / "written"] if name == "read" else []))
            faults += [f"{name}: {fault}" for fault in compare(mine, theirs, traces)]
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        faults.append(str(error))
    return faults


def compare(mine, theirs, traces):
    for timing in ("simple", "detailed"):
        ours, other = mine[timing], theirs[timing]
        for component in COMPONENTS:
            if off(ours["energy"][component], other["energy"][component]) > 1e-12:
                yield f"{timing}: {component} energy {ours['energy'][component]!r}, SANA-FE {other['energy'][component]!r}"
        if off(ours["sim_time"], other["sim_time"]) > 1e-9:
            yield f"{timing}: time {ours['sim_time']!r}, SANA-FE {other['sim_time']!r}"
        for count in COUNTS:
            if ours[count] != other[count]:
                yield f"{timing}: {count} {ours[count]}, SANA-FE {other[count]}"
        spikes = [[int(step), neuron] for neuron, step in rows(traces / f"{timing}.spike.csv")]
        if ours["records"]["spikes"] != spikes:
            yield f"{timing}: {len(ours['records']['spikes'])} spikes, SANA-FE {len(spikes)}, not the same"
        # Without a neuron to record SANA-FE writes all steps into one line.
        is_recorded = len((traces / f"{timing}.potential.csv").read_text().split("\n", 1)[0].split(",")) > 2
        potentials = [row[1:-1] for row in rows(traces / f"{timing}.potential.csv")] if is_recorded else []
        printed = [[f"{v:.6g}" for v in row] for row in ours["records"]["potentials"] if row]
        wrong = [step for step, (a, b) in enumerate(zip(printed, potentials), 1) if a != b]
        if len(printed) != len(potentials) or wrong:
            yield f"{timing}: potentials differ in {len(wrong)} steps, first in {wrong[:1]}"


def off(a, b):
    """How far apart two numbers are, as a share of the second."""
    if a == b:
        return 0.0
    return abs(a - b) / abs(b) if b and math.isfinite(a) else math.inf


def rows(path):
    return [line.split(",") for line in path.read_text().splitlines()[1:]]


class Chip:
    """A random chip."""

    def __init__(self, seed):
        self.draw = random.Random(f"chip {seed}")

    def text(self):
        draw = self.draw
        self.width, self.height = draw.randint(1, 4), draw.randint(1, 3)
        self.n_cores = draw.randint(1, 3)
        cost = lambda scale: f"{draw.choice([0, draw.uniform(0, scale), round(draw.uniform(0, 9)) * scale / 10])!r}"
        pair = lambda name: f"energy_{name}: {cost(1e-10)}, latency_{name}: {cost(1e-8)}"
        hops = ", ".join(pair(f"{way}_hop") for way in ("north", "east", "south", "west"))
        sync = draw.choice(["latency_sync: 1.5e-7", "sync_model: table, latency_sync: {1: 1.0e-7, 3: 4.0e-7}",
                            "sync_model: table, latency_sync: [0.0, 2.0e-7, 5.0e-7]"])
        soma = lambda: ", ".join(pair(name) for name in ("access_neuron", "update_neuron", "spike_out"))
        return f"""architecture:
  name: chip
  attributes: {{topology: mesh, width: {self.width}, height: {self.height}, link_buffer_size: {draw.choice([1, 1, 2, 16])}, {sync}}}
  tile:
    - name: tile[0..{self.width * self.height - 1}]
      attributes: {{{hops}}}
      core:
        - name: core[0..{self.n_cores - 1}]
          attributes: {{buffer_position: soma, buffer_inside_unit: false, max_neurons_supported: 512}}
          axon_in:
            - name: in
              attributes: {{{pair("message_in")}}}
          synapse:
            - name: one
              attributes: {{model: current_based, {pair("process_spike")}}}
            - name: two
              attributes: {{model: current_based, {pair("process_spike")}}}
          dendrite:
            - name: now
              attributes: {{model: accumulator, {pair("update")}}}
            - name: later
              attributes: {{model: accumulator_with_delay, {pair("update")}}}
          soma:
            - name: lif
              attributes: {{model: leaky_integrate_fire, {soma()}}}
            - name: other
              attributes: {{model: leaky_integrate_fire, {soma()}}}
            - name: input[0..15]
              attributes: {{model: input, {soma()}}}
          axon_out:
            - name: out
              attributes: {{{pair("message_out")}}}
"""


class Net:
    """A random network on a chip, in as many ways of writing as the format has."""

    def __init__(self, seed, chip_text):
        self.draw = random.Random(f"net {seed}")
        chip = Chip(seed)
        chip.text()
        self.cores = [f"{tile}.{core}" for tile in range(chip.width * chip.height) for core in range(chip.n_cores)]
        self.whole = self.draw.random() < 0.5

    def number(self, low, high):
        value = self.draw.uniform(low, high)
        return round(value) if self.whole or self.draw.random() < 0.3 else value

    def text(self):
        draw = self.draw
        names = draw.sample(["a", "b", "10", "2", "zz", "Q", "under_score"], draw.randint(1, 4))
        sizes = {name: draw.randint(1, 40) for name in names}
        self.sizes = sizes
        self.inputs = draw.randint(0, 10)
        lines = ["network:", f"  name: {draw.choice(['net', 'n1'])}", "  groups:"]
        if self.inputs:
            lines += self.input_group()
        for name in names:
            lines += self.group(name)
        lines.append("  edges:")
        edges = self.edges(names)
        lines += edges or []
        if not edges:
            lines[-1] = "  edges: []"
        lines.append("mappings:")
        lines += self.mappings()
        return "\n".join(lines) + "\n"

    def input_group(self):
        draw = self.draw
        lines = ["    - name: in", "      attributes: [log_spikes: true]", "      neurons:"]
        for k in range(self.inputs):
            how = draw.choice(["spikes", "spikes", "rate", "nothing"])
            # Some share a unit, and with it their spikes.
            unit = draw.choice([k, k, k, 0])
            what = {"spikes": f", spikes: {[draw.randint(0, 1) for _ in range(draw.randint(1, STEPS))]}",
                    "rate": f", rate: {draw.choice([1, 0.5, 0.3, 0.07])}", "nothing": ""}[how]
            lines.append(f'        - {k}: {{soma_hw_name: "input[{unit}]"{what}}}')
        return lines

    def group(self, name):
        draw = self.draw
        delays = draw.random() < 0.4
        attributes = {"threshold": self.number(1, 60), "leak_decay": draw.choice([1, 0.5, 0.9375, 0.9]),
                      "soma_hw_name": draw.choice(["lif", "other"]), "synapse_hw_name": draw.choice(["one", "two"])}
        if delays:
            attributes["dendrite_hw_name"] = "later"
        if draw.random() < 0.8:
            attributes["log_spikes"] = draw.choice(["true", "1"])
        if draw.random() < 0.8:
            attributes["log_potential"] = "true"
        shown = ", ".join(f"{key}: {value}" for key, value in attributes.items())
        shown = draw.choice([f"{{{shown}}}", f"[{shown}]"])
        lines = [f"    - name: {name}", f"      attributes: {shown}", "      neurons:"]
        at, size = 0, self.sizes[name]
        while at < size:
            last = min(size - 1, at + draw.choice([0, 0, 0, 3, 9]))
            key = str(at) if last == at else f"{at}..{last}"
            own = ", ".join(self.neuron_attributes())
            lines.append(f"        - {key}: " + draw.choice([f"{{{own}}}", f"[{own}]"]))
            at = last + 1
        return lines

    def neuron_attributes(self):
        draw = self.draw
        modes = ["none", "soft", "hard", "saturate"]
        choices = [
            (0.5, lambda: f"bias: {self.number(0, 12)}"),
            (0.1, lambda: f"threshold: {self.number(-1, 40)}"),
            (0.2, lambda: f"reset: {self.number(-3, 3)}"),
            (0.2, lambda: f"reset_mode: {draw.choice(modes)}"),
            (0.2, lambda: f"reverse_reset_mode: {draw.choice(modes)}"),
            (0.2, lambda: f"reverse_threshold: {self.number(-20, 2)}"),
            (0.2, lambda: f"reverse_reset: {self.number(-5, 5)}"),
            (0.2, lambda: f"input_decay: {draw.choice([0.5, 0.25, 0.9])}"),
            (0.2, lambda: f"refractory_delay: {draw.randint(0, 5)}"),
            (0.1, lambda: "force_update: true"),
            (0.1, lambda: f"potential: {self.number(-5, 5)}"),
            (0.1, lambda: f"soma: {{bias: {self.number(0, 9)}}}"),
        ]
        return [make() for chance, make in choices if draw.random() < chance]

    def edges(self, names):
        draw = self.draw
        lines = []
        sources = [(name, k) for name in names for k in range(self.sizes[name])]
        sources += [("in", k) for k in range(self.inputs)]
        targets = [(name, k) for name in names for k in range(self.sizes[name])]
        for _ in range(draw.randint(0, 6 * len(targets))):
            (a, i), (b, j) = draw.choice(sources), draw.choice(targets)
            own = [f"weight: {self.number(-20, 30)}"]
            if draw.random() < 0.5:
                own.append(f"delay: {draw.randint(0, 5)}")
            own = ", ".join(own)
            lines.append(f"    - {a}.{i} -> {b}.{j}: " + draw.choice([f"{{{own}}}", f"[{own}]"]))
        for _ in range(draw.randint(0, 2)):
            a, b = draw.choice(names), draw.choice(names)
            n, m = self.sizes[a], self.sizes[b]
            if draw.random() < 0.5 and n * m <= 600:
                weights = [self.number(-9, 12) for _ in range(n * m)]
                lines.append(f"    - {a} -> {b}: {{type: dense, weight: {weights}}}")
            else:
                pairs = [[draw.randrange(n), draw.randrange(m)] for _ in range(draw.randint(1, 30))]
                weights = [self.number(-9, 12) for _ in pairs]
                delays = [draw.randint(0, 5) for _ in pairs]
                lines += [f"    - {a} -> {b}:", "        type: sparse", f"        source_target_pairs: {pairs}",
                          f"        weight: {weights}", f"        delay: {delays}"]
        self.sizes_of_convolution = None
        for a in names:
            # One channel, one row: as many targets as a kernel fits.
            n = self.sizes[a]
            kernel = draw.randint(1, max(1, n))
            fits = [b for b in names if self.sizes[b] == n - kernel + 1]
            if fits and draw.random() < 0.7:
                weights = [self.number(-9, 12) for _ in range(kernel)]
                lines += [f"    - {a} -> {draw.choice(fits)}:", "        type: conv2d", "        input_height: 1",
                          f"        input_width: {n}", "        input_channels: 1", "        kernel_count: 1",
                          "        kernel_height: 1", f"        kernel_width: {kernel}", "        stride_height: 1",
                          "        stride_width: 1", f"        weight: {weights}"]
        return lines

    def mappings(self):
        draw = self.draw
        some = draw.sample(self.cores, min(len(self.cores), draw.randint(1, 8)))
        rows = []
        for k in range(self.inputs):
            rows.append(f"  - in.{k}: [core: {draw.choice(some)}]")
        for name, size in self.sizes.items():
            at = 0
            while at < size:
                last = min(size - 1, at + draw.choice([0, 1, 5, 20]))
                key = f"{name}.{at}" if last == at else f"{name}.{at}..{last}"
                more = draw.choice(["", "", ", soma: lif", ", synapse: two"])
                rows.append(f"  - {key}: {{core: {draw.choice(some)}{more}}}")
                at = last + 1
        draw.shuffle(rows)
        return rows


def time_dvs(python, ours, network):
    """Both on SANA-FE's own DVS network, 64 steps, after each other."""
    where = subprocess.run([python, "-c", "import sanafe, os; print(os.path.dirname(sanafe.__file__))"],
                           capture_output=True, text=True, check=True, timeout=KILL_AFTER_S)
    arch = Path(where.stdout.splitlines()[-1]) / "examples/loihi.yaml"
    with tempfile.TemporaryDirectory() as scratch:
        theirs = run_theirs(python, arch, network, 64, Path(scratch), seconds=3)
    mine = run_ours(ours, arch, network, 64, "--seconds", 2)
    for timing in ("simple", "detailed"):
        a, b = mine[timing], theirs[timing]
        print(f"{timing}: ours {a['steps_per_cpu_s']:.0f} steps/CPU s, SANA-FE {b['steps_per_cpu_s']:.1f}, "
              f"{a['steps_per_cpu_s'] / b['steps_per_cpu_s']:.1f} times; energy {a['energy']['total']:.6e} J and "
              f"{b['energy']['total']:.6e} J; time {a['sim_time']:.6e} s and {b['sim_time']:.6e} s")
    print(f"ours: peak memory {mine['peak_kb'] / 1000:.0f} MB, loaded in {mine['load_cpu_s']:.2f} CPU s")
    agree = all(off(mine[timing]["energy"][part], theirs[timing]["energy"][part]) <= 1e-12
                for timing in ("simple", "detailed") for part in COMPONENTS)
    print(f"conformance sanafe: energies {'agree' if agree else 'DIFFER'}")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
