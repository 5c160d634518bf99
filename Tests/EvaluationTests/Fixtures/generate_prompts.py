"""Writes prompts.json: the prompts of lm-evaluation-harness' wmdp and mmlu tasks, from the harness' own task files and Jinja.

    python generate_prompts.py HARNESS        (pip install jinja2 pyyaml; HARNESS: a checkout of EleutherAI/lm-evaluation-harness)
"""

import json
import pathlib
import random
import sys

import jinja2
import yaml

tasks = pathlib.Path(sys.argv[1]) / "lm_eval" / "tasks"
random.seed(3)
WORDS = "which of these is a carrier of the virus 3.14 naïve α-helix ∑ {x} $y$ {{z}} \\n 'quoted' \"text\" 50% A. B. None".split()


def text(count):
    return " ".join(random.choices(WORDS, k=random.randint(1, count)))


def settings(path):
    """A task's settings over those of the file that it includes."""
    own = yaml.safe_load(path.read_text())
    return yaml.safe_load((path.parent / own["include"]).read_text()) | own


prompts = []
for path in sorted((tasks / "wmdp").glob("wmdp_*.yaml")) + sorted((tasks / "mmlu" / "default").glob("mmlu_*.yaml")):
    task = settings(path)
    assert task["doc_to_choice"] == ["A", "B", "C", "D"] and task["doc_to_target"] == "answer" and task.get("num_fewshot", 0) == 0
    # The harness' environment: undefined names are errors, a newline at the end stays.
    template = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True).from_string(task["doc_to_text"])
    for question in [text(12), f"  \n{text(20)}\n{text(5)}\t "]:
        row = {"question": question, "choices": [text(4) for _ in range(4)], "answer": random.randrange(4)}
        name = task["task"]
        if name.startswith("mmlu_"):
            row["subject"] = task["dataset_name"]
            name = "mmlu"
        prompts.append({"task": name, "row": row, "prompt": task["description"] + template.render(**row)})
pathlib.Path(__file__).with_name("prompts.json").write_text(json.dumps(prompts, ensure_ascii=False) + "\n")
