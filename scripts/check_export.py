"""Checks that a folder written by the engine is the model it claims to be, with transformers as the judge.

    check_export.py BINARY MODEL EXPORTED_FOLDER        (MODEL: what was exported, a GGUF file or a folder)

  1. tokenizer   `BINARY tokenize` on MODEL gives the ids that AutoTokenizer gives on the folder, for a multilingual
                 list with emoji, code, runs of spaces, special tokens and malformed UTF-8; and they decode back.
  2. weights     only for a GGUF whose architecture the `gguf` package and transformers know: every tensor of the
                 folder equals transformers' own reading of that file, an independent dequantisation.
  3. logits      `BINARY inspect MODEL --logits TEXT --dump FILE` (ids I32 [T], logits F32 [T, V]) against
                 AutoModelForCausalLM on the folder: max |difference| <= 1e-3.
  4. score       `BINARY score` on {"text": ...} records: the mean cross-entropy over the tokens after the first,
                 the per-sequence answer loss of arXiv 2509.22483, against the same logits.

Prints one line per check; exit status 1 when any fails. `--only` picks checks by name.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXTS = [
    "Hello, world!", "", " ", "   ", "a", " leading and trailing  ", "two\nlines\r\nand\tone tab\n\n\n",
    "It's we'll they've I'M DON'T 'quoted'", "1 12 123 1234 12345 3.14159 1,000,000 0x1F 2026-11-24",
    "Grüße aus Köln, naïve façade, Øresund, Łódź, İstanbul, e\u0301 combining",
    "Привет, как дела? Здравствуй мир", "你好,世界。今天天气很好", "こんにちは世界、カタカナ", "안녕하세요 세계",
    "مرحبا بالعالم ١٢٣", "שלום עולם", "नमस्ते दुनिया", "สวัสดีชาวโลก", "Γειά σου Κόσμε", "xin chào thế giới",
    "😀 👍🏽 👨‍👩‍👧‍👦 🇩🇪 🏳️‍🌈 ❤️", "∑ᵢ xᵢ² ≤ ∞ → ½ ⅷ ①", "def f(x):\n    return x ** 2  # comment\n\n\n    pass",
    "if (a<b && c!=d) { x[i] += \"s\\n\"; } // <tag/>", "        eight spaces    then four",
    "----====____****....!!!???", "https://example.org/a?b=c&d=%20#e", "\u00a0nbsp\u2003em\u200bzero\ufeffbom\u2028sep",
    "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", "<|endoftext|>x<|endoftext|>", "< |im_start| >",
    "The quick brown fox jumps over the lazy dog. " * 20, "\x01\x1f\x7f control", "\U0001F9EC\U00020000 rare planes",
]
MALFORMED = [b"ok \xff\xfe end", b"cut \xe2\x82", b"\xc0\x80 overlong", b"\xed\xa0\x80 surrogate", b"\xf0\x9f\x98 x"]
PROMPT = ("The capital of France is Paris, and the capital of Germany is Berlin. "
          "Ça va? 你好! def add(a, b):\n    return a + b")


def run(*command) -> str:
    done = subprocess.run(command, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command[:2]))} failed with status {done.returncode}:\n"
                 f"{done.stderr.decode(errors='replace')}")
    return done.stdout.decode()


def byte_of_character() -> dict[str, int]:
    """The byte-level alphabet: printable bytes stand for themselves, the other 68 for U+0100 and up, in order."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [b for b in range(256) if b not in set(plain)]
    return {chr(b): b for b in plain} | {chr(256 + i): b for i, b in enumerate(rest)}


def dense_gguf() -> dict:
    """Newer versions of transformers keep the blocks packed unless told otherwise; older ones always unpack."""
    try:
        from transformers import GgufConfig
    except ImportError:
        return {}
    return {"quantization_config": GgufConfig(dequantize=True)}


class Check:
    def __init__(self, args):
        self.args = args
        self.tokenizer = AutoTokenizer.from_pretrained(args.exported)
        self._model = None

    @property
    def model(self):
        if self._model is None:
            self._model = AutoModelForCausalLM.from_pretrained(self.args.exported, dtype=torch.float32).eval()
        return self._model

    def ids(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=self.args.special).input_ids

    def logits(self, ids) -> torch.Tensor:
        with torch.no_grad():
            return self.model(input_ids=torch.tensor([ids])).logits[0].float()

    def tokenizer_ids(self):
        def engine(text):  # str or bytes
            option = b"--text=" + (text if isinstance(text, bytes) else text.encode())
            lines = run(self.args.binary, "tokenize", "--model", self.args.model, option).strip().splitlines()
            return json.loads(lines[-1])

        wrong = []
        for text in TEXTS:
            got, want = engine(text), self.ids(text)
            if got != want:
                at = next((i for i, (g, w) in enumerate(zip(got, want)) if g != w), min(len(got), len(want)))
                wrong.append(f"{text[:40]!r}: at {at}, engine {got[at:at + 6]}, transformers {want[at:at + 6]}")
            elif not self.args.special and self.tokenizer.decode(
                    got, skip_special_tokens=False, clean_up_tokenization_spaces=False) != text:
                wrong.append(f"{text[:40]!r}: does not decode back")
        alphabet = byte_of_character()
        for raw in MALFORMED:  # either the bytes themselves survive, or they become U+FFFD as in a Python string
            got = engine(raw)
            characters = "".join(self.tokenizer.convert_ids_to_tokens(got))
            if bytes(alphabet.get(c, 0) for c in characters) != raw and got != self.ids(raw.decode(errors="replace")):
                wrong.append(f"{raw!r}: engine {got}")
        return not wrong, f"{len(TEXTS) + len(MALFORMED) - len(wrong)} of {len(TEXTS) + len(MALFORMED)} texts equal", wrong

    def weights(self):
        source = Path(self.args.model)
        if source.suffix.lower() != ".gguf":
            return None, "not a GGUF file", []
        reference = AutoModelForCausalLM.from_pretrained(
            source.parent, gguf_file=source.name, dtype=torch.float32, **dense_gguf())
        want, got = reference.state_dict(), self.model.state_dict()
        wrong = [f"{name} is in only one of them" for name in sorted(set(want) ^ set(got))]
        largest = 0.0
        for name in sorted(set(want) & set(got)):
            if want[name].shape != got[name].shape:
                wrong.append(f"{name}: {tuple(got[name].shape)} instead of {tuple(want[name].shape)}")
                continue
            difference = (want[name].float() - got[name].float()).abs().max().item()
            largest = max(largest, difference)
            if not difference <= self.args.weight_tolerance:
                wrong.append(f"{name}: max |difference| {difference:.2e}")
        return not wrong, f"{len(want)} tensors, max |difference| {largest:.2e}", wrong

    def engine_logits(self):
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "logits.safetensors"
            run(self.args.binary, "inspect", self.args.model, "--logits", self.args.prompt, "--json", "--dump", str(path))
            dump = load_file(path)
        ids, got = dump["ids"].reshape(-1).tolist(), dump["logits"].float()
        want = self.logits(ids)
        got = got.reshape(-1, got.shape[-1])
        if got.shape != want.shape:
            return False, f"engine {tuple(got.shape)}, transformers {tuple(want.shape)}", []
        difference = (got - want).abs().max().item()
        same = (got.argmax(-1) == want.argmax(-1)).float().mean().item()
        wrong = [] if ids == self.ids(self.args.prompt) else [f"ids differ: {ids[:8]}..."]
        return (difference <= self.args.tolerance and not wrong,
                f"{tuple(want.shape)}, max |difference| {difference:.2e} (limit {self.args.tolerance:g}), "
                f"max |logit| {want.abs().max().item():.1f}, same argmax {same:.1%}", wrong)

    def score(self):
        texts = [t for t in TEXTS if len(self.ids(t)) > 4 and "<|" not in t]
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as data:
            data.writelines(json.dumps({"text": t}, ensure_ascii=False) + "\n" for t in texts)
            data.flush()
            lines = run(self.args.binary, "score", "--model", self.args.model, "--data", data.name, "--json").splitlines()
        rows = [row for row in map(json.loads, filter(None, lines)) if "loss" in row and "tokens" in row]
        if len(rows) != len(texts):
            return False, f"{len(rows)} answers for {len(texts)} records", []
        wrong, largest = [], 0.0
        for text, row in zip(texts, rows):
            ids = self.ids(text)
            if row["tokens"] == len(ids):  # an end-of-text token was taught as well
                ids = ids + [self.tokenizer.eos_token_id]
            if row["tokens"] != len(ids) - 1:
                wrong.append(f"{text[:40]!r}: {row['tokens']} tokens, expected {len(ids) - 1}")
                continue
            logp = torch.log_softmax(self.logits(ids)[:-1].double(), -1)
            want = -logp.gather(1, torch.tensor(ids[1:]).unsqueeze(1)).mean().item()
            largest = max(largest, abs(row["loss"] - want))
            if not abs(row["loss"] - want) <= self.args.tolerance:
                wrong.append(f"{text[:40]!r}: engine {row['loss']:.6f}, transformers {want:.6f}")
        return not wrong, f"{len(texts)} records, max |difference| {largest:.2e}", wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("model")
    parser.add_argument("exported")
    parser.add_argument("--prompt", default=PROMPT)
    parser.add_argument("--tolerance", type=float, default=1e-3)
    parser.add_argument("--weight-tolerance", type=float, default=1e-6)
    parser.add_argument("--special", action="store_true", help="compare ids including automatic special tokens")
    parser.add_argument("--only", default="tokenizer,weights,logits,score", help="comma-separated checks")
    args = parser.parse_args()
    check = Check(args)
    checks = {"tokenizer": check.tokenizer_ids, "weights": check.weights, "logits": check.engine_logits,
              "score": check.score}
    good = True
    for name in args.only.split(","):
        if name not in checks:
            parser.error(f"unknown check {name!r}; there are {', '.join(checks)}")
        ok, summary, details = checks[name]()
        print(f"{name:10} {'skipped' if ok is None else 'ok' if ok else 'WRONG'}: {summary}", flush=True)
        for line in details[:10]:
            print(f"    {line}")
        good &= ok is not False
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
