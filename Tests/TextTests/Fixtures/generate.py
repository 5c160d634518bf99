#!/usr/bin/env python3
"""Writes the tokenizer fixtures: small tokenizers of every family, and what Hugging Face makes of them.

    pip install tokenizers transformers jinja2
    python generate.py

Every JSON file beside this script is its output. The training text is written here, so nothing is
downloaded.
"""

import datetime
import json
import random
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast
from transformers.convert_slow_tokenizer import generate_merges
from transformers.utils import chat_template_utils

from chat_templates import NO_SYSTEM, TEMPLATES as FAMILY_TEMPLATES

HERE = Path(__file__).resolve().parent

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = CONTRACTIONS + r"\p{N}{1,3}" + REST
QWEN2 = CONTRACTIONS + r"\p{N}" + REST

CORPUS = [
    "The harbour was quiet when Mira Okafor opened her notebook and wrote the first line of the novel.",
    "She'd said it's fine, they're late, we've time, I'm here, he'll wait; don't worry, you'd better not.",
    "SHE'D SAID IT'S FINE, THEY'RE LATE, WE'VE TIME, I'M HERE, HE'LL WAIT.",
    "In 1987 the library held 12,345 volumes; by 2024 it held 1,234,567 of them, or 98.6 % more.",
    "def count(items):\n    total = 0\n    for item in items:\n        total += item\n    return total\n",
    "\tif (x != y) {\n\t\treturn \"not equal\";\n\t}\r\n\r\n// done\r\n",
    "Le garçon naïf dégustait une crème brûlée à l'hôtel près de la forêt.",
    "Größe, Straße, Übermut und Äpfel gehören zur Prüfung.",
    "На берегу пустынных волн стоял он, дум великих полн.",
    "東京の図書館には多くの本があります。彼女は毎日そこで小説を読みます。",
    "图书馆里有很多书，她每天都在那里读小说。",
    "한국어 문장도 조금 있습니다. 오늘은 날씨가 좋습니다.",
    "كان الميناء هادئًا عندما فتحت دفترها وكتبت السطر الأول.",
    "हिन्दी में लिखी हुई एक छोटी सी कहानी पुस्तकालय में है।",
    "Emoji 😀 👍🏽 👩‍👩‍👧‍👦 🇨🇱 appear  here   and    there.\n\n\nNew paragraph.",
    "   leading spaces, trailing spaces   \n \n  \t mixed\u00a0spaces\u3000here\u2003too",
    "e\u0301 a\u0300 u\u0308 n\u0303 are decomposed; é à ü ñ are composed.",
    "Question: Where was she born?\nAnswer: She was born in Santiago, Chile, in the year 1958.",
]

TEXTS = [
    "", " ", "  ", "\n", "\t", "a", " a", "a ", "  a", " \n a", "Hello world", "Hello  world", "Hello   world  ",
    "The harbour was quiet.", "she'd it's they're we've I'm he'll don't", "SHE'D IT'S THEY'RE WE'VE I'M HE'LL DON'T",
    "It'S we'Re 'sss 'llama ' s 'r 'v '", "'ſ x'ſ y", "''s '''re", "12 123 1234 12345 1234567", "a1b22c333d4444",
    "٣٤٥ ½ ² Ⅷ ①② १२३", "98.6% of $1,234.56", "x = [1, 2, 3]  # list", "def f(x):\n    return x ** 2\n\n\nclass A:\n\tpass\n",
    "line one\r\nline two\r\n\r\n  line three", "\n\n\n", " \n \n ", "a\n\nb", "a \n\n b", "a  \n  b", "\r\n\r\n", "\t\t\tx", "x\t\t\t",
    "mixed\u00a0nbsp\u00a0\u00a0two", "\u2003em\u3000ideographic \u200b zero-width \u2028line\u2029para", "\u0085next\u1680ogham",
    "!!! ??? ... --- ***", "!\n\n?\r\n", " !x", "¿Qué? ¡Sí!", "😀", "😀😀 👍🏽", "👩‍👩‍👧‍👦 family", "🇨🇱🇯🇵", "☃️ ❤️",
    "東京の図書館", "彼女は 毎日、読みます。", "图书馆里有很多书", "한국어 문장", "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "كان الميناء هادئًا", "हिन्दी में कहानी", "क्षत्रिय ज़", "На берегу пустынных волн", "garçon naïf crème brûlée",
    "e\u0301a\u0300u\u0308n\u0303 decomposed", "q\u0323\u0307 q\u0307\u0323 order", "\u212b \u2126 \u1e9b\u0323", "\u0301 alone", "A\u030a\u0301",
    "i\u0307stanbul \u0130", "ﬁ ligature ﬆ", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟙𝟚𝟛", "𐍈 gothic 𒀀", "a\u0000b\u0001c", "\ufeffbom", "\ufffd replaced",
    "<|endoftext|>", "a<|endoftext|>b", "a <|endoftext|> b", "<|im_start|>user\nHi<|im_end|>\n", "<|im_start|><|im_start|>", "<|im_sta", "<|im_start|",
    "see <left> here", "see   <left>x", "<right>   x", "a<right> b", "a <both>  b <both>", "a<word>b <word> c", "<word>", "_<word>", "é<word>",
    "foo<plain>bar", "<plain><plainer>", "<plain", " <plain> ", "<s> </s> <unk>", "<s>x</s>", "<0x41> literal", "▁mark▁▁two ▁", "Ġwritten Ċ",
    "Question: Where?\nAnswer: There.", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    " " * 70 + "x", "ab" * 60, "=" * 80, "\n" * 60, "тест" * 30, "e\u0301" * 40,
]

MALFORMED = [
    "ff", "61ff62", "c3", "61c3", "c328", "e282", "e28261", "e228a1", "f09f98", "f09f9861", "f0288cbc", "f8888080", "eda080", "edbfbf",
    "c080", "e08080", "f4908080", "8080", "20ff20ff20", "e4b89ce4ba", "f09f9880f09f98", "0affff0a", "3cff3e", "61cc81ff", "fffe6100",
]


def random_texts(count):
    """Random mixtures, for the cases that nobody thinks of."""
    generator = random.Random(7)
    alphabet = list("aetZ '!-_.,\n\r\t  019é") + ["\u0301", "東", "😀", "\u200d", "\u00a0", "'s", "'LL", "½", "ह", "ि", "\u3000", "ß", "<|im_end|>", " the"]
    return ["".join(generator.choice(alphabet) for _ in range(generator.randint(3, 30))) for _ in range(count)]


def save(tokenizer, name):
    document = json.loads(tokenizer.to_str())
    path = HERE / f"{name}.tokenizer.json"
    path.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    return document


def add_tokens(tokenizer):
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([
        AddedToken("<left>", lstrip=True, normalized=False), AddedToken("<right>", rstrip=True, normalized=False),
        AddedToken("<both>", lstrip=True, rstrip=True, normalized=False),
        AddedToken("<word>", single_word=True, normalized=False),
        AddedToken("<plain>", normalized=True), AddedToken("<plainer>", normalized=True),
    ])


def byte_level(rule, normalizer=None, bos=None, ignore_merges=False, vocab=640):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.pre_tokenizer = rule
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
        special_tokens=[bos] if bos else [])
    tokenizer.train_from_iterator(CORPUS * 3, trainer)
    add_tokens(tokenizer)
    level = processors.ByteLevel(trim_offsets=False)
    tokenizer.post_processor = level
    if bos:
        template = processors.TemplateProcessing(
            single=f"{bos} $A", pair=f"{bos} $A {bos} $B:1", special_tokens=[(bos, tokenizer.token_to_id(bos))])
        tokenizer.post_processor = processors.Sequence([level, template])
    return tokenizer


def plain_level(metaspace=None):
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    if metaspace:
        tokenizer.pre_tokenizer = metaspace
    else:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    # Training wants words; the trained vocabulary is then used without them, as Llama 2's is.
    worded = Tokenizer(models.BPE(unk_token="<unk>"))
    worded.pre_tokenizer = pre_tokenizers.Metaspace()
    specials = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    # A short alphabet leaves scalars to the bytes.
    worded.train_from_iterator(
        CORPUS[:3] * 3 + CORPUS[4:8], trainers.BpeTrainer(vocab_size=620, special_tokens=specials, show_progress=False))
    trained = json.loads(worded.to_str())["model"]
    document = json.loads(tokenizer.to_str())
    document["model"]["vocab"], document["model"]["merges"] = trained["vocab"], trained["merges"]
    tokenizer = Tokenizer.from_str(json.dumps(document))
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    add_tokens(tokenizer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B:1", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))])
    return tokenizer


def split(pattern):
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def families():
    level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    digits = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), level])
    return {
        "gpt2": byte_level(level),
        "gpt2-spaced": byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True), vocab=400),
        "smollm": byte_level(digits),
        "llama3": byte_level(split(LLAMA3), bos="<|begin_of_text|>", ignore_merges=True),
        "qwen2": byte_level(split(QWEN2), normalizer=normalizers.NFC()),
        "llama2": plain_level(),
        "metaspace": plain_level(pre_tokenizers.Metaspace(prepend_scheme="first", split=False)),
        "metaspace-split": plain_level(pre_tokenizers.Metaspace(prepend_scheme="always", split=True)),
    }


def cases(tokenizer, texts):
    result = []
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        case = {"text": text, "ids": ids}
        decoded = tokenizer.decode(ids, skip_special_tokens=True)
        if decoded != text:
            case["decoded"] = decoded
        result.append(case)
    broken = []
    for digits in MALFORMED:
        text = bytes.fromhex(digits).decode("utf-8", "replace")
        broken.append({"hex": digits, "ids": tokenizer.encode(text, add_special_tokens=False).ids})
    tokenizer.encode_special_tokens = True
    plain = [{"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids} for text in texts if "<" in text]
    tokenizer.encode_special_tokens = False
    return {"texts": result, "malformed": broken, "specialAsText": plain, "framed": tokenizer.encode(texts[10]).ids}


def scored(tokenizer, texts):
    """The same vocabulary as GGUF keeps it: scores instead of merges, from which transformers derives merges."""
    document = json.loads(tokenizer.to_str())
    vocab = document["model"]["vocab"]
    tokens = sorted(vocab, key=vocab.get)
    types = [2] + [3] * 2 + [6] * 256 + [1] * (len(tokens) - 259)
    scores = [0.0] * 259 + [-float(index) for index in range(len(tokens) - 259)]
    special = set(tokens[:259])
    document["model"]["merges"] = generate_merges(vocab, dict(zip(tokens, scores)), skip_tokens=special)
    document["added_tokens"] = [token for token in document["added_tokens"] if token["id"] < 3]
    rebuilt = Tokenizer.from_str(json.dumps(document))
    return {"tokens": tokens, "types": types, "scores": scores, "ids": [rebuilt.encode(text).ids for text in texts[:80]]}


# Chat templates, written for this test in the layouts that the families use.
CHATML = "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
ASK = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
TEMPLATES = {
    "chatml": CHATML + ASK,
    "chatml-default": "{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou speak for the harbour library.<|im_end|>\n' }}{% endif %}" + CHATML + ASK,
    "chatml-lines": """{%- if messages[0]['role'] == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- else %}
    {{- '<|im_start|>system\\nYou speak for the harbour library.<|im_end|>\\n' }}
{%- endif %}
{%- for m in messages %}
    {%- if not (loop.first and m.role == 'system') %}
        {{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    "llama3": "{% for m in messages %}{% set t = '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n' + m['content'] | trim + '<|eot_id|>' %}{% if loop.first %}{% set t = bos_token + t %}{% endif %}{{ t }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}",
    "llama2": "{% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}{% set sys = '<<SYS>>\n' + messages[0]['content'] + '\n<</SYS>>\n\n' %}{% else %}{% set rest = messages %}{% set sys = '' %}{% endif %}{% for m in rest %}{% if m['role'] == 'user' %}{{ bos_token + '[INST] ' + (((sys if loop.first else '') + m['content']).strip()) + ' [/INST]' }}{% else %}{{ ' ' + m['content'].strip() + ' ' + eos_token }}{% endif %}{% endfor %}",
    "mistral": "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + ' [/INST]' }}{% else %}{{ m['content'] + eos_token + ' ' }}{% endif %}{% endfor %}",
    "mistral-spaced": "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}{{ ' [INST] ' + m['content'] + ' [/INST]' }}{% else %}{{ ' ' + m['content'] + eos_token }}{% endif %}{% endfor %}",
    "mistral-tight": "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + '[/INST]' }}{% else %}{{ ' ' + m['content']|trim + eos_token }}{% endif %}{% endfor %}",
    "mistral-both": "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + ' [/INST]' }}{% else %}{{ ' ' + m['content'] + ' ' + eos_token }}{% endif %}{% endfor %}",
    "zephyr": "{% for m in messages %}\n{% if m['role'] == 'user' %}\n{{ '<|user|>\n' + m['content'] + eos_token }}\n{% elif m['role'] == 'system' %}\n{{ '<|system|>\n' + m['content'] + eos_token }}\n{% elif m['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + m['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}",
}
USER, ASSISTANT, SYSTEM = "user", "assistant", "system"
TALKS = [
    [(USER, "Where was Mira born?"), (ASSISTANT, "In Santiago, naïvely enough 😀.")],
    [(SYSTEM, "Answer in one word."), (USER, "Where?"), (ASSISTANT, "Chile")],
    [(USER, "One?"), (ASSISTANT, "1"), (USER, "  Two? "), (ASSISTANT, " e\u0301te\u0301 2 \n")],
    [(USER, "Open question?")],
]


def chats(tokenizers):
    result = []
    for name, jinja in TEMPLATES.items():
        family = "llama2" if name.startswith(("llama2", "mistral", "zephyr")) else "llama3" if name == "llama3" else "qwen2"
        fast = PreTrainedTokenizerFast(
            tokenizer_object=tokenizers[family], bos_token={"llama2": "<s>", "llama3": "<|begin_of_text|>"}.get(family),
            eos_token="</s>" if family == "llama2" else "<|im_end|>")
        for talk in TALKS:
            if talk[0][0] == SYSTEM and name.startswith("mistral"):
                continue
            messages = [{"role": role, "content": content} for role, content in talk]
            asks = talk[-1][0] == USER
            text = fast.apply_chat_template(messages, chat_template=jinja, tokenize=False, add_generation_prompt=asks)
            result.append({"template": name, "jinja": jinja, "tokenizer": family, "bos": fast.bos_token, "eos": fast.eos_token,
                           "messages": messages, "asks": asks, "text": text,
                           "ids": tokenizers[family].encode(text, add_special_tokens=False).ids})
    return result


class Clock(datetime.datetime):
    """Templates that write the date write this one."""

    @classmethod
    def now(cls, tz=None):
        return cls(2025, 3, 9)


LONG_TALK = [(USER, "One?"), (ASSISTANT, "1"), (USER, "  Two? "), (ASSISTANT, " e\u0301te\u0301 2 \n"), (USER, "Three?"), (ASSISTANT, "<think>\nWhat comes\nnext\n</think>\n\nThree 😀.")]
FAMILY_TALKS = [
    TALKS[0], TALKS[1], LONG_TALK, TALKS[3], [(SYSTEM, " Be brief. /no_think "), (USER, "Why\n\nnot?\r\n")],
    [(SYSTEM, "Be kind."), (USER, "A?"), (ASSISTANT, "<think>\nhm\n</think>\n\nyes"), (USER, "B?"), (ASSISTANT, "no\n")],
]


def family_texts(tokenizer):
    """What apply_chat_template makes of every template of chat_templates.py."""
    chat_template_utils.datetime = Clock
    result = []
    for name, (jinja, tokens) in FAMILY_TEMPLATES.items():
        fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **tokens)
        cases = []
        for talk in FAMILY_TALKS:
            if talk[0][0] == SYSTEM and name in NO_SYSTEM:
                continue
            messages = [{"role": role, "content": content} for role, content in talk]
            for asks in (False, True):
                if asks and talk[-1][0] == ASSISTANT:
                    continue
                cases.append({"messages": messages, "asks": asks, "text": fast.apply_chat_template(
                    messages, chat_template=jinja, tokenize=False, add_generation_prompt=asks)})
        result.append({"template": name, "jinja": jinja, "tokens": tokens, "cases": cases})
    return result


# The template of every family that can be asked for by name; plain has none.
NAMED = {
    "chatml": (CHATML + ASK, dict(eos_token="<|im_end|>")), "llama2": (TEMPLATES["llama2"], dict(bos_token="<s>", eos_token="</s>")),
    "llama3": (TEMPLATES["llama3"], dict(bos_token="<|begin_of_text|>", eos_token="<|eot_id|>")),
    "mistral": (TEMPLATES["mistral"].replace(" + ' '", ""), dict(bos_token="<s>", eos_token="</s>")), "qwen3": FAMILY_TEMPLATES["qwen-3"],
    "zephyr": (TEMPLATES["zephyr"], dict(eos_token="</s>")),
}


def named_texts(tokenizer):
    """What apply_chat_template makes of every named family's template when it is asked not to think."""
    result = []
    for name, (jinja, tokens) in NAMED.items():
        fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **tokens)
        cases = []
        for talk in FAMILY_TALKS:
            if talk[0][0] == SYSTEM and name == "mistral":
                continue
            messages = [{"role": role, "content": content} for role, content in talk]
            asks = talk[-1][0] == USER
            cases.append({"messages": messages, "asks": asks, "text": fast.apply_chat_template(
                messages, chat_template=jinja, tokenize=False, add_generation_prompt=asks, enable_thinking=False)})
        result.append({"family": name, "tokens": tokens, "cases": cases})
    return result


def main():
    tokenizers = families()
    texts = TEXTS + random_texts(60)
    expected = {}
    for name, tokenizer in tokenizers.items():
        save(tokenizer, name)
        expected[name] = cases(tokenizer, texts)
    write = lambda name, value: (HERE / name).write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    # The texts are the same for all families: written once.
    inputs = {"texts": texts, "malformed": MALFORMED}
    for family in expected.values():
        for part in ("texts", "malformed"):
            family[part] = [{k: v for k, v in case.items() if k not in ("text", "hex")} for case in family[part]]
    write("inputs.json", inputs)
    for name, value in expected.items():
        write(f"{name}.expected.json", value)
    write("chats.json", chats(tokenizers))
    write("templates.json", family_texts(tokenizers["gpt2"]))
    write("families.json", named_texts(tokenizers["gpt2"]))
    write("scored.json", scored(tokenizers["llama2"], texts))


if __name__ == "__main__":
    main()
