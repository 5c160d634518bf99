"""Writes the tiny golden models beside this file (python3 generate.py [--only NAME]).

Each folder holds a random model as transformers saves it (config.json, model.safetensors in F32) and
golden.safetensors with what transformers computes for it, in float64 rounded once to F32:

    ids, labels   I32 [2, T]     labels are aligned with ids; -100 marks the prompt (and, in row 1, a padded end)
    logits        F32 [2, T, V]
    loss          F32 [1]        mean over sequences of the mean over answer tokens (arXiv 2509.22483, TOFU masking)
    grad/<name>   gradient of the loss
    u/<name>      a random direction
    hvp/<name>    Hessian of the loss times u, by double backward

A tied head appears once, under the embedding's name. Weights are drawn with a large spread so that every
nonlinearity matters; norm weights lie around 1 and no bias is zero.
"""
import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, Qwen2Config,
    Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM,
)

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "scripts"))
from ofmu_reference import double_model, hessian_vector, logits_of, named_parameters  # noqa: E402

VOCABULARY = 97
SMALL = dict(vocab_size=VOCABULARY, num_hidden_layers=2, bos_token_id=1, eos_token_id=2)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=64)


def llama_tied():
    return LlamaForCausalLM(LlamaConfig(
        hidden_size=32, intermediate_size=64, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=64, rms_norm_eps=1e-5, tie_word_embeddings=True, **SMALL))


def llama_scaled():
    # Wavelengths 6, 30, 140 and 660: kept, blended and divided by the factor, in the terms of Llama-3 scaling.
    return LlamaForCausalLM(LlamaConfig(
        hidden_size=16, intermediate_size=32, num_attention_heads=2, num_key_value_heads=1,
        max_position_embeddings=512, rms_norm_eps=1e-5, tie_word_embeddings=False,
        rope_parameters=dict(rope_theta=500.0, **LLAMA3), **SMALL))


def qwen2():
    return Qwen2ForCausalLM(Qwen2Config(
        hidden_size=16, intermediate_size=32, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=64, rms_norm_eps=1e-6, tie_word_embeddings=True,
        rope_parameters=dict(rope_type="default", rope_theta=1e6), **SMALL))


def qwen3():
    # head_dim 8 is not hidden / heads; queries and keys are normalised head by head.
    return Qwen3ForCausalLM(Qwen3Config(
        hidden_size=16, intermediate_size=32, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
        max_position_embeddings=64, rms_norm_eps=1e-6, tie_word_embeddings=False,
        rope_parameters=dict(rope_type="default", rope_theta=1e6), **SMALL))


def mistral():
    # head_dim 8 is not hidden / heads, so q and o are not square; the window is longer than the sequence.
    return MistralForCausalLM(MistralConfig(
        hidden_size=16, intermediate_size=32, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
        sliding_window=32, max_position_embeddings=64, rms_norm_eps=1e-5, tie_word_embeddings=False,
        rope_parameters=dict(rope_type="default", rope_theta=10000.0), **SMALL))


def gpt2():
    return GPT2LMHeadModel(GPT2Config(
        vocab_size=VOCABULARY, n_positions=32, n_embd=16, n_layer=2, n_head=4, bos_token_id=1, eos_token_id=2,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0))


def gpt2_exact():
    return GPT2LMHeadModel(GPT2Config(
        vocab_size=VOCABULARY, n_positions=32, n_embd=16, n_layer=2, n_head=4, bos_token_id=1, eos_token_id=2,
        activation_function="gelu", resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0))


CASES = {  # folder: (builder, sequence length, write the older spelling of the RoPE keys)
    "llama-tied": (llama_tied, 12, True),
    "llama-scaled": (llama_scaled, 100, True),
    "qwen2": (qwen2, 12, False),
    "mistral": (mistral, 12, True),
    "gpt2": (gpt2, 12, False),
    "qwen3": (qwen3, 12, False),
    "gpt2-exact": (gpt2_exact, 12, False),
}


def randomise(model, generator):
    for name, p in named_parameters(model).items():
        noise = torch.randn(p.shape, generator=generator)
        is_norm = p.ndim == 1 and name.endswith("weight")
        spread = 0.2 if p.ndim == 1 else 0.25 if p.shape[-1] >= 32 else 0.35
        p.data.copy_(noise * spread + (1.0 if is_norm else 0.0))


def older_rope_keys(path: Path):
    """Most published models have rope_theta and rope_scaling; transformers 5 writes rope_parameters. Keep both alive."""
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = None if rope["rope_type"] == "default" else rope
    config["torch_dtype"] = config.pop("dtype", "float32")
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def generate(name, build, length, older, seed):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = build().eval()
    randomise(model, generator)
    folder = HERE / name
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if older:
        older_rope_keys(folder / "config.json")

    ids = torch.randint(3, VOCABULARY, (2, length), generator=generator)
    labels = ids.clone()
    labels[0, : length // 3] = -100
    labels[1, : length // 2] = -100
    labels[1, -2:] = -100

    directions = {n: torch.randn(p.shape, generator=generator) for n, p in named_parameters(model).items()}
    model = double_model(model)
    with torch.no_grad():
        logits = logits_of(model, ids)
    loss, grads, product = hessian_vector(model, (ids, labels), [d.double() for d in directions.values()])
    golden = {"ids": ids.int(), "labels": labels.int(), "logits": logits.float(), "loss": loss.reshape(1).float()}
    for n, g, h in zip(directions, grads, product):
        golden[f"grad/{n}"], golden[f"hvp/{n}"], golden[f"u/{n}"] = g.float(), h.float(), directions[n]
    save_file({k: t.contiguous() for k, t in golden.items()}, folder / "golden.safetensors")
    size = sum(f.stat().st_size for f in folder.iterdir())
    norm = lambda ts: sum((t * t).sum() for t in ts).sqrt().item()
    print(f"{name}: {sum(d.numel() for d in directions.values())} parameters, loss {loss.item():.6f}, "
          f"|g| {norm(grads):.4f}, |Hu| {norm(product):.4f}, {size / 1024:.0f} KiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=CASES)
    only = parser.parse_args().only
    for seed, (name, case) in enumerate(CASES.items(), start=20):
        if only in (None, name):
            generate(name, *case, seed)


if __name__ == "__main__":
    main()
