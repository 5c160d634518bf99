"""Prints the coefficients that the kernels use for the error function (python3 fit_erf.py; needs numpy).

    erf x = x + x·N(x²)                               where |x| < 1
    erfc x = exp(−x²)·t·T(t),  t = 1 / (1 + x/2)      where x ≥ 0; for the tails of erf and for the normal distribution

Both polynomials are fits whose greatest relative error is least (Lawson's weighted least squares), rounded to float32. What is left
of the error in float32 arithmetic is printed beside them.
"""
from math import erf, erfc, exp

import numpy as np


def fit(points, values, degree):
    """Coefficients, lowest first, for the least greatest relative error."""
    powers = np.vander(points, degree + 1, increasing=True) / values[:, None]
    weights = np.ones(len(points))
    for _ in range(3000):
        root = np.sqrt(weights)
        coefficients = np.linalg.lstsq(powers * root[:, None], root, rcond=None)[0]
        error = np.abs(powers @ coefficients - 1)
        weights *= error + 1e-3 * error.max()
        weights /= weights.sum()
    return coefficients, error.max()


def horner(coefficients, x):
    result = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        result = result * x + c
    return result


def show(name, coefficients, ideal, error):
    print(f"{name}: {ideal:.1e} exact, {error:.1e} in float32")
    for c in coefficients[::-1]:
        print(f"    {c:.9e}f")


def chebyshev(low, high, count):
    return (low + high) / 2 - (high - low) / 2 * np.cos(np.pi * (np.arange(count) + 0.5) / count)


squares = chebyshev(1e-12, 1.0, 400)
near, ideal = fit(squares, np.array([erf(s ** 0.5) / s ** 0.5 for s in squares]), 6)
x = np.linspace(1e-3, 1, 100_001).astype(np.float32)
exact = np.array([erf(float(v)) for v in x])
near[0] -= 1
near = near.astype(np.float32)
show("N", near, ideal, np.max(np.abs((x + x * horner(near, x * x)).astype(np.float64) / exact - 1)))

# Where exp(−x²) is as good as nothing in float32.
end = 10.0
ts = chebyshev(1 / (1 + end / 2), 1.0, 400)
xs = 2 / ts - 2
far, ideal = fit(ts, np.array([erfc(v) * exp(v * v) for v in xs]) / ts, 8)
far = far.astype(np.float32)
x = np.linspace(0, end, 100_001).astype(np.float32)
t = np.float32(1) / (np.float32(1) + np.float32(0.5) * x)
exact = np.array([erfc(float(v)) * exp(float(v) ** 2) for v in x])
show("T", far, ideal, np.max(np.abs((t * horner(far, t)).astype(np.float64) / exact - 1)))
