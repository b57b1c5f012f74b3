"""The microcircuit's reference: what NEST does with it over several seeds, and whether a recording of ours fits in.

    python benches/peers/reference.py make --scale 0.1 --seconds 2 --seeds 5
    rheobase bench pd14 --scale 0.1 --seconds 2 --warm-up 500 --record run.h5
    python benches/peers/reference.py check run.h5 [run-of-another-seed.h5 …] --scale 0.1 --seconds 2

`make` adds to `pd14_reference.json`, by scale and length of the run (distributions depend on both): of every
population the mean and deviation over seeds of rate, CV and correlation, the pooled distributions, and the mean and
deviation of the distances of all pairs of seeds. `check` tells for every population how far the mean of ours is away,
in deviations of that difference, and how far its distributions are from the pooled ones beside the distance of one
seed from another. Correlations scatter widely over seeds: three recordings tell more than one. Mean rates at full
scale are compared with the published ones, too. There NEST takes 14.4 GB and four threads: `--threads 4`.
"""

import argparse
import json
import sys
from itertools import combinations
from pathlib import Path
from statistics import mean, stdev

import cases
import networks
import stats

FILE = Path(__file__).with_name("pd14_reference.json")
KEYS = {"rate_hz": "rate_counts", "cv_isi": "cv_counts", "corr": "corr_counts"}
# Beyond so many deviations of the difference, and so much of the mean, a population does not fit in.
DEVIATIONS, SHARE = 4.0, 0.05
# Beyond so many times the mean distance of two seeds, a distribution does not fit in.
DISTANCES = 2.0
WARM_UP = 500.0


def key(scale, seconds):
    return f"scale {scale:g}, {seconds:g} s"


def make(scale, seconds, n_seeds, threads):
    """Runs NEST once a seed and writes the reference."""
    from compare import run_peer

    case = cases.Comparison("pd14", scale=scale, seconds=seconds, warm_up=WARM_UP)
    runs = []
    for seed in range(1, n_seeds + 1):
        run = run_peer("nest", case, seed, threads)
        runs.append(run["populations"])
        print(f"seed {seed}: {run['rate_hz']:.3f} Hz, {run['cpu_s']:.1f} CPU s", file=sys.stderr, flush=True)
    reference = json.loads(FILE.read_text())
    reference["simulated"][key(scale, seconds)] = {
        "seeds": n_seeds,
        "source": f"{run['engine']}, benches/peers/peer_nest.py, seeds 1 to {n_seeds}, {WARM_UP:g} ms discarded",
        "populations": {name: summarize([populations[name] for populations in runs]) for name in networks.PD14_POPULATIONS}}
    FILE.write_text(to_text(reference))


def summarize(runs):
    """Mean and deviation over seeds, pooled distributions, distances of pairs of seeds."""
    found = {"n": runs[0]["n"]}
    for observable, counts in KEYS.items():
        values = [run[observable] for run in runs]
        pairs = [stats.ks_distance(a[counts], b[counts]) for a, b in combinations(runs, 2)]
        found[observable] = [round(mean(values), 6), round(stdev(values), 6)]
        found["distance_" + observable] = [round(mean(pairs), 4), round(stdev(pairs), 4)]
        found[counts] = shorten([sum(column) for column in zip(*(run[counts] for run in runs))])
    return found


def shorten(counts):
    """Without the zeros at the end."""
    last = max((i for i, count in enumerate(counts) if count), default=-1)
    return counts[: last + 1]


def to_text(reference):
    """JSON with one line a population."""
    text = json.dumps(reference, indent=1)
    for name in networks.PD14_POPULATIONS:
        start = 0
        while (start := text.find(f'"{name}": {{', start)) >= 0:
            end = text.index("}", start) + 1
            text = text[:start] + " ".join(text[start:end].split()) + text[end:]
            start += 1
    return text + "\n"


def check(recordings, scale, seconds):
    """Prints a row for every population; exit code 1 if one does not fit in."""
    reference = json.loads(FILE.read_text())
    found = [stats.population_statistics(*stats.read_recording(recording, seconds)) for recording in recordings]
    simulated = reference["simulated"].get(key(scale, seconds))
    if simulated is None and scale != 1.0:
        raise SystemExit(f"no reference of {key(scale, seconds)}; there are {', '.join(reference['simulated'])}: make it first")
    if simulated:
        bad = against_seeds(found, simulated, reference["published"]["distances"] if scale == 1.0 else None)
    else:
        bad = [fault for each in found for fault in against_published(each, reference["published"])]
    print("\n".join(bad) if bad else "every population fits in")
    return 1 if bad else 0


def against_seeds(found, reference, published=None):
    """Distances of two seeds are those of the reference, or the `published` ones of ten seeds where they are larger:
    three seeds have but three pairs."""
    bad = []
    for k, (name, expected) in enumerate(reference["populations"].items()):
        for observable, counts in KEYS.items():
            center, deviation = expected[observable]
            values = [each[name][observable] for each in found]
            # One recording says nothing of its own scatter: that of the reference's seeds stands for it.
            own = stdev(values) if len(values) > 2 else deviation
            error = (own**2 / len(values) + deviation**2 / reference["seeds"]) ** 0.5
            away = abs(mean(values) - center)
            pooled = [sum(column) for column in zip(*padded([each[name][counts] for each in found]))]
            distance = stats.ks_distance(*padded([pooled, expected[counts]]))
            usual, _ = expected["distance_" + observable]
            if published:
                usual = max(usual, published[observable][k])
            print(f"{name} {observable}: {mean(values):.4g}, NEST {center:.4g} ± {deviation:.2g}, {away / error:.1f} deviations "
                  f"of the difference; distance {distance:.3f}, of two seeds {usual:.3f}")
            if away > max(DEVIATIONS * error, SHARE * abs(center)):
                bad.append(f"{name}: {observable} {mean(values):.4g} is {away / error:.1f} deviations from {center:.4g}")
            if distance > DISTANCES * usual:
                bad.append(f"{name}: the distribution of {observable} is {distance:.3f} away, two seeds {usual:.3f}")
    return bad


def padded(lists):
    """Counts of which the zeros at the end may have been left out."""
    n = max(map(len, lists))
    return [counts + [0] * (n - len(counts)) for counts in lists]


def against_published(found, published):
    """Within the range of the published mean rates and a tenth more: they are of other seeds and lengths."""
    bad = []
    for i, name in enumerate(networks.PD14_POPULATIONS):
        rates = [each["rate_hz"][i] for each in published["rates"]]
        value, low, high = found[name]["rate_hz"], 0.9 * min(rates), 1.1 * max(rates)
        print(f"{name}: rate {value:.3f} Hz, published {min(rates):.3f} to {max(rates):.3f}; "
              f"CV {found[name]['cv_isi']:.3f}, correlation {found[name]['corr']:.4f}")
        if not low <= value <= high:
            bad.append(f"{name}: rate {value:.3f} Hz is not between {low:.3f} and {high:.3f}")
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["make", "check"])
    parser.add_argument("recordings", type=Path, nargs="*")
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1,
                        help="of NEST; it refuses the full network on fewer than four")
    args = parser.parse_args()
    if args.what == "make":
        make(args.scale, args.seconds, args.seeds, args.threads)
    elif not args.recordings:
        parser.error("check needs a recording")
    else:
        sys.exit(check(args.recordings, args.scale, args.seconds))


if __name__ == "__main__":
    main()
