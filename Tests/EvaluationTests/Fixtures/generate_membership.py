"""Writes membership.json beside this file: what scikit-learn's SVC(C=3, gamma="auto", kernel="rbf") makes of one feature.

Confidences of members pile up at 1, as those of a trained classifier do; those of others are spread. Numbers are float32's.
"""
import json
from pathlib import Path

import numpy
from sklearn.svm import SVC

CASES = {"random": (3, 300, 300, 150), "few others": (4, 400, 60, 100), "crisp": (5, 200, 200, 50)}


def main():
    result = {}
    for name, (seed, members, others, targets) in CASES.items():
        random = numpy.random.default_rng(seed)
        spread = 0.3 if name == "crisp" else 2.0
        draw = lambda count, width: (1 - random.beta(0.3, 4.0, count) * width).clip(0, 1).astype(numpy.float32)
        inside, outside, asked = draw(members, 0.05 * spread), draw(others, 1.0), draw(targets, 0.4)
        inside[: members // 3] = 1
        # A sharper tolerance than the attack's own: the optimum itself.
        machine = SVC(C=3, gamma="auto", kernel="rbf", tol=1e-9)
        machine.fit(numpy.concatenate([inside, outside]).reshape(-1, 1), [1] * members + [0] * others)
        grid = numpy.linspace(0, 1, 21)
        plain = SVC(C=3, gamma="auto", kernel="rbf").fit(
            numpy.concatenate([inside, outside]).reshape(-1, 1), [1] * members + [0] * others)
        result[name] = {
            "members": inside.tolist(), "others": outside.tolist(), "targets": asked.tolist(),
            "decisions": machine.decision_function(grid.reshape(-1, 1)).tolist(),
            "efficacy": 1 - float(machine.predict(asked.reshape(-1, 1)).mean()),
            "efficacy_at_default_tolerance": 1 - float(plain.predict(asked.reshape(-1, 1)).mean()),
        }
        print(name, result[name]["efficacy"], result[name]["efficacy_at_default_tolerance"])
    path = Path(__file__).resolve().parent / "membership.json"
    path.write_text(json.dumps(result, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
