"""What a measurement was made on, without names of hosts or folders."""

import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def describe():
    return {"cpu": cpu_model(), "cores": len(os.sched_getaffinity(0)), "memory_gb": memory_gb(),
            "system": platform.system(), "kernel": platform.release(), "python": platform.python_version(),
            "gcc": first_line(["gcc", "-dumpfullversion"]), "commit": commit(), "load": os.getloadavg()[0]}


def cpu_model():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def memory_gb():
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)


def commit():
    """The commit of the repository, with a plus where files differ from it."""
    changed = first_line(["git", "-C", ROOT, "status", "--porcelain", "--untracked-files=no"])
    return (first_line(["git", "-C", ROOT, "rev-parse", "--short=12", "HEAD"]) or "unknown") + ("+" if changed else "")


def first_line(command):
    try:
        said = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return said.stdout.strip().splitlines()[0] if said.returncode == 0 and said.stdout.strip() else None
