"""Prints the expected numbers of spoken_digits.rs: spoken_digits.py fsdd.h5

Independent of the program: NumPy and h5py only. The front end, the encoders, the features and the readout
are written out after the definition of the anchors; the numbers of one clip are those of clip 1234 (digit
4, speaker george, repetition 34).
"""

import sys

import h5py
import numpy as np

CLIP, BINS, STRENGTH = 1234, 5, 1000.0

with h5py.File(sys.argv[1]) as file:
    offset, label, speaker, is_test = (
        file[name][:] for name in ("offset", "label", "speaker", "is_test_official")
    )
    pcm = file["pcm"][:] / 32768.0


def to_mel(hertz):
    return 2595 * np.log10(1 + hertz / 700)


edges = 700 * (10 ** (np.linspace(to_mel(100), to_mel(3800), 42) / 2595) - 1)
frequency = np.arange(257) * 8000 / 512
rise = (frequency - edges[:-2, None]) / np.diff(edges)[:-1, None]
fall = (edges[2:, None] - frequency) / np.diff(edges)[1:, None]
bank = np.clip(np.minimum(rise, fall), 0, None)


def log_mel(clip):
    frames = np.lib.stride_tricks.sliding_window_view(clip, 200)[::80]
    power = np.abs(np.fft.rfft(frames * np.hanning(200), 512)) ** 2
    return np.log10(power @ bank.T + 1e-8)


def drive(clip):
    frames = log_mel(clip)
    scaled = (frames - (np.percentile(frames, 99.5) - 3.5)) / 3.5
    place = np.linspace(0, len(scaled) - 1, max(20, round(len(clip) / 8)))
    channels = [np.interp(place, np.arange(len(scaled)), channel) for channel in scaled.T]
    return np.stack(channels, axis=1).clip(0, 1.2)


def regular(drive):
    return np.diff(np.floor(np.cumsum(0.1 * drive, axis=0) + 0.5), axis=0, prepend=0) > 0


def hair_cells(drive):
    spikes, v, waits = np.zeros(drive.shape, bool), np.zeros(40), np.zeros(40, bool)
    for t, x in enumerate(drive):
        v = np.where(waits, 0, v * np.exp(-1 / 40) + x)
        spikes[t] = waits = v >= 2
        v[waits] = 0
    return spikes


def right(features, train):
    """Right answers to all samples that do not train; statistics of the training samples."""
    mean, deviation = features[train].mean(axis=0), features[train].std(axis=0)
    deviation[deviation < 1e-10] = np.inf
    z = (features - mean) / deviation
    targets = np.eye(10)[label] * 2 - 1
    bias = targets[train].mean(axis=0)
    gram = z[train].T @ z[train] + STRENGTH * np.eye(z.shape[1])
    weights = np.linalg.solve(gram, z[train].T @ (targets[train] - bias))
    return int(((z @ weights + bias).argmax(axis=1) == label)[~train].sum())


def rust(name, values):
    print(f"const {name}: [f64; {len(values)}] = {[float(f'{x:.12g}') for x in values]};")


clips = [pcm[start:stop] for start, stop in zip(offset[:-1], offset[1:])]
frames, driven = log_mel(clips[CLIP]), drive(clips[CLIP])
print("frames", frames.shape, "drive", driven.shape)
rust("LOG_MEL_FRAME_13", frames[13, ::5])
rust("LOG_MEL_CHANNEL_MEANS", frames.mean(axis=0)[::5])
rust("DRIVE_STEP_100", driven[100, ::5])
rust("DRIVE_CHANNEL_MEANS", driven.mean(axis=0)[::5])
print("regular", regular(driven).sum(axis=0).tolist())
print("hair", hair_cells(driven).sum(axis=0).tolist())
print("hair of channel 7", (np.flatnonzero(hair_cells(driven)[:, 7]) + 1).tolist())

spikes, means = [], []
for clip in clips:
    driven = drive(clip)
    fired, steps = hair_cells(driven), np.arange(len(driven))
    # A spike is stamped at the end of its step, and a bin is closed at its end.
    bins = (-(-(steps + 1) * BINS // len(steps)) - 1) == np.arange(BINS)[:, None]
    spikes.append(np.sqrt(bins @ fired.astype(float)).ravel())
    bins = (steps * BINS // len(steps)) == np.arange(BINS)[:, None]
    means.append((bins @ driven / bins.sum(axis=1, keepdims=True)).ravel())
for name, features in (("spikes", np.array(spikes)), ("means", np.array(means))):
    strangers = [right(features, speaker != who) for who in range(6)]
    print(name, "official", right(features, is_test == 0), "strangers", strangers)
