"""Makes japanese_vowels.bin from the HDF5 file of the same data set: make_vowels.py JapaneseVowels.h5

The layout is written down in README.md. Needs h5py and NumPy.
"""

import pathlib
import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1]) as file:
    x, offset, y, is_test = (file[name][:] for name in ("X", "offset", "y", "is_test"))

micro = np.rint(x.astype(np.float64) * 1e6).astype(np.int32)
assert np.array_equal((micro / 1e6).astype(np.float32).view(np.uint32), x.view(np.uint32)), "not lossless"
assert np.abs(micro).max() < 2**23 and x.shape == (9961, 12)
assert not is_test[:270].any() and is_test[270:].all()

lengths = np.diff(offset).astype(np.uint8)
words = micro.astype("<i4").tobytes()
values = b"".join(words[k : k + 3] for k in range(0, len(words), 4))
target = pathlib.Path(__file__).with_name("japanese_vowels.bin")
target.write_bytes(lengths.tobytes() + y.astype(np.uint8).tobytes() + values)

print("sums of channels:", micro.astype(np.int64).sum(axis=0).tolist())
print("sum of (row + 1) * micro:", int((micro.astype(np.int64).sum(axis=1) * np.arange(1, 9962)).sum()))
