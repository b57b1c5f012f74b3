"""What the scripts of the peers share: their arguments, the stopwatch, and the line of JSON that they print."""

import argparse
import json
import resource
import sys
import time
from dataclasses import dataclass

import numpy as np

import networks
import stats


@dataclass
class Case:
    """One network at one size, and how long to run it."""

    name: str
    n: int
    scale: float
    seconds: float
    # In ms.
    warm_up: float
    threads: int
    seed: int

    @property
    def duration_ms(self):
        return 1000.0 * self.seconds


@dataclass
class Outcome:
    """What a simulator did with a case. Spikes are of the whole run, with times at the end of the step."""

    engine: str
    build_s: float
    sim_s: float
    cpu_s: float
    t_ms: np.ndarray
    node: np.ndarray
    # Synapses that leave each neuron; the mean over its population where the simulator drew them.
    out_degree: np.ndarray
    populations: list
    peak_rss_mb: float
    compile_s: float | None = None


class Stopwatch:
    """Wall clock and the CPU time, user and system, of this process with all its threads and of its children."""

    def __init__(self):
        self.wall, self.cpu = time.perf_counter(), cpu_seconds()

    def read(self):
        return time.perf_counter() - self.wall, cpu_seconds() - self.cpu


def cpu_seconds():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def peak_rss_mb(status="/proc/self/status"):
    with open(status) as file:
        kib = next(line.split()[1] for line in file if line.startswith("VmHWM:"))
    return int(kib) * 1024 / 1e6


def arguments(description, names):
    """The case of the command line, refused where the peer cannot run it."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=names)
    parser.add_argument("--n", type=int, default=10_000, help="number of neurons")
    parser.add_argument("--scale", type=float, default=0.1, help="of pd14: share of the neurons and of the in-degrees")
    parser.add_argument("--seconds", type=float, default=1.0, help="biological time of the timed run")
    parser.add_argument("--warm-up", type=float, default=100.0, help="biological time before it in ms")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    return Case(**vars(parser.parse_args()))


def run(description, by_name):
    """Runs the network of the command line by its function and prints one line of JSON."""
    case = arguments(description, list(by_name))
    print(json.dumps(line(case, by_name[case.name](case))), flush=True)
    sys.exit(0)


def line(case, outcome):
    """The fields of `rheobase bench --json`, and the statistics of the run."""
    n = len(outcome.out_degree)
    train = stats.Train(outcome.t_ms, outcome.node, n, case.warm_up, case.warm_up + case.duration_ms)
    found = {
        "name": case.name, "n": n, "threads": case.threads, "seed": case.seed, "engine": outcome.engine,
        "build_s": outcome.build_s, "sim_s": outcome.sim_s, "cpu_s": outcome.cpu_s, "bio_s": case.seconds,
        "rtf": outcome.sim_s / case.seconds, "cpu_s_per_bio_s": outcome.cpu_s / case.seconds, "neurons": n,
        "synapses": round(float(outcome.out_degree.sum())), "spikes": len(train.node),
        "synaptic_events": round(float(outcome.out_degree[train.node].sum())), "peak_rss_mb": outcome.peak_rss_mb,
        **stats.summary(train)}
    if outcome.compile_s is not None:
        found["compile_s"] = outcome.compile_s
    if case.name == "pd14":
        found["populations"] = stats.population_statistics(train, outcome.populations)
    return found


def vogels_abbott_out_degree(case):
    """Mean synapses that leave each neuron of `cuba` and `coba`, excitatory neurons first."""
    parameters = networks.CUBA
    return fixed_in_degree_out_degree(case.n, parameters["k_ex"], parameters["k_in"])


def brunel_out_degree(case):
    return fixed_in_degree_out_degree(case.n, *networks.brunel_in_degrees(case.n))


def fixed_in_degree_out_degree(n, k_ex, k_in):
    n_exc = networks.n_excitatory(n)
    return np.repeat([k_ex * n / n_exc, k_in * n / (n - n_exc)], [n_exc, n - n_exc])


def pd14_out_degree(circuit):
    return np.repeat(circuit.synapses.sum(axis=0) / circuit.size, circuit.size)


def pd14_populations(circuit):
    firsts = np.concatenate(([0], np.cumsum(circuit.size)[:-1]))
    return [(name, int(first), int(size))
            for name, first, size in zip(networks.PD14_POPULATIONS, firsts, circuit.size)]
