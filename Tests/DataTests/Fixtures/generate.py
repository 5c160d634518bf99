"""Writes the small image files beside this file (python3 generate.py). Needs numpy.

Three images of 32 × 32 in CIFAR's two forms and in IDX, and pickles that must not be carried out. Pixel k of image i is
(7 i + 3 k) mod 256; the classes are 2, 0, 9 (of CIFAR-100 also 99).
"""
import gzip
import os
import pickle
import struct
from pathlib import Path

import numpy

HERE = Path(__file__).resolve().parent
LABELS = [2, 0, 9]
PIXELS = numpy.array([[(7 * i + 3 * k) % 256 for k in range(3072)] for i in range(3)], dtype=numpy.uint8)


class Harmful:
    def __reduce__(self):
        return os.system, ("true",)


def main():
    ten = {b"batch_label": b"one of one", b"labels": LABELS, b"data": PIXELS, b"filenames": [b"a.png", b"b.png", b"c.png"]}
    for protocol in (2, 3, 4):
        (HERE / f"cifar10-{protocol}.pickle").write_bytes(pickle.dumps(ten, protocol=protocol))
    hundred = {b"fine_labels": [2, 0, 99], b"coarse_labels": [1, 1, 1], b"data": PIXELS}
    (HERE / "cifar100.pickle").write_bytes(pickle.dumps(hundred, protocol=2))
    (HERE / "harmful.pickle").write_bytes(pickle.dumps({b"data": Harmful(), b"labels": LABELS}, protocol=2))
    (HERE / "cifar10.bin").write_bytes(b"".join(bytes([label]) + row.tobytes() for label, row in zip(LABELS, PIXELS)))
    (HERE / "cifar100.bin").write_bytes(b"".join(bytes([1, label]) + row.tobytes() for label, row in zip([2, 0, 99], PIXELS)))
    planes = PIXELS[:, :1024].reshape(3, 32, 32)
    images = struct.pack(">BBBBIII", 0, 0, 8, 3, *planes.shape) + planes.tobytes()
    labels = struct.pack(">BBBBI", 0, 0, 8, 1, 3) + bytes(LABELS)
    (HERE / "images.idx").write_bytes(images)
    (HERE / "labels.idx").write_bytes(labels)
    (HERE / "images.idx.gz").write_bytes(gzip.compress(images, mtime=0))
    (HERE / "labels.idx.gz").write_bytes(gzip.compress(labels, mtime=0))


if __name__ == "__main__":
    main()
