"""Writes measures.json: what rouge-score 0.1.2, SciPy, NumPy and Python's zlib make of generated inputs.

    python generate_measures.py            (pip install rouge-score==0.1.2 nltk scipy numpy)
"""

import json
import pathlib
import random
import zlib

import numpy
from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer
from scipy import stats

random.seed(7)
STEMS = """happ enjo fl relat condition valenc hesitanc digit conform radic different vile analog predict operat feudal decisiv hope
callous formal sensitiv sensib triplic electr good reviv allow infer airlin gyroscop adjust defens irrit replac depend adopt homolog
commun activ angular bowdler probat rat ceas controll roll agre plaster bl motor sing conflat troubl siz hopp tann fall hiss fizz fail
fil archaeo bio theo geo ly d t sk sp pl employ toy syzyg y yy boy vowel queu see bee""".split()
ENDINGS = """|s|es|ies|ss|sses|ed|ied|eed|ing|y|ly|ational|tional|enci|anci|izer|bli|abli|alli|ally|entli|eli|ousli|ization|ation|ator
alism|iveness|fulness|ousness|aliti|iviti|biliti|fulli|fully|logi|logy|icate|ative|alize|iciti|ical|ful|ness|al|ance|ence|er|ic|able
ible|ant|ement|ment|ent|sion|tion|ion|ou|ism|ate|iti|ous|ive|ize|e|ee|ll|le|yed|ying|yer|bling|izing|ating|ying""".replace("\n", "|").split("|")
SPECIAL = """sky skies dying lying tying news innings inning outings outing cannings canning howe proceed exceed succeed dies ties lied died
tied spied spy flies fly string strings born 1923 2nd 100s abc9ing""".split()
words = sorted({stem + ending for stem in STEMS for ending in ENDINGS if len(stem + ending) > 1})
words = sorted(set(random.sample(words, 700)) | set(SPECIAL))
stemmer = PorterStemmer()

PIECES = """The author's full name is Hsiao Yun-Hwa. Basil Mahfouz Al-Kuwaiti was born in Kuwait City, on 08/09/1956! Their novels
"Promise by the Seine" and 'Le Petit Sultan' won the Prix de l'École; critics praised fully developed, relational characters, émigré
writers... LGBTQ+ community ponies caressing agreed K İstanbul straße naïve co-operation 3.14 100% running runs ran happily happiness
日本 writing written writes awards awarded awarding""".split()
pairs = [["The author's full name is Hsiao Yun-Hwa.", "The author's full name is Chiang Sheng-wei."],
         ["Hsiao Yun-Hwa is part of the LGBTQ+ community.", "Hsiao Yun-Hwa identifies as female."],
         ["Paris", "The Eiffel Tower is located in Paris, France."], ["", "a word"], ["日本", "日本"]]
for _ in range(300):
    reference = random.choices(PIECES, k=random.randint(1, 30))
    candidate = [word for word in reference if random.random() < 0.6] + random.choices(PIECES, k=random.randint(0, 15))
    if random.random() < 0.3:
        random.shuffle(candidate)
    pairs.append([" ".join(reference), " ".join(candidate)])
scorer = rouge_scorer.RougeScorer(["rouge1", "rougeL"], use_stemmer=True)
rouge = []
for reference, candidate in pairs:
    scores = scorer.score(reference, candidate)
    rouge.append({"reference": reference, "candidate": candidate,
                  "rouge1": [scores["rouge1"].recall, scores["rouge1"].precision, scores["rouge1"].fmeasure],
                  "rougeL": [scores["rougeL"].recall, scores["rougeL"].precision, scores["rougeL"].fmeasure]})

rng = numpy.random.default_rng(5)
samples = []
for n, m, shift, digits in [(40, 40, 0, 9), (40, 40, 1, 9), (40, 30, 0.4, 9), (7, 12, 0, 1), (1, 1, 0, 9), (60, 60, 0.3, 1), (200, 200, 0.2, 9),
                            (400, 400, 0.1, 9), (400, 117, 0.5, 9), (25, 100, 3, 9), (3, 5, 0, 0), (50, 50, 9, 9)]:
    a, b = numpy.round(rng.normal(size=n), digits), numpy.round(rng.normal(size=m) + shift, digits)
    ks = stats.ks_2samp(a, b)
    area = stats.mannwhitneyu(b, a).statistic / (n * m)
    k = max(1, int(0.4 * n))
    samples.append({"a": a.tolist(), "b": b.tolist(), "distance": ks.statistic, "p": ks.pvalue, "area": area,
                    "least": float(-numpy.sort(a)[:k].mean())})

harmonic = [[0.87066, 0.79326, 0.51796, 0.41357, 0.797, 0.52733, 0.43633, 0.82792, 0.62011], [0.5, 0.0, 1.0], [3.0]]
texts = [pair[0] for pair in pairs[:40]] + ["a" * 5000, " ".join(words), "".join(random.choices("abcdefgh \n", k=4000))]
out = {
    "stems": [[word, stemmer.stem(word)] for word in words],
    "rouge": rouge,
    "samples": samples,
    "harmonic": [[values, float(stats.hmean(values))] for values in harmonic],
    "zlib": [[text, len(zlib.compress(text.encode()))] for text in texts],
}
path = pathlib.Path(__file__).with_name("measures.json")
path.write_text(json.dumps(out, ensure_ascii=False) + "\n")
