#!/usr/bin/env python3
"""Counts the instructions of the hot loops with callgrind, where a stopwatch would flicker.

    make bench-instructions                  count, compare with benches/instructions.json, fail above 2 %
    python3 benches/instructions.py --write  count and write benches/instructions.json

A count is the difference of two runs of different length, so that building the network drops out. Valgrind
shows the program a processor with AVX2 and without AVX-512: the kernels that are counted are those for AVX2.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORD = ROOT / "benches" / "instructions.json"
TOLERANCE = 0.02
# Network, its size, scheduler, and the two lengths in biological seconds.
CASES = [
    ("lsm-delta", ["-n", "1000"], "grid", (0.2, 0.6)),
    ("lsm-delta", ["-n", "1000"], "event", (0.5, 2.5)),
    ("lsm-exp", ["-n", "1000"], "grid", (0.2, 0.6)),
    ("lsm-exp", ["-n", "1000"], "event", (0.5, 1.5)),
    ("lsm-stp", ["-n", "1000"], "grid", (0.2, 0.6)),
    ("cuba", ["-n", "1000"], "grid", (0.1, 0.3)),
    ("coba", ["-n", "1000"], "grid", (0.1, 0.3)),
    ("brunel-delta", ["-n", "2500"], "grid", (0.02, 0.06)),
    ("pd14", ["--scale", "0.05"], "grid", (0.02, 0.06)),
]


def program() -> str:
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "release" / "rheobase")


def instructions(folder: str, network: str, scheduler: str, seconds: float) -> int:
    """Instructions of one run of `rheobase simulate`."""
    out, recording = os.path.join(folder, "callgrind"), os.path.join(folder, "run.h5")
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", program(), "simulate", network,
               "--duration", str(1000 * seconds), "--scheduler", scheduler, "--threads", "1", "-o", recording]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{run.stderr[-2000:]}")
    return int(re.search(r"Collected : (\d+)", run.stderr).group(1))


def count(name: str, size: list[str], scheduler: str, lengths: tuple[float, float]) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        network = os.path.join(folder, "network.h5")
        subprocess.run([program(), "generate", "--preset", name, *size, "-o", network, "--json"],
                       capture_output=True, check=True)
        short, long = (instructions(folder, network, scheduler, seconds) for seconds in lengths)
    return {
        "network": name,
        "size": " ".join(size),
        "scheduler": scheduler,
        "instructions_per_bio_s": round((long - short) / (lengths[1] - lengths[0])),
    }


def main() -> None:
    counts = [count(*case) for case in CASES]
    for line in counts:
        print(f"{line['network']:13} {line['size']:12} {line['scheduler']:6} "
              f"{line['instructions_per_bio_s']:>15,} per biological second")
    if "--write" in sys.argv:
        RECORD.write_text(json.dumps(counts, indent=1) + "\n")
        return
    faults = []
    for known, line in zip(json.loads(RECORD.read_text()), counts, strict=True):
        ratio = line["instructions_per_bio_s"] / known["instructions_per_bio_s"]
        if ratio > 1 + TOLERANCE:
            faults.append(f"{line['network']} ({line['scheduler']}) takes {ratio:.3f} times the instructions")
    if faults:
        sys.exit("\n".join(faults) + "\nif that is meant, write the counts anew with --write")


if __name__ == "__main__":
    main()
