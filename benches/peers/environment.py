"""Makes the peers' Python environment under target/ and prints the path of its interpreter.

    python3 benches/peers/environment.py            of the simulators
    python3 benches/peers/environment.py ltc        of the libraries of liquid networks
    python3 benches/peers/environment.py mapping    of the partitioners
    python3 benches/peers/environment.py lava       of Lava
    python3 benches/peers/environment.py netx       of lava-dl, which is large
    python3 benches/peers/environment.py graphs     of readers of graphs
    python3 benches/peers/environment.py sanafe     of SANA-FE

Takes the interpreter of $RHEOBASE_PEERS_PYTHON, else python3.13 if there is one (Brian2 2.11 needs it), else the one
that runs this script, and for Lava and lava-dl a python3.10, on which alone they run; `requirements.txt`
(`requirements-ltc.txt`, …) says what an older Python gets instead. Made again when the requirements or the interpreter
change.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def target_folder():
    return Path(os.environ.get("CARGO_TARGET_DIR") or HERE.parents[1] / "target")


# What runs on one version of Python alone.
NEEDS = {"lava": "3.10", "netx": "3.10"}


class Unavailable(SystemExit):
    """There is no environment of that name on this machine."""


def candidates(name):
    chosen = os.environ.get("RHEOBASE_PEERS_PYTHON")
    if chosen:
        return [chosen]
    wanted = NEEDS.get(name, "3.13")
    pyenv = sorted((Path.home() / ".pyenv/versions").glob(f"{wanted}.*/bin/python{wanted}"))
    return [f"python{wanted}", *map(str, pyenv), *([] if name in NEEDS else [sys.executable])]


def version(interpreter):
    """The interpreter's version, or nothing if it does not run or cannot make environments."""
    if shutil.which(interpreter) is None:
        return None
    said = subprocess.run([interpreter, "-c", "import venv, ensurepip, sys; print(sys.version)"],
                          capture_output=True, text=True)
    return said.stdout.strip() if said.returncode == 0 else None


def environment(name=""):
    """The interpreter of the environment of that name.

    Raises Unavailable where there is no Python for it, or its packages cannot be had.
    """
    ending = f"-{name}" if name else ""
    folder = target_folder() / f"peers{ending}"
    does = lambda each: (version(each) or "").startswith(NEEDS.get(name, "3"))
    interpreter = next((each for each in candidates(name) if does(each)), None)
    if interpreter is None:
        needed = f"Python {NEEDS[name]}" if name in NEEDS else "Python"
        raise Unavailable(f"no {needed} with venv and ensurepip: install one, or set RHEOBASE_PEERS_PYTHON")
    requirements = HERE / f"requirements{ending}.txt"
    wanted = hashlib.sha256(requirements.read_bytes() + version(interpreter).encode()).hexdigest()
    stamp, python = folder / "made-for", folder / "bin/python"
    if not (stamp.exists() and stamp.read_text() == wanted and python.exists()):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([interpreter, "-m", "venv", folder], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]
        if subprocess.run(pip).returncode != 0:
            raise Unavailable(f"{requirements.name}: its packages cannot be had here")
        stamp.write_text(wanted)
    return python


if __name__ == "__main__":
    print(environment(*sys.argv[1:2]))
