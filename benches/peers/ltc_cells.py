"""LTC cells side by side in one run: ours, ncps (eager and torch.compile) and a jitted JAX cell, one thread each.

    make bench-ltc                                     everything, five rounds
    python benches/peers/ltc_cells.py --only ncp19     one size
    python benches/peers/ltc_cells.py --from benches/runs/DATE-ltc.json

A case is a network of ncps with the parameters that ncps draws. All run the same inputs from the same state, and
their states (of training, the losses of three steps) must agree to 1e-4 before anything is timed: nobody wins by
computing something else. Then they take turns, A B C A B C; told are medians of the rounds, of CPU time on one core.
"""

import argparse
import datetime
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

CORES = os.sched_getaffinity(0)
os.sched_setaffinity(0, {max(CORES)})
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[name] = "1"
# A machine may have it set to a kernel of other hardware.
os.environ.pop("OPENBLAS_CORETYPE", None)
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false --xla_cpu_prefer_vector_width=512"

import machine
from environment import target_folder
from report import number, spread

RUNS = machine.ROOT / "benches/runs"
TOLERANCE = 1e-4
N_INPUTS, UNFOLDS = 8, 6
# As the table of a measurement names them.
OURS, EAGER, COMPILED, JAX_CALL, JAX = "Rheobase", "ncps", "ncps, torch.compile", "JAX, a call a step", "JAX, scanned"
CASES = [{"title": f"{size}, batch {batch}", "task": "step", "wiring": size if size == "ncp19" else "dense",
          "units": 19 if size == "ncp19" else int(size), "batch": batch, "steps": 4 if batch > 1 else 16,
          "inputs": N_INPUTS, "contenders": contenders}
         for size, batch, contenders in [
             ("ncp19", 1, (OURS, EAGER, COMPILED, JAX_CALL, JAX)), ("ncp19", 64, (OURS, EAGER, COMPILED, JAX_CALL, JAX)),
             ("64", 1, (OURS, EAGER, COMPILED, JAX_CALL, JAX)), ("64", 64, (OURS, EAGER, COMPILED, JAX_CALL, JAX)),
             ("256", 1, (OURS, EAGER, COMPILED, JAX_CALL, JAX)), ("256", 64, (OURS, EAGER, COMPILED, JAX_CALL, JAX)),
             # Of 1024 units torch.compile and batches take minutes a round.
             ("1024", 1, (OURS, EAGER, JAX_CALL, JAX))]]
CASES += [{"title": "training step", "task": "train", "wiring": "dense", "units": 32, "batch": 16, "steps": 32,
           "inputs": 32, "classes": 5, "contenders": (OURS, EAGER, COMPILED, JAX)}]


def median_time(call, seconds):
    """CPU seconds of a call, the median of at least three blocks."""
    begin, n = time.process_time(), 0
    while n < 1 or time.process_time() - begin < seconds / 20:
        call()
        n += 1
    begin, blocks = time.process_time(), []
    while len(blocks) < 3 or time.process_time() - begin < seconds:
        before = time.process_time()
        for _ in range(n):
            call()
        blocks.append((time.process_time() - before) / n)
    return median(blocks)


class Torch:
    """The network of ncps, from which all take their parameters."""

    def __init__(self, case):
        import ncps.torch
        import ncps.wirings
        import numpy as np
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(1)
        wiring = (ncps.wirings.NCP(12, 6, 1, 4, 4, 4, 6, seed=22222) if case["wiring"] == "ncp19"
                  else ncps.wirings.FullyConnected(case["units"], erev_init_seed=1111))
        wiring.build(case["inputs"])
        self.case, self.torch = case, torch
        self.cell = ncps.torch.LTCCell(wiring, ode_unfolds=UNFOLDS)
        self.head = torch.nn.Linear(case["units"], case.get("classes", 1))
        rng = np.random.default_rng(1)
        self.inputs = torch.tensor(rng.standard_normal((case["batch"], case["steps"], case["inputs"]), np.float32))
        self.labels = torch.tensor(rng.integers(0, case.get("classes", 1), (case["batch"], case["steps"])))
        self.run_cell = self.cell

    def numbers(self):
        """The parameters by their names."""
        found = {name: value.detach().numpy() for name, value in self.cell._params.items()}
        return found | {"head_w": self.head.weight.detach().numpy(), "head_b": self.head.bias.detach().numpy()}

    def compile(self):
        # Else the cells of earlier cases count as compilations of this one, and beyond eight it gives up.
        self.torch._dynamo.reset()
        self.run_cell = self.torch.compile(self.cell)
        return self

    def states(self):
        state, states = self.torch.zeros(self.case["batch"], self.case["units"]), []
        with self.torch.no_grad():
            for step in range(self.case["steps"]):
                _, state = self.run_cell(self.inputs[:, step], state)
                states.append(state)
        return self.torch.stack(states, 1).numpy()

    def step_time(self, seconds):
        inputs, state = self.inputs[:, 0].contiguous(), self.torch.zeros(self.case["batch"], self.case["units"])
        with self.torch.no_grad():
            return median_time(lambda: self.run_cell(inputs, state), seconds)

    def begin_training(self):
        self.start = {name: value.clone() for name, value in self.cell.state_dict().items()}
        parameters = [*self.cell.parameters(), *self.head.parameters()]
        self.optimizer = self.torch.optim.Adam([each for each in parameters if each.requires_grad], lr=0.01)

    def train(self):
        state, logits = self.torch.zeros(self.case["batch"], self.case["units"]), []
        for step in range(self.case["steps"]):
            output, state = self.run_cell(self.inputs[:, step], state)
            logits.append(self.head(output))
        loss = self.torch.nn.functional.cross_entropy(self.torch.stack(logits, 1).flatten(0, 1), self.labels.flatten())
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


class Jax:
    """The cell as one would write it in JAX: one fused expression, jitted, dense, of one sample.

    Samples go one after the other (`lax.map`), which is twice as fast as `vmap`; in training they are mapped by `vmap`.
    """

    def __init__(self, case, numbers, inputs, labels):
        import jax
        import jax.numpy as jnp

        self.jax, self.jnp, self.case = jax, jnp, case
        # A copy: what torch goes on to train lies in the same memory.
        self.parameters = {name: jnp.array(value, copy=True) for name, value in numbers.items()}
        self.inputs, self.labels = jnp.array(inputs), jnp.array(labels)
        self.state = jnp.zeros((case["batch"], case["units"]), jnp.float32)

        def cell(p, v, x):
            x = x * p["input_w"] + p["input_b"]
            a = p["sensory_w"] * p["sensory_sparsity_mask"] * jax.nn.sigmoid(
                p["sensory_sigma"] * (x[:, None] - p["sensory_mu"]))
            num = p["gleak"] * p["vleak"] + (a * p["sensory_erev"]).sum(0)
            den = p["gleak"] + a.sum(0) + 1e-8
            cm = p["cm"] * UNFOLDS
            for _ in range(UNFOLDS):
                a = p["w"] * p["sparsity_mask"] * jax.nn.sigmoid(p["sigma"] * (v[:, None] - p["mu"]))
                v = (cm * v + num + (a * p["erev"]).sum(0)) / (cm + den + a.sum(0))
            return v

        def scan(p, v, inputs):
            def one(v, x):
                v = cell(p, v, x)
                return v, v
            return jax.lax.scan(one, v, inputs)[1]

        def each(run):
            """A function of one sample, for all."""
            if case["batch"] == 1:
                return lambda p, v, inputs: run(p, v[0], inputs[0])[None]
            return lambda p, v, inputs: jax.lax.map(lambda of: run(p, *of), (v, inputs))

        def loss(p, v, inputs, labels):
            states = jax.vmap(scan, (None, 0, 0))(p, v, inputs) * p["output_w"] + p["output_b"]
            logs = jax.nn.log_softmax(states @ p["head_w"].T + p["head_b"])
            return -jnp.take_along_axis(logs, labels[:, :, None], -1).mean()

        def train(p, means, squares, n, v, inputs, labels):
            value, gradient = jax.value_and_grad(loss)(p, v, inputs, labels)
            gradient = {name: 0.0 * each if "mask" in name else each for name, each in gradient.items()}
            means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, gradient)
            squares = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, squares, gradient)
            p = jax.tree.map(lambda p, m, s: p - 0.01 * (m / (1 - 0.9**n)) / (jnp.sqrt(s / (1 - 0.999**n)) + 1e-8),
                             p, means, squares)
            return value, p, means, squares

        self.cell, self.scan, self.train_step = jax.jit(each(cell)), jax.jit(each(scan)), jax.jit(train)

    def states(self):
        return self.scan(self.parameters, self.state, self.inputs)

    def call_time(self, seconds):
        x = self.inputs[:, 0]
        return median_time(lambda: self.cell(self.parameters, self.state, x).block_until_ready(), seconds)

    def scan_time(self, seconds):
        run = lambda: self.scan(self.parameters, self.state, self.inputs).block_until_ready()
        return median_time(run, seconds) / self.case["steps"]

    def begin_training(self):
        zeros = {name: self.jnp.zeros_like(value) for name, value in self.parameters.items()}
        self.progress, self.n = (self.parameters, zeros, zeros), 0

    def train(self):
        self.n += 1
        value, *self.progress = self.train_step(*self.progress, float(self.n), self.state, self.inputs, self.labels)
        return float(value)


class Ours:
    """`benches/examples/ltc_cells.rs` on a folder with the case."""

    def __init__(self, case, numbers, inputs, labels):
        import numpy as np

        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name)
        (path / "case.json").write_text(json.dumps(case))
        synapse = ["w", "sigma", "mu", "erev"]
        order = ["gleak", "vleak", "cm", *synapse, *(f"sensory_{name}" for name in synapse)]
        blocks = [numbers[name] for name in order] + [inputs]
        if case["task"] == "train":
            blocks += [numbers["head_w"], numbers["head_b"], labels]
        np.concatenate([np.asarray(block, np.float32).ravel() for block in blocks]).tofile(path / "values.f32")

    def measure(self, seconds):
        program = target_folder() / "release/examples/ltc_cells"
        if not program.exists():
            raise SystemExit("cargo build --release -p rheobase-benches --example ltc_cells")
        done = subprocess.run([program, self.folder.name, str(seconds)], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        return json.loads(done.stdout)["us"] * 1e-6

    def given(self):
        import numpy as np

        self.measure(0.0)
        return np.fromfile(Path(self.folder.name) / "ours.f32", np.float32)


def prepare(case):
    """What times each contender, and how far the farthest is from ncps."""
    import numpy as np

    eager, compiled = Torch(case), Torch(case).compile() if COMPILED in case["contenders"] else None
    given = {name: np.array(value, copy=True) for name, value in eager.numbers().items()}
    inputs, labels = eager.inputs.numpy(), eager.labels.numpy()
    ours, jax = Ours(case, given, inputs, labels), Jax(case, given, inputs, labels)
    if case["task"] == "train":
        contenders = {EAGER: eager, COMPILED: compiled, JAX: jax}
        for contender in contenders.values():
            contender.begin_training()
        results = {name: np.array([contender.train() for _ in range(3)]) for name, contender in contenders.items()}
        results[OURS] = ours.given()
        timers = {name: lambda seconds, each=each: median_time(each.train, seconds)
                  for name, each in contenders.items()}
    else:
        results = {EAGER: eager.states(), JAX: np.asarray(jax.states()), OURS: ours.given()}
        timers = {EAGER: eager.step_time, JAX_CALL: jax.call_time, JAX: jax.scan_time}
        if compiled:
            results[COMPILED], timers[COMPILED] = compiled.states(), compiled.step_time
    timers[OURS] = ours.measure
    apart = {name: float(np.abs(each.ravel() - results[EAGER].ravel()).max()) for name, each in results.items()}
    return timers, apart


def compare(case, rounds, seconds):
    timers, apart = prepare(case)
    off = {name: each for name, each in apart.items() if not each <= TOLERANCE}
    if off:
        raise SystemExit(f"{case['title']}: these are not within {TOLERANCE} of ncps: {off}")
    times = {name: [] for name in case["contenders"]}
    for _ in range(rounds):
        for name in case["contenders"]:
            times[name].append(timers[name](seconds) * 1e6)
    print(case["title"], {name: number(median(each)) for name, each in times.items()}, flush=True)
    return {"title": case["title"], "us": times, "apart": apart, "load": os.getloadavg()[0]}


def versions():
    import importlib.metadata as metadata

    return {name: metadata.version(name) for name in ("ncps", "torch", "jax", "numpy")}


def page(measured):
    """The page of a measurement."""
    about = measured["machine"]
    names = [OURS, EAGER, COMPILED, JAX_CALL, JAX]
    most = max(case["load"] for case in measured["cases"])
    loaded = f" Other work was running: the load was up to {most:.1f}." if most > 1.5 else ""
    lines = [f"# LTC cells, {measured['date']}", "",
             f"{about['cpu']}, one of {about['cores']} cores, {about['system']} {about['kernel']}; Python "
             f"{about['python']}, {', '.join(f'{name} {each}' for name, each in measured['versions'].items())}; "
             f"Rheobase {about['commit']}. {measured['rounds']} rounds in turns.{loaded}", "",
             f"CPU time in µs, median (least–most) of the rounds: of a step of {UNFOLDS} unfolds with {N_INPUTS} inputs, "
             "and of a training step (32 steps of 16 sequences, 32 units, 32 inputs, forward, back and Adam). One thread, "
             "single precision. In brackets, how many times ours.", "",
             "| case | " + " | ".join(names) + " | apart |", "|" + "---|" * (len(names) + 2)]
    for case in measured["cases"]:
        ours = median(case["us"][OURS])
        cells = []
        for name in names:
            times = case["us"].get(name)
            cells.append("–" if times is None else spread(times) + (
                "" if name == OURS else f" [{number(median(times) / ours)}×]"))
        lines.append(f"| {case['title']} | {' | '.join(cells)} | {max(case['apart'].values()):.0e} |")
    lines += ["", "- *apart*: the largest difference of a state (in training, of a loss) from that of ncps.",
              "- Ours at batch 1 is `Ltc::stream`, at batch 64 four groups of sixteen samples.",
              "- ncp19 is NCP(12, 6, 1, 4, 4, 4, 6) with 57 + 34 synapses; ncps and JAX evaluate all 19² pairs. The others "
              "are fully connected.",
              "- ncps and *a call a step* are called from Python once a step, as a loop over a sequence does; ours and "
              "*scanned* go through the sequence by themselves."]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3, help="CPU time of a contender in a round")
    parser.add_argument("--only", nargs="+", help="cases whose titles begin so")
    parser.add_argument("--from", dest="source", type=Path, help="only make the page of a measurement")
    args = parser.parse_args()
    path = args.source
    if path is None:
        chosen = [case for case in CASES if not args.only or case["title"].startswith(tuple(args.only))]
        date = datetime.date.today().isoformat()
        measured = {"format": "rheobase-ltc-cells", "version": 1, "date": date, "rounds": args.rounds,
                    "machine": machine.describe() | {"cores": len(CORES)}, "versions": versions(),
                    "cases": [compare(case, args.rounds, args.seconds) for case in chosen]}
        folder = target_folder() / "peers-runs" if args.only else RUNS
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{date}-ltc.json"
        path.write_text(json.dumps(measured, separators=(",", ":")).replace('{"title"', '\n{"title"') + "\n")
    text = page(json.loads(path.read_text()))
    path.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
