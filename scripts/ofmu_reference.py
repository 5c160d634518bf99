"""The mathematics of OFMU (arXiv 2509.22483) in PyTorch float64: what the engine is checked against.

Definitions, with labels aligned to ids (label t is the token at position t, predicted from position t-1)
and -100 meaning "not an answer token":

    L      = mean over sequences of the mean cross-entropy over that sequence's answer tokens
    s      = <g_f, g_r> / (|g_f| |g_r|),   g = grad L
    Phi    = L_f - beta * s
    gPhi   = g_f - beta * (H_f u_f + H_r u_r),  u = ds/dg   (here autograd derives it from Phi itself)
    curv   = Hessian(Phi) v = d<gPhi, v>/dtheta             (v = gPhi in the outer problem F = L_r + rho |gPhi|^2)

Everything is derived from the scalars by repeated `torch.autograd.grad`, so no formula of the engine is
assumed here. It is slow and memory hungry, and is meant for small models only.
"""
from __future__ import annotations

import torch
from torch.overrides import TorchFunctionMode

IGNORED = -100


class KeepDouble(TorchFunctionMode):
    """Inside this context the float32 casts that transformers hard-codes (norms, softmax, RoPE) stay float64."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if func is torch.Tensor.float:
            return args[0].double()
        promote = lambda value: torch.float64 if value is torch.float32 else value
        if func is torch.Tensor.to and len(args) > 1 and args[1] is torch.float32:
            args = (args[0], torch.float64, *args[2:])
        if "dtype" in kwargs:
            kwargs["dtype"] = promote(kwargs["dtype"])
        return func(*args, **kwargs)


def double_model(model: torch.nn.Module) -> torch.nn.Module:
    """The model in float64, with eager attention (the only one with derivatives of every order)."""
    model.set_attn_implementation("eager")
    return model.double().eval()


def logits_of(model, ids: torch.Tensor) -> torch.Tensor:
    """Causal logits [B, T, V]. Padding must be on the right, where it cannot reach an answer."""
    with KeepDouble():
        return model(input_ids=ids, use_cache=False).logits


def answer_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """L: answer tokens averaged within each sequence, then sequences averaged."""
    targets = labels[:, 1:]
    answered = targets != IGNORED
    logp = torch.log_softmax(logits[:, :-1], dim=-1)
    picked = logp.gather(-1, targets.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    per_sequence = -(picked * answered).sum(1) / answered.sum(1)
    return per_sequence.mean()


def named_parameters(model) -> dict[str, torch.Tensor]:
    """Trainable tensors by state-dict name; a tied head appears once, under the embedding's name."""
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def dot(a, b) -> torch.Tensor:
    return sum((x * y).sum() for x, y in zip(a, b))


def gradient(value: torch.Tensor, params, create_graph: bool = False):
    grads = torch.autograd.grad(value, params, create_graph=create_graph, allow_unused=True)
    return [torch.zeros_like(p) if g is None else g for g, p in zip(grads, params)]


def loss_on(model, batch) -> torch.Tensor:
    ids, labels = batch
    return answer_loss(logits_of(model, ids), labels)


def hessian_vector(model, batch, direction):
    """(L, grad L, H u), all detached; u is a list in parameter order."""
    params = list(named_parameters(model).values())
    loss = loss_on(model, batch)
    grads = gradient(loss, params, create_graph=True)
    product = gradient(dot(grads, direction), params)
    return loss.detach(), [g.detach() for g in grads], product


def similarity_of(g_f, g_r, kind: str = "cosine") -> torch.Tensor:
    """The similarity penalty. `cosine` is the paper's; the other two are this project's."""
    norms = dot(g_f, g_f).sqrt() * dot(g_r, g_r).sqrt()
    s = dot(g_f, g_r) / norms
    if kind == "cosine":
        return s
    if kind == "squared-cosine":
        return s * s
    if kind == "positive-cosine":
        return s.clamp(min=0)
    raise ValueError(f"unknown similarity {kind!r}")


def ofmu_derivatives(model, forget, retain, beta: float, direction=None, kind: str = "cosine") -> dict:
    """L_f, L_r, s and the vectors g_f, g_r, grad_phi, hessian_phi_v (v = grad_phi unless given)."""
    params = list(named_parameters(model).values())
    loss_f, loss_r = loss_on(model, forget), loss_on(model, retain)
    g_f = gradient(loss_f, params, create_graph=True)
    g_r = gradient(loss_r, params, create_graph=True)
    s = similarity_of(g_f, g_r, kind)
    phi = loss_f - beta * s
    grad_phi = gradient(phi, params, create_graph=True)
    v = [g.detach() for g in grad_phi] if direction is None else direction
    curvature = gradient(dot(grad_phi, v), params)
    detach = lambda vector: [t.detach() for t in vector]
    return {
        "loss_f": loss_f.item(), "loss_r": loss_r.item(), "similarity": s.item(), "phi": phi.item(),
        "g_f": detach(g_f), "g_r": detach(g_r), "grad_phi": detach(grad_phi), "hessian_phi_v": detach(curvature),
    }
