"""Writes muse.json: what open-unlearning's own functions make of rows like MUSE's, with a tokenizer of single bytes.

    python generate_muse.py OPEN_UNLEARNING   (pip install torch transformers rouge-score==0.1.2 numpy scipy tqdm;
                                               OPEN_UNLEARNING: a checkout of locuslab/open-unlearning)
"""

import json
import pathlib
import random
import sys
import types
from unittest import mock

import torch
import yaml

root = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(root / "src"))
# Only named by what is imported here.
sys.modules["datasets"] = mock.MagicMock()
sys.modules["data"] = types.ModuleType("data")
sys.modules["data"].__path__ = [str(root / "src" / "data")]
sys.modules["omegaconf"] = types.SimpleNamespace(OmegaConf=types.SimpleNamespace(to_container=lambda value, resolve: dict(value)))
evals = types.ModuleType("evals")
evals.__path__ = [str(root / "src" / "evals")]
metrics = types.ModuleType("evals.metrics")
metrics.__path__ = [str(root / "src" / "evals" / "metrics")]
sys.modules |= {"evals": evals, "evals.metrics": metrics}

from data.utils import preprocess_chat_instance, preprocess_pretraining_instance  # noqa: E402
from evals.metrics.utils import eval_text_similarity  # noqa: E402

BEGIN, END = 256, 257
random.seed(11)


class Bytes:
    """Ids are bytes; texts begin with BEGIN."""

    eos_token_id = END

    def __call__(self, text, add_special_tokens=True, max_length=None, truncation=False):
        ids = [BEGIN] * add_special_tokens + list(text.encode())
        return {"input_ids": ids[:max_length] if truncation else ids}

    def encode(self, text, add_special_tokens=True):
        return self(text, add_special_tokens)["input_ids"]

    def decode(self, ids, skip_special_tokens=False, clean_up_tokenization_spaces=False):
        ids = [int(index) for index in ids]
        end = "" if skip_special_tokens else "</s>"
        return "".join(end if index == END else "" if index >= 256 else chr(index) for index in ids)

    def batch_decode(self, batch, **options):
        return [self.decode(ids, **options) for ids in batch]


def config(name):
    return yaml.safe_load((root / "configs" / name).read_text())


template = config("model/Llama-2-7b-hf.yaml")["template_args"]
knowledge = config("eval/muse_metrics/forget_knowmem_ROUGE.yaml")["generation_args"]
verbatim = config("eval/muse_metrics/forget_verbmem_ROUGE.yaml")["generation_args"]
WORDS = "where who Mr. Dursley's proud number four Privet Drive thank you very much 12,5 says Potter stones running ran happily".split()


def text(least, most):
    return " ".join(random.choices(WORDS, k=random.randint(least, most)))


questions = []
for count in [0, 1, 3]:
    examples = [(text(3, 6) + "?", text(1, 3)) for _ in range(count)]
    question, answer = text(3, 8) + "?", text(1, 4)
    item = preprocess_chat_instance(
        Bytes(), template, [pair[0] for pair in examples] + [question], [pair[1] for pair in examples] + [answer], 512, True)
    questions.append({"examples": examples, "question": question, "answer": answer, "ids": item["input_ids"].tolist()})

texts = []
for prefix, content in [("", text(4, 9)), (text(3, 6), text(4, 9)), (text(30, 40), text(600, 700)), ("", text(600, 700)), (text(2, 3), text(500, 600))]:
    item = preprocess_pretraining_instance(Bytes(), prefix, content, 2048, False, insert_space=prefix != "")
    texts.append({"prompt": prefix, "text": content, "ids": item["input_ids"].tolist(), "labels": item["labels"].tolist()})

answers = []
for settings in [knowledge, verbatim]:
    for _ in range(60):
        question, reference = "Question: " + text(3, 6) + "?\nAnswer: ", text(1, 12)
        said = random.sample(reference.split(), k=random.randint(0, len(reference.split()))) + text(1, 4).split()
        for stop in random.choices(["\n\n", "\nQuestion: ", "Question:", "\n", " "], k=random.randint(0, 3)):
            said.insert(random.randint(0, len(said)), stop)
        said = random.choice(["", " ", "\n"]) + " ".join(said)
        prompt = [BEGIN] + list(question.encode())
        output = torch.tensor([prompt + list(said.encode())])
        scores = eval_text_similarity(
            types.SimpleNamespace(device="cpu", generate=lambda *_, **__: output), Bytes(),
            {"input_ids": torch.tensor([prompt]), "attention_mask": torch.ones(1, len(prompt)),
             "labels": torch.tensor([prompt + list(reference.encode()) + [END]])}, dict(settings))[0]
        answers.append({"cuts": "stopwords" in settings, "said": said, "reference": reference, "generation": scores["generation"],
                        "f1": scores["rougeL_f1"]})

out = {"tokens": {"answer": knowledge["max_new_tokens"], "continuation": verbatim["max_new_tokens"]}, "questions": questions, "texts": texts,
       "answers": answers}
pathlib.Path(__file__).with_name("muse.json").write_text(json.dumps(out) + "\n")
