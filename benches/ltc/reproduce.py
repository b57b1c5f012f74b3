"""Trains the networks of the LTC and CfC papers and writes the table beside the published numbers.

    python reproduce.py --data FOLDER [--rheobase PROGRAM] [--work FOLDER] [--seeds N] [TASK ...]
    python reproduce.py --table

The first form trains the tasks that are named, or all, one after the other (see README.md for the data), and
keeps what came out in results/TASK.json: the scores and learning curves of every seed. What was stopped goes
on where it was, and what is finished in the folder of work is not done again. The second form writes table.md from what is there. Needs Python 3.8 and nothing else.
"""

import argparse
import json
import pathlib
import platform
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE / "results"

# Task: (preset, place in the data folder, what is scored, how it is written, target).
# Published: Hasani et al. 2021, tables 3 and 6; Hasani et al. 2022. Reproduced: the official scripts run by
# others for 200 epochs, 5 seeds (TomRichner/liquid_time_constant_networks, results/full200).
TASKS = {
    "ozone": ("ozone", "ozone", "LTC, F1", "{:.3f}", ">= 0.308", "0.302 ± 0.016", "0.308 ± 0.020"),
    "half-cheetah": ("half-cheetah", "cheetah.h5", "LTC, squared error", "{:.3f}", "<= 2.23", "2.308 ± 0.015", "2.23 ± 0.046"),
    "traffic": ("traffic", "traffic", "LTC, squared error", "{:.4f}", "<= 0.058", "0.099 ± 0.010 (another scale)", "0.0578 ± 0.0014"),
    "occupancy": ("occupancy", "occupancy", "LTC, accuracy", "{:.2%}", ">= 92.9 %", "94.63 % ± 0.17", "92.92 % ± 0.60"),
    "walker2d-cfc": ("walker2d", "walker2d.h5", "CfC, squared error", "{:.3f}", "<= 0.643", "0.643 ± 0.006", "–"),
    "walker2d-ltc": ("walker2d-ltc", "walker2d.h5", "LTC, squared error", "{:.3f}", "<= 0.662", "0.662 ± 0.013", "–"),
    "xor": ("xor", "", "CfC, accuracy", "{:.2%}", ">= 99.4 %", "99.42 % ± 0.42", "–"),
}


def train(task, arguments):
    """Trains a task and gives what the program tells."""
    preset, place = TASKS[task][:2]
    folder = arguments.work / task
    scores = folder / "scores.json"
    if scores.exists() and not (folder / "training.checkpoint").exists():
        return json.loads(scores.read_text())
    command = [arguments.rheobase, "train", "--preset", preset, "--json", "--threads", str(arguments.threads)]
    command += ["--data", str(arguments.data / place), "--seeds", str(arguments.seeds), "-o", str(folder)]
    if (folder / "training.checkpoint").exists():
        command.append("--resume")
    print(" ".join(command), flush=True)
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(f"{task}: the program ended with {done.returncode}")
    return json.loads(scores.read_text())


def rounded(value):
    """Numbers of learning curves need no more digits than a picture shows."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items() if inner is not None}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value


def keep(task, outcome):
    """Keeps the scores in full and the learning curves rounded."""
    outcome["experiment"]["place"] = TASKS[task][1]
    for seed in outcome["seeds"]:
        seed["epochs"] = rounded(seed["epochs"])
    outcome["machine"] = {"processor": platform.machine(), "system": platform.system()}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{task}.json").write_text(json.dumps(outcome, indent=1) + "\n")


def table():
    """The table, from the results that are there."""
    head = ["task", "scored", "seeds", "parameters", "ours", "published", "reproduced by others", "target"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for task, (_, _, scored, form, target, published, reproduced) in TASKS.items():
        path = RESULTS / f"{task}.json"
        if not path.exists():
            continue
        outcome = json.loads(path.read_text())
        test = outcome["test"]
        ours = form.format(test["mean"])
        if test["n"] > 1:
            ours += " ± " + form.format(test["std"])
        limit = float(target.split()[1]) / (100 if "%" in target else 1)
        met = test["mean"] >= limit if target.startswith(">") else test["mean"] <= limit
        parameters = f"{outcome['n_parameters']:,}"
        verdict = f"{target}: {'met' if met else 'not met'}"
        row = [task, scored, str(test["n"]), parameters, f"**{ours}**", published, reproduced, verdict]
        lines.append("| " + " | ".join(row) + " |")
    text = (
        "<!-- Written by reproduce.py from results/; mean ± standard deviation (n − 1) over seeds, on the test\n"
        "sequences, at the epoch that is best on the validation sequences (XOR has none: the last epoch). -->\n\n"
    )
    (HERE / "table.md").write_text(text + "\n".join(lines) + "\n")
    print("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(TASKS))
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--rheobase", default="rheobase")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("ltc-training"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--table", action="store_true", help="only write the table")
    arguments = parser.parse_args()
    unknown = [task for task in arguments.tasks if task not in TASKS]
    if unknown:
        parser.error(f"unknown task {unknown[0]!r}; there are {', '.join(TASKS)}")
    if not arguments.table:
        if arguments.data is None:
            parser.error("--data is missing: the folder of the data, see README.md")
        for task in arguments.tasks or TASKS:
            keep(task, train(task, arguments))
    table()


if __name__ == "__main__":
    main()
