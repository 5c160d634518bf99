"""Checks the engine's derivatives against PyTorch float64 on the same tokens.

    check_gradients.py BINARY MODEL_FOLDER FORGET.jsonl RETAIN.jsonl [-- more arguments for `diagnose`]
    check_gradients.py --self-test

Runs `BINARY diagnose --dump`, which writes the batches it used (forget.ids, forget.labels, retain.ids,
retain.labels: I32 [B, T], labels aligned with ids, -100 = not an answer) and, under the parameters' names,

    g_f, g_r           gradients of the mean answer loss (per sequence, then over the batch)
    grad_phi           grad Phi = g_f - beta (H_f u_f + H_r u_r)
    hessian_phi_v      Hessian(Phi) v with v = grad Phi, the outer problem's direction

(arXiv 2509.22483; beta from the JSON answer). Here the same four come from automatic differentiation of Phi
itself in float64, to the third derivative of L; see ofmu_reference.py. Errors are relative, ||a - b|| / ||b||,
over the whole vector and per tensor, where a tensor's own norm is floored at 1e-3 of the vector's, so that
tensors whose gradient vanishes (a key bias without RoPE) are not judged by their rounding.

`--self-test` checks this file's half alone: every derivative against central differences on a small random
model, in float64, and the comparison against a planted error. Exit status 1: something is off.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file

import ofmu_reference as reference

QUANTITIES = ("g_f", "g_r", "grad_phi", "hessian_phi_v")
FLOOR = 1e-3


def norm(tensors) -> float:
    return sum(float((t.double() ** 2).sum()) for t in tensors) ** 0.5


def compare(got: dict, want: dict) -> tuple[float, list[tuple[str, float, float]]]:
    """Overall relative error, and (name, relative error, norm) per tensor, worst first."""
    total = norm(want.values()) or 1e-300
    rows = []
    for name, w in want.items():
        size = norm([w])
        rows.append((name, norm([got[name].double() - w]) / max(size, FLOOR * total), size))
    overall = norm([got[n].double() - w for n, w in want.items()]) / total
    # NaN sorts first: it is the worst error there is
    return overall, sorted(rows, key=lambda row: (row[1] == row[1], -row[1]))


def within(error: float, tolerance: float) -> bool:
    return error <= tolerance  # false for NaN


# --- against the engine -----------------------------------------------------------------------------------------

def diagnose(args, dump: Path) -> dict:
    command = [args.binary, "diagnose", "--model", args.model, "--forget", args.forget, "--retain", args.retain,
               "--dump", str(dump), "--json", *args.more]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"diagnose failed with status {done.returncode}:\n{done.stderr or done.stdout}")
    text = done.stdout.strip()
    try:
        return json.loads(text)
    except json.JSONDecodeError:  # events first, the answer last
        return json.loads(text.splitlines()[-1])


def find(answer, *names):
    """The first of these fields, at any depth."""
    if isinstance(answer, dict):
        for name in names:
            if isinstance(answer.get(name), (int, float)):
                return answer[name]
        answer = list(answer.values())
    if isinstance(answer, list):
        for value in answer:
            found = find(value, *names) if isinstance(value, (dict, list)) else None
            if found is not None:
                return found
    return None


def split(dump: dict, known: set[str]) -> dict[str, dict[str, torch.Tensor]]:
    """quantity -> parameter name -> tensor, with GPT-2's optional `transformer.` prefix restored."""
    found = {quantity: {} for quantity in QUANTITIES}
    for key, tensor in dump.items():
        quantity, slash, name = key.partition("/")
        if not slash or quantity not in found:
            continue
        full = next((n for n in (name, f"transformer.{name}", f"model.{name}") if n in known), None)
        if full is None:
            sys.exit(f"the dump has {key!r}, and the model has no such parameter")
        found[quantity][full] = tensor
    return found


def check(args) -> bool:
    from transformers import AutoModelForCausalLM

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "dump.safetensors"
        answer = diagnose(args, path)
        dump = load_file(path)
    beta = find(answer, "beta")
    if beta is None:
        sys.exit("diagnose gave no numeric field \"beta\"")

    model = AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32)
    model = reference.double_model(model)
    parameters = reference.named_parameters(model)
    engine = split(dump, set(parameters))
    trainable = set(engine["g_f"])
    for name, p in parameters.items():  # a run may move only some of them
        p.requires_grad_(name in trainable)
    order = list(reference.named_parameters(model))
    batch = lambda role: (dump[f"{role}.ids"].long().clamp(min=0), dump[f"{role}.labels"].long())
    direction = None
    if engine["grad_phi"]:  # the engine's own v, so that its error is counted once
        direction = [engine["grad_phi"][n].double().reshape(p.shape) for n, p in reference.named_parameters(model).items()]
    ours = reference.ofmu_derivatives(model, batch("forget"), batch("retain"), beta, direction, args.similarity)

    good = True
    print(f"{len(order)} tensors, {sum(p.numel() for p in parameters.values() if p.requires_grad)} parameters, "
          f"forget {tuple(dump['forget.ids'].shape)}, retain {tuple(dump['retain.ids'].shape)}, beta {beta:g}")
    for title, key, names in (("L_f", "loss_f", ("forget_loss", "loss_f", "L_f", "forgetLoss")),
                              ("L_r", "loss_r", ("retain_loss", "loss_r", "L_r", "retainLoss")),
                              ("s", "similarity", ("cosine", "similarity", "cos"))):
        theirs = find(answer, *names)
        if theirs is not None and (key != "similarity" or args.similarity == "cosine"):
            ok = within(abs(theirs - ours[key]) / max(1.0, abs(ours[key])), args.tolerance)
            good &= ok
            print(f"{title:14} {theirs:.8g} (engine)  {ours[key]:.8g} (float64)  {'ok' if ok else 'WRONG'}")
    print(f"{'quantity':14} {'norm':>12} {'rel. error':>11}   worst tensors")
    for quantity in QUANTITIES:
        want = {n: t for n, t in zip(order, ours[quantity])}
        missing = [n for n in order if n not in engine[quantity]]
        if missing:
            print(f"{quantity:14} {'-':>12} {'-':>11}   MISSING {len(missing)} tensors, first {missing[0]}")
            good = False
            continue
        got = {n: engine[quantity][n].reshape(w.shape) for n, w in want.items()}
        overall, rows = compare(got, want)
        ok = within(overall, args.tolerance) and within(rows[0][1], 10 * args.tolerance)
        good &= ok
        worst = ", ".join(f"{name} {error:.1e}" for name, error, _ in rows[:3])
        print(f"{quantity:14} {norm(want.values()):12.5g} {overall:11.2e}   {worst}  {'ok' if ok else 'WRONG'}")
        if args.verbose:
            for name, error, size in rows:
                print(f"    {name:60} |g| {size:11.4e}  error {error:.2e}")
    return good


# --- against itself ---------------------------------------------------------------------------------------------

def small_model():
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(7)
    model = LlamaForCausalLM(LlamaConfig(
        hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        vocab_size=31, max_position_embeddings=32, tie_word_embeddings=True))
    for p in model.parameters():
        p.data.add_(torch.randn_like(p), alpha=0.2)
    return reference.double_model(model)


def self_test() -> bool:
    model, beta, step = small_model(), 0.7, 3e-6
    named = reference.named_parameters(model)
    params = list(named.values())

    def batch():
        ids = torch.randint(0, 31, (3, 9))
        labels = ids.clone()
        labels[:, :3] = -100
        labels[0, 7:] = -100
        return ids, labels

    forget, retain = batch(), batch()
    a, b = ([torch.randn_like(p) for p in params] for _ in range(2))

    def around(function, direction):
        """Central difference of a list of tensors along the direction."""
        ends = []
        for sign in (1, -2):
            with torch.no_grad():
                torch._foreach_add_(params, direction, alpha=sign * step)
            ends.append(function())
        with torch.no_grad():
            torch._foreach_add_(params, direction, alpha=step)
        return [(p - m) / (2 * step) for p, m in zip(*ends)]

    derive = lambda v=None, kind="cosine": reference.ofmu_derivatives(model, forget, retain, beta, v, kind)
    errors = {}

    def record(title, got, want, limit=1e-6):
        errors[title] = (norm([x - y for x, y in zip(got, want)]) / norm(want), limit)

    full = derive()
    assert all(t.dtype is torch.float64 for t in full["g_f"])
    dots = lambda u: [reference.dot(full["g_f"], u)]
    record("g_f against L_f", dots(a), around(lambda: [reference.loss_on(model, forget).detach()], a))
    _, grads, product = reference.hessian_vector(model, forget, a)
    record("H_f a against g_f", product, around(lambda: reference.hessian_vector(model, forget, a)[1], a))
    _, _, other = reference.hessian_vector(model, forget, b)
    record("a.Hb = b.Ha", [reference.dot(product, b)], [reference.dot(other, a)], 1e-10)

    s, n_f, n_r = full["similarity"], norm(full["g_f"]), norm(full["g_r"])
    unit = lambda g, n: [t / n for t in g]
    e_f, e_r = unit(full["g_f"], n_f), unit(full["g_r"], n_r)
    u_f = [(r - s * f) / n_f for f, r in zip(e_f, e_r)]
    u_r = [(f - s * r) / n_r for f, r in zip(e_f, e_r)]
    h_f, h_r = reference.hessian_vector(model, forget, u_f)[2], reference.hessian_vector(model, retain, u_r)[2]
    record("grad Phi, closed form", [g - beta * (x + y) for g, x, y in zip(full["g_f"], h_f, h_r)],
           full["grad_phi"], 1e-10)

    for kind in ("cosine", "squared-cosine", "positive-cosine"):
        here = derive(a, kind)
        record(f"grad Phi against Phi, {kind}", [reference.dot(here["grad_phi"], a)],
               around(lambda: [torch.tensor(derive(kind=kind)["phi"], dtype=torch.float64)], a))
        if kind == "positive-cosine" and here["similarity"] <= 0:
            continue
        record(f"Hessian(Phi) a against grad Phi, {kind}", here["hessian_phi_v"],
               around(lambda: derive(kind=kind)["grad_phi"], a))

    good = True
    for title, (error, limit) in errors.items():
        ok = within(error, limit)
        good &= ok
        print(f"{title:52} {error:.2e}  {'ok' if ok else f'WRONG, limit {limit:g}'}")

    want = dict(zip(named, full["g_f"]))
    planted = {n: t.float() for n, t in want.items()}
    clean, _ = compare(planted, want)
    target = "model.layers.1.mlp.up_proj.weight"
    planted[target] = planted[target] * 1.02
    _, rows = compare(planted, want)
    ok = clean < 1e-6 and rows[0][0] == target and abs(rows[0][1] - 0.02) < 1e-3
    print(f"{'a planted 2 % error in one tensor is found':52} {'ok' if ok else 'WRONG'}")
    return good and ok


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", nargs="?")
    parser.add_argument("model", nargs="?", help="Hugging Face folder")
    parser.add_argument("forget", nargs="?")
    parser.add_argument("retain", nargs="?")
    parser.add_argument("--tolerance", type=float, default=1e-3)
    parser.add_argument("--similarity", choices=("cosine", "squared-cosine", "positive-cosine"), default="cosine")
    parser.add_argument("--verbose", action="store_true", help="every tensor's error")
    parser.add_argument("--self-test", action="store_true")
    argv, more = sys.argv[1:], []
    if "--" in argv:
        cut = argv.index("--")
        argv, more = argv[:cut], argv[cut + 1:]
    args = parser.parse_args(argv)
    args.more = more
    if args.self_test:
        sys.exit(0 if self_test() else 1)
    if args.retain is None:
        parser.error("BINARY MODEL_FOLDER FORGET RETAIN are needed (or --self-test)")
    sys.exit(0 if check(args) else 1)


if __name__ == "__main__":
    main()
