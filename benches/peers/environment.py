"""Makes the peers' Python environment under target/ and prints the path of its interpreter.

    python3 benches/peers/environment.py            of the simulators
    python3 benches/peers/environment.py ltc        of the libraries of liquid networks
    python3 benches/peers/environment.py mapping    of the partitioners
    python3 benches/peers/environment.py sanafe     of SANA-FE

Takes the interpreter of $RHEOBASE_PEERS_PYTHON, else python3.13 if there is one (Brian2 2.11 needs it), else the one
that runs this script; `requirements.txt` (`requirements-ltc.txt`, `requirements-mapping.txt`, …) says what an older Python
gets instead. Made again when the requirements or the interpreter change.
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


def candidates():
    chosen = os.environ.get("RHEOBASE_PEERS_PYTHON")
    if chosen:
        return [chosen]
    pyenv = sorted((Path.home() / ".pyenv/versions").glob("3.13*/bin/python3.13"))
    return ["python3.13", *map(str, pyenv), sys.executable]


def version(interpreter):
    """The interpreter's version, or nothing if it does not run or cannot make environments."""
    if shutil.which(interpreter) is None:
        return None
    said = subprocess.run([interpreter, "-c", "import venv, ensurepip, sys; print(sys.version)"],
                          capture_output=True, text=True)
    return said.stdout.strip() if said.returncode == 0 else None


def environment(name=""):
    """The interpreter of the environment of that name."""
    ending = f"-{name}" if name else ""
    folder = target_folder() / f"peers{ending}"
    interpreter = next((each for each in candidates() if version(each)), None)
    if interpreter is None:
        raise SystemExit("no Python with venv and ensurepip: install python3-venv, or set RHEOBASE_PEERS_PYTHON")
    requirements = HERE / f"requirements{ending}.txt"
    wanted = hashlib.sha256(requirements.read_bytes() + version(interpreter).encode()).hexdigest()
    stamp, python = folder / "made-for", folder / "bin/python"
    if not (stamp.exists() and stamp.read_text() == wanted and python.exists()):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([interpreter, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements],
                       check=True)
        stamp.write_text(wanted)
    return python


if __name__ == "__main__":
    print(environment(*sys.argv[1:2]))
