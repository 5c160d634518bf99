"""Writes rounding.json: weights rounded to few bits and brought back, in float64 from the definitions.

    python generate_rounding.py            (pip install numpy scipy)

NF4's numbers are made from the quantiles that QLoRA (arXiv 2305.14314) defines them by, not copied; nearest ones are found by
comparing all. Scales of llama.cpp's formats are rounded to half precision, as its blocks store them.
"""

import json
import pathlib

import numpy
from scipy.stats import norm

OFFSET = 0.9677083


def normal_floats():
    above = norm.ppf(numpy.linspace(OFFSET, 0.5, 9)[:-1])
    below = -norm.ppf(numpy.linspace(OFFSET, 0.5, 8)[:-1])
    numbers = numpy.sort(numpy.concatenate([above, [0.0], below]))
    return numbers / numpy.abs(numbers).max()


def nf4(matrix):
    numbers, flat = normal_floats(), matrix.reshape(-1)
    out = numpy.empty_like(flat)
    for start in range(0, flat.size, 64):
        block = flat[start:start + 64]
        scale = numpy.abs(block).max()
        distances = numpy.abs(block[:, None] / scale - numbers[None, :])
        out[start:start + 64] = numbers[distances.argmin(axis=1)] * scale
    return out.reshape(matrix.shape)


def by_rows(matrix, levels):
    out = numpy.empty_like(matrix)
    for row in range(matrix.shape[0]):
        for start in range(0, matrix.shape[1], 32):
            block = matrix[row, start:start + 32]
            out[row, start:start + 32] = levels(block)
    return out


def q8_0(block):
    scale = numpy.abs(block).max() / 127
    return numpy.round(block / scale) * float(numpy.float16(scale))


def q4_0(block):
    scale = block[numpy.abs(block).argmax()] / -8
    codes = numpy.clip(numpy.floor(block / scale + 0.5), -8, 7)
    return codes * float(numpy.float16(scale))


random = numpy.random.default_rng(11)
cases = []
for rows, columns in [(4, 96), (3, 40)]:
    matrix = (random.standard_normal((rows, columns)) * 0.05).astype(numpy.float32).astype(numpy.float64)
    results = {"8bit": by_rows(matrix, q8_0), "4bit": by_rows(matrix, q4_0), "nf4": nf4(matrix)}
    cases.append({
        "columns": columns, "values": matrix.reshape(-1).tolist(),
        "rounded": {name: result.reshape(-1).tolist() for name, result in results.items()},
    })
path = pathlib.Path(__file__).with_name("rounding.json")
path.write_text(json.dumps({"normal_floats": normal_floats().tolist(), "cases": cases}) + "\n")
