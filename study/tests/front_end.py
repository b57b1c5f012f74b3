"""Prints the expected numbers of front_end.rs: front_end.py fsdd.h5

Independent of the program: NumPy and h5py only. Clip 1234 of the spoken digits (digit 4, speaker george,
repetition 34), the front end and the encoders written out after the definition of the anchors.
"""

import sys

import h5py
import numpy as np

CLIP = 1234

with h5py.File(sys.argv[1]) as file:
    start, stop = file["offset"][CLIP : CLIP + 2]
    pcm = file["pcm"][start:stop] / 32768.0


def to_mel(hertz):
    return 2595 * np.log10(1 + hertz / 700)


edges = 700 * (10 ** (np.linspace(to_mel(100), to_mel(3800), 42) / 2595) - 1)
frequency = np.arange(257) * 8000 / 512
rise = (frequency - edges[:-2, None]) / np.diff(edges)[:-1, None]
fall = (edges[2:, None] - frequency) / np.diff(edges)[1:, None]
bank = np.clip(np.minimum(rise, fall), 0, None)

frames = np.lib.stride_tricks.sliding_window_view(pcm, 200)[::80]
power = np.abs(np.fft.rfft(frames * np.hanning(200), 512)) ** 2
log_mel = np.log10(power @ bank.T + 1e-8)
peak = np.percentile(log_mel, 99.5)
scaled = (log_mel - (peak - 3.5)) / 3.5
steps = max(20, round(len(pcm) / 8))
place = np.linspace(0, len(scaled) - 1, steps)
drive = np.stack([np.interp(place, np.arange(len(scaled)), channel) for channel in scaled.T], axis=1)
drive = drive.clip(0, 1.2)

regular = np.diff(np.floor(np.cumsum(0.1 * drive, axis=0) + 0.5), axis=0, prepend=0) > 0
hair, v, waits = np.zeros_like(regular), np.zeros(40), np.zeros(40, bool)
for t, x in enumerate(drive):
    v = np.where(waits, 0, v * np.exp(-1 / 40) + x)
    hair[t] = waits = v >= 2
    v[waits] = 0


def rust(name, values):
    print(f"const {name}: [f64; {len(values)}] = {[float(f'{x:.12g}') for x in values]};")


print("frames", log_mel.shape, "drive", drive.shape)
rust("LOG_MEL_FRAME_13", log_mel[13, ::5])
rust("LOG_MEL_CHANNEL_MEANS", log_mel.mean(axis=0)[::5])
rust("DRIVE_STEP_100", drive[100, ::5])
rust("DRIVE_CHANNEL_MEANS", drive.mean(axis=0)[::5])
print("regular", regular.sum(axis=0).tolist())
print("hair", hair.sum(axis=0).tolist())
print("hair of channel 7", (np.flatnonzero(hair[:, 7]) + 1).tolist())
