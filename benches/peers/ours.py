"""Runs `rheobase bench`, and reads what its networks did from a recording of the same run."""

import hashlib
import json
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import stats
from environment import target_folder


class Failed(Exception):
    """A program said no; the message is its own."""


def binary():
    path = target_folder() / "release/rheobase"
    if not path.exists():
        raise SystemExit(f"there is no {path.name} in the release folder: cargo build --release -p rheobase")
    return path


def fingerprint():
    """Of the program that is measured: a commit alone does not tell which build of it lay in the folder."""
    return hashlib.sha256(binary().read_bytes()).hexdigest()[:12]


@cache
def bench_help():
    return execute([binary(), "bench", "--help"])


def has(word):
    """Whether `rheobase bench` knows a network or an option."""
    return word in bench_help()


def execute(command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}")
    return done.stdout


def bench(case, scheduler, seed, threads, record=None):
    """One run of `rheobase bench`: its line of JSON. A record is only asked for in runs that are not timed."""
    size = ["--scale", case.scale] if case.name == "pd14" else ["--n", case.n]
    command = [binary(), "bench", case.name, "--json", "--quiet", *size, "--seconds", case.seconds,
               "--scheduler", scheduler, "--threads", threads, "--seed", seed]
    if has("--warm-up"):
        command += ["--warm-up", case.warm_up]
    if record is not None:
        command += ["--record", record]
    return json.loads(execute(command).strip().splitlines()[-1])


def measure(case, scheduler, seed, threads):
    """A timed run, and the statistics of a second one of the same seed, which is recorded."""
    found = bench(case, scheduler, seed, threads) | {"seed": seed}
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "run.h5"
        if has("--record"):
            bench(case, scheduler, seed, threads, recording)
        else:
            simulate(case, scheduler, seed, threads, recording)
        train, populations = stats.read_recording(recording, case.seconds)
    found |= stats.summary(train) | {"recorded_spikes": len(train.node)}
    if case.name == "pd14":
        found["populations"] = stats.population_statistics(train, populations)
    return found


def simulate(case, scheduler, seed, threads, recording):
    """The recording of a program whose bench cannot record: the preset of the same name, generated and run."""
    network = recording.with_name("network.h5")
    common = ["--quiet", "--seed", seed, "--threads", threads, "-o"]
    execute([binary(), "generate", "--preset", case.name, "-n", case.n, *common, network])
    execute([binary(), "simulate", network, "--duration", 1000.0 * case.seconds, "--scheduler", scheduler,
             "--dt", 0.1, *common, recording])
