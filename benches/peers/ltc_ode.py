"""diffrax on the LTC equation, beside `cargo run --release -p rheobase-ltc --example ltc_ode`.

Needs jax and diffrax. One thread, doubles; the networks are those of the example, from the same generator. Prints a
line of JSON a case, ours first.
"""

import json
import os
import statistics
import subprocess
import time
from pathlib import Path

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import diffrax
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
N_INPUTS, RUNS = 8, 15
MASK = (1 << 64) - 1


class Numbers:
    """The generator of the example."""

    def __init__(self, seed):
        self.state = seed

    def next(self, low, high):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & MASK
        return low + (high - low) * ((self.state >> 11) / (1 << 53))

    def list(self, n, low, high):
        return np.array([self.next(low, high) for _ in range(n)])

    def signs(self, n):
        return np.array([-1.0 if self.next(0.0, 1.0) < 0.5 else 1.0 for _ in range(n)])


def network(units):
    numbers = Numbers(units)
    leak = [numbers.list(units, *ends) for ends in [(0.001, 1.0), (-0.2, 0.2), (0.4, 0.6)]]
    kinds = []
    for sources in [units, N_INPUTS]:
        n = sources * units
        drawn = [numbers.list(n, *ends) for ends in [(0.001, 1.0), (3.0, 8.0), (0.3, 0.8)]]
        kinds.append([x.reshape(sources, units) for x in [*drawn, numbers.signs(n)]])
    waves = [numbers.list(N_INPUTS, *ends) for ends in [(0.5, 1.5), (0.5, 3.0), (0.0, 6.0)]]
    return leak, kinds, waves, numbers.list(units, -0.5, 0.5)


def rate(t, v, args):
    (gleak, vleak, cm), kinds, (amplitude, frequency, phase) = args
    x = amplitude * jnp.sin(frequency * t + phase)
    num, den = gleak * vleak, gleak
    for (w, sigma, mu, erev), u in zip(kinds, [v, x]):
        a = w * jax.nn.sigmoid(sigma * (u[:, None] - mu))
        num, den = num + (a * erev).sum(0), den + a.sum(0)
    return (num - den * v) / cm


def measure(units):
    *parts, initial = network(units)
    args = jax.tree.map(jnp.asarray, tuple(parts))
    saved = diffrax.SaveAt(ts=jnp.linspace(0.0, 10.0, 11))

    def compiled(solver, rtol, atol):
        @jax.jit
        def run(initial):
            solution = diffrax.diffeqsolve(
                diffrax.ODETerm(rate), solver, 0.0, 10.0, None, initial, args, saveat=saved,
                stepsize_controller=diffrax.PIDController(rtol=rtol, atol=atol), max_steps=100_000,
                adjoint=diffrax.DirectAdjoint(),
            )
            return solution.ys, solution.stats["num_steps"]

        return run

    best, _ = compiled(diffrax.Dopri8(), 1e-12, 1e-13)(initial)
    for name, solver, rtol, atol in [
        ("dopri5", diffrax.Dopri5(), 1e-3, 1e-5),
        ("dopri5", diffrax.Dopri5(), 1e-6, 1e-8),
        ("tsit5", diffrax.Tsit5(), 1e-6, 1e-8),
        ("dopri8", diffrax.Dopri8(), 1e-6, 1e-8),
    ]:
        run = compiled(solver, rtol, atol)
        states, steps = jax.block_until_ready(run(initial))
        times = []
        for _ in range(RUNS):
            begin = time.perf_counter()
            jax.block_until_ready(run(initial))
            times.append((time.perf_counter() - begin) * 1e3)
        print(json.dumps({
            "tool": "diffrax", "units": units, "method": name, "rtol": rtol,
            "ms": round(statistics.median(times), 4), "least_ms": round(min(times), 4), "steps": int(steps),
            "error": float(f"{np.abs(states - best).max():.1e}"),
        }))


if __name__ == "__main__":
    root = Path(__file__).parents[2]
    command = ["cargo", "run", "--quiet", "--release", "-p", "rheobase-ltc", "--example", "ltc_ode"]
    subprocess.run(command, cwd=root, check=True)
    for units in [19, 64]:
        measure(units)
