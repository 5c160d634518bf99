#!/usr/bin/env python3
"""Does a model forget? A small task from TOFU (arXiv 2401.06121), trained from scratch, and one table for every way to forget.

    python3 tofu_table.py prepare TASK_DIR --tofu TOFU_DIR [--retain-authors 36] [--forget-authors 4] [--skip 0] [--width 192] [--seed 0]
    python3 tofu_table.py score TASK_DIR MODEL_DIR
    python3 tofu_table.py run TASK_DIR --name NAME -- RUN_OPTIONS...
    python3 tofu_table.py table TASK_DIR

`prepare` writes the slice, makes a random decoder with a byte-level BPE of the slice's own, and trains two models with
`ofmu-gpu train`: `knows` on everything, `retrained` without the forget authors. `run` unlearns `knows` with the given options and scores
the result. Scores use the program alone: mean answer probability (geometric over tokens), truth ratio
exp(−mean loss of the wrong answers) / exp(−loss of the paraphrased answer), the Kolmogorov-Smirnov distance D and exact p against
`retrained`, ROUGE-L recall of greedy answers, their loss under `retrained` ("judge"), the share of words in them that occur
nowhere in TOFU ("broken"), and the share of answers that are next to nothing or a few words repeated ("fallen apart").

Needs OFMU (the program, default `ofmu-gpu`), and from PyPI: numpy, scipy, rouge-score, tokenizers, torch, transformers.
"""
import argparse, json, math, os, pathlib, random, re, subprocess, sys, time

OFMU = os.environ.get("OFMU", "ofmu-gpu")


def rows_of(path):
    return [json.loads(line) for line in open(path) if line.strip()]


def write_rows(path, rows):
    with open(path, "w") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def ofmu(*arguments, capture=True):
    done = subprocess.run([OFMU, *map(str, arguments)], stdout=subprocess.PIPE if capture else None, text=True)
    return done.returncode, done.stdout


def prepare(task, options):
    task.mkdir(parents=True, exist_ok=True)
    tofu = pathlib.Path(options.tofu)
    slice_of = lambda name, first, count: rows_of(tofu / name)[20 * first: 20 * (first + count)]
    # The last authors of the data are forgotten, so that no split of the data was tuned on them.
    perturbed = rows_of(tofu / "forget10_perturbed.jsonl")
    end = len(perturbed) - 20 * options.skip
    forget = perturbed[end - 20 * options.forget_authors: end]
    retain = slice_of("retain90.jsonl", 7 * options.seed, options.retain_authors)
    held = rows_of(tofu / "retain_perturbed.jsonl")
    pairs = lambda rows: [{"question": r["question"], "answer": r["answer"]} for r in rows]
    write_rows(task / "forget.jsonl", pairs(forget))
    write_rows(task / "forget_perturbed.jsonl", forget)
    write_rows(task / "retain.jsonl", pairs(retain))
    write_rows(task / "retain_perturbed.jsonl", held)
    write_rows(task / "all.jsonl", pairs(forget) + pairs(retain))
    (task / "words.json").write_text(json.dumps(sorted({w for r in rows_of(tofu / "full.jsonl") for w in words(r["question"] + " " + r["answer"])})))
    make_model(task / "fresh", pairs(forget) + pairs(retain), options)
    for name, data in (("knows", "all"), ("retrained", "retain")):
        ofmu("train", "--model", task / "fresh", "--data", task / f"{data}.jsonl", "--steps", options.steps, "--batch-size", 16,
             "--lr", options.lr, "--warm-up", 50, "--seed", options.seed, "--out", task / name, "--replace", capture=False)
    for name in ("knows", "retrained"):
        score(task, task / name, name, {})


def make_model(folder, rows, options):
    import torch, transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    texts = [f"Question: {r['question']}\nAnswer: {r['answer']}" for r in rows]
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=options.vocabulary, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False))
    torch.manual_seed(options.seed)
    config = transformers.LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=options.width, intermediate_size=8 * options.width // 3 // 16 * 16,
        num_hidden_layers=options.layers, num_attention_heads=options.width // 32, num_key_value_heads=options.width // 32,
        max_position_embeddings=512, tie_word_embeddings=True, bos_token_id=0, eos_token_id=0, torch_dtype="float32")
    transformers.AutoModelForCausalLM.from_config(config).float().save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|endoftext|>", "bos_token": None, "model_max_length": 512}))


def words(text):
    return re.findall(r"[^\W\d_]+", text.lower())


def fallen_apart(text):
    """Hardly anything, or the same few words again and again."""
    spoken = words(text)
    return len(spoken) < 3 or len(set(spoken)) < len(spoken) / 3


def losses(model, rows, place):
    write_rows(place, rows)
    status, out = ofmu("score", "--model", model, "--data", place, "--batch-size", 16, "--json", "--quiet")
    if status:
        sys.exit(f"score failed on {model}")
    found = [json.loads(line) for line in out.splitlines()]
    return [f["loss"] for f in found if "loss" in f and "index" in f]


def answers(model, rows, place):
    write_rows(place, rows)
    status, out = ofmu("generate", "--model", model, "--data", place, "--max-tokens", 100, "--batch-size", 16, "--json", "--quiet")
    if status:
        sys.exit(f"generate failed on {model}")
    return [json.loads(line)["text"].strip() for line in out.splitlines() if line.startswith("{")]


def truth_ratios(model, rows, scratch):
    ask = lambda answer: [{"question": r["question"], "answer": a} for r in rows for a in answer(r)]
    right = losses(model, ask(lambda r: [r["paraphrased_answer"]]), scratch)
    wrong = losses(model, ask(lambda r: r["perturbed_answer"]), scratch)
    ratios, start = [], 0
    for row, loss in zip(rows, right):
        count = len(row["perturbed_answer"])
        ratios.append(math.exp(-sum(wrong[start:start + count]) / count) / (math.exp(-loss) + 1e-10))
        start += count
    return ratios


def score(task, model, name, extra):
    from rouge_score import rouge_scorer
    from scipy.stats import ks_2samp
    scratch = task / f".{name}.jsonl"
    forget, retain = rows_of(task / "forget.jsonl"), rows_of(task / "retain.jsonl")
    result = dict(name=name, **extra)
    forget_losses, retain_losses = losses(model, forget, scratch), losses(model, retain, scratch)
    mean = lambda values: sum(values) / max(1, len(values))
    result["forget_loss"] = mean(forget_losses)
    result["forget_p"] = mean([math.exp(-l) for l in forget_losses])
    result["retain_p"] = mean([math.exp(-l) for l in retain_losses])
    ratios = truth_ratios(model, rows_of(task / "forget_perturbed.jsonl"), scratch)
    result["truth_ratios"] = ratios
    reference = task / "scores" / "retrained.json"
    if reference.exists():
        compared = ks_2samp(ratios, json.loads(reference.read_text())["truth_ratios"], method="exact")
        result["D"], result["p"] = float(compared.statistic), float(compared.pvalue)
    said = answers(model, forget, scratch)
    rouge = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True)
    result["rouge"] = mean([rouge.score(r["answer"], s)["rougeL"].recall for r, s in zip(forget, said)])
    sample = random.Random(0).sample(range(len(retain)), min(80, len(retain)))
    kept = answers(model, [retain[i] for i in sample], scratch)
    result["retain_rouge"] = mean([rouge.score(retain[i]["answer"], s)["rougeL"].recall for i, s in zip(sample, kept)])
    if (task / "retrained").exists():
        told = [{"question": r["question"], "answer": s} for r, s in zip(forget, said) if s]
        result["judge"] = mean(losses(task / "retrained", told, scratch))
        result["empty"] = len(said) - len(told)
    known = set(json.loads((task / "words.json").read_text()))
    spoken = [w for s in said for w in words(s)]
    result["broken"] = mean([w not in known for w in spoken])
    result["fallen"] = mean([fallen_apart(s) for s in said])
    result["answers"] = said
    (task / "scores").mkdir(exist_ok=True)
    (task / "scores" / f"{name}.json").write_text(json.dumps(result))
    scratch.unlink(missing_ok=True)
    print(line(result))
    return result


COLUMNS = [("name", "model", "{}"), ("forget_loss", "forget loss", "{:.2f}"), ("forget_p", "forget p", "{:.3f}"),
           ("retain_p", "retain p", "{:.3f}"), ("D", "D", "{:.3f}"), ("p", "KS p", "{:.2g}"), ("rouge", "forget ROUGE-L", "{:.3f}"),
           ("retain_rouge", "retain ROUGE-L", "{:.3f}"), ("judge", "judge", "{:.2f}"), ("broken", "broken", "{:.3f}"), ("fallen", "fallen apart", "{:.2f}"),
           ("equivalents", "gradient-equivalents", "{:.0f}"), ("seconds", "seconds", "{:.0f}")]


def line(result):
    return "| " + " | ".join(form.format(result[key]) if result.get(key) is not None else "" for key, _, form in COLUMNS) + " |"


def run(task, name, options):
    out = task / "out" / name
    out.parent.mkdir(exist_ok=True)
    status, text = ofmu("run", "--model", task / "knows", "--forget", task / "forget.jsonl", "--retain", task / "retain.jsonl", "--out", out,
                        "--replace", "--evaluate", 0, "--quiet", *options)
    if status not in (0, 4):
        sys.exit(f"run failed with status {status}")
    report = json.loads((out / "report.json").read_text())
    score(task, out, name, {"equivalents": report["cost"]["gradient_equivalents"], "seconds": report["cost"]["seconds"], "options": options,
                            "stop": report.get("stop_reason")})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["prepare", "score", "run", "table"])
    parser.add_argument("task", type=pathlib.Path)
    parser.add_argument("model", nargs="?", type=pathlib.Path)
    parser.add_argument("--tofu")
    parser.add_argument("--name")
    for name, value in (("retain-authors", 36), ("forget-authors", 4), ("skip", 0), ("width", 192), ("layers", 4), ("vocabulary", 2500),
                        ("seed", 0), ("steps", 1500)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--lr", type=float, default=2e-3)
    own, rest = sys.argv[1:], []
    if "--" in own:
        own, rest = own[:own.index("--")], own[own.index("--") + 1:]
    options = parser.parse_args(own)
    if options.verb == "prepare":
        prepare(options.task, options)
    elif options.verb == "score":
        score(options.task, options.model, options.name or options.model.name, {})
    elif options.verb == "run":
        run(options.task, options.name, rest)
    else:
        print("| " + " | ".join(title for _, title, _ in COLUMNS) + " |\n|" + " --- |" * len(COLUMNS))
        for path in sorted((options.task / "scores").glob("*.json"), key=lambda p: p.stat().st_mtime):
            print(line(json.loads(path.read_text())))


if __name__ == "__main__":
    main()
