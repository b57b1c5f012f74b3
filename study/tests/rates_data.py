"""The tasks of the LTC and CfC papers, made by NumPy alone: the numbers that `rates_data.rs` expects.

    python rates_data.py FOLDER

FOLDER holds `occupancy/`, `ozone/`, `traffic/`, `cheetah.h5` and `walker2d.h5`. Needs numpy and h5py.
"""

import csv
import datetime
import sys

import h5py
import numpy as np

FOLDER = sys.argv[1]


def show(name, parts):
    for part, (x, t, y) in zip(["train", "valid", "test"], parts):
        total = [float(np.sum(values, dtype=np.float64)) for values in (x, t, y)]
        print(f'("{name}", "{part}", {list(x.shape)}, {total}),')


def cut(x, y, length, stride):
    first = range(0, len(x) - length, stride)
    x, y = np.stack([x[s : s + length] for s in first]), np.stack([y[s : s + length] for s in first])
    return x, np.ones(x.shape[:2]), y


def split(parts, seed, valid, test):
    n = len(parts[0])
    order = np.random.RandomState(seed).permutation(n)
    v, t = int(valid * n), int(test * n)
    chosen = order[v + t :], order[:v], order[v : v + t]
    return [[values[k] for values in parts] for k in chosen]


def occupancy():
    def read(name):
        table = np.loadtxt(f"{FOLDER}/occupancy/{name}", delimiter=",")
        return table[:, :5], table[:, 5]

    x, y = read("datatraining.txt")
    mean, std = x.mean(0), x.std(0)
    train, valid, _ = split(cut((x - mean) / std, y, 16, 1), 893429, 0.1, 0.0)
    tests = [cut((x - mean) / std, y, 16, 8) for x, y in map(read, ["datatest.txt", "datatest2.txt"])]
    show("occupancy", [train, valid, [np.concatenate(pair) for pair in zip(*tests)]])


def ozone():
    rows = [line.strip().split(",") for line in open(f"{FOLDER}/ozone/eighthr.data") if line.strip()]
    x = np.array([[0.0 if field == "?" else float(field) for field in row[1:-1]] for row in rows])
    y = np.array([int(float(row[-1])) for row in rows])
    show("ozone", split(cut((x - x.mean()) / x.std(), y, 32, 4), 23489, 0.1, 0.15))


def traffic():
    rows = list(csv.DictReader(open(f"{FOLDER}/traffic/Metro_Interstate_Traffic_Volume.csv")))
    column = lambda name: np.array([float(row[name]) for row in rows])
    time = [datetime.datetime.strptime(row["date_time"], "%Y-%m-%d %H:%M:%S") for row in rows]
    weekday, hour = np.array([t.weekday() for t in time]), np.array([t.hour for t in time])
    temp, y = column("temp"), column("traffic_volume")
    weather = [column(name) for name in ["rain_1h", "snow_1h", "clouds_all"]]
    x = np.stack([0 * temp, temp - temp.mean(), *weather, weekday, np.sin(hour * np.pi / 24)], -1)
    show("traffic", split(cut(x, (y - y.mean()) / y.std(), 32, 4), 23489, 0.1, 0.15))


def runs(name):
    with h5py.File(f"{FOLDER}/{name}") as file:
        rows, offset = file["rows"][:], file["offset"][:]
    return [rows[a:b] for a, b in zip(offset, offset[1:])]


def half_cheetah():
    def part(runs):
        pairs = [
            (run[s : s + 32], run[s + 1 : s + 33]) for run in runs for s in range(0, len(run) - 32 - 1, 10)
        ]
        x, y = map(np.stack, zip(*pairs))
        return x, np.ones(x.shape[:2]), y

    all = runs("cheetah.h5")
    show("half-cheetah", [part(all[15:25]), part(all[:5]), part(all[5:15])])


def walker2d():
    all = runs("walker2d.h5")
    np.random.RandomState(125487).shuffle(all)
    rng = np.random.RandomState(891374)

    def part(runs):
        windows = []
        for run in runs:
            kept, skip = [], 0
            for x, y in zip(run, run[1:]):
                skip += 1
                if rng.rand() < 0.9:
                    kept.append((x, skip, y))
                    skip = 0
            windows += [list(zip(*kept[s : s + 64])) for s in range(0, len(kept) - 64, 16)]
        return tuple(map(np.array, zip(*windows)))

    n_test, n_head = int(0.15 * len(all)), int((0.15 + 0.1) * len(all))
    show("walker2d", [part(all[n_head:]), part(all[n_test:n_head]), part(all[:n_test])])


def xor():
    def word(rng, pad=24):
        parity, events, last, since = 0, [], -1, 0
        for _ in range(rng.randint(low=2, high=pad)):
            since += 1
            bit = int(rng.randint(low=0, high=2))
            parity += bit
            if last != bit:
                events.append((bit, since))
                since = 0
                if len(events) >= pad - 1:
                    break
            last = bit
        if since > 0:
            events.append((bit, since))
        return events, parity % 2

    for seed, n in [(1234984, 100000), (48736, 10000)]:
        rng = np.random.RandomState(seed)
        words = [word(rng) for _ in range(n)]
        events = sum((events for events, _ in words), [])
        ones, time = (sum(values) for values in zip(*events))
        print(n, "events", len(events), "ones", ones, "time", time, "odd", sum(p for _, p in words))
        print(words[:2])


for task in [occupancy, ozone, traffic, half_cheetah, walker2d, xor]:
    task()
