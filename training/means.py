"""Measure the encoders' mean vectors: one of questions for each language, one of passages for each written language.

    TIWIZI_DATA=... python training/means.py

Reads parallel sentences and the language rows of $TIWIZI_DATA, encodes a sample of each (seeded), and writes
`src/tiwizi/knowledge/models/means.npz` with a card beside it. No test set is read.
"""

import hashlib
import json
import os
import random
from pathlib import Path

import numpy as np

from tiwizi.knowledge.encoder import E5, Encoder, Use
from tiwizi.language import transliterate

DATA = Path(os.environ["TIWIZI_DATA"])
OUT = Path(__file__).parents[1] / "src/tiwizi/knowledge/models"
SAMPLE = 500
LABELS = {"fra-Latn": "fr", "arb-Arab": "ar", "eng-Latn": "en", "spa-Latn": "es"}
ENCODERS: tuple[Encoder, ...] = (E5(), Use())


def sentences() -> dict[str, list[str]]:
    """Sentences of each tag, as the encoder is given them: Arabizi in Arabic letters, as the search does."""
    rows: dict[str, list[str]] = {}
    for line in (DATA / "language/train.tsv").read_text("utf-8").splitlines():
        text, label, _ = line.split("\t")
        if label in LABELS and 20 < len(text) < 200:
            rows.setdefault(LABELS[label], []).append(text)
    for tag, name in (("ary-Arab", "seed.ary_Arab.txt"), ("zgh-Tfng", "seed.zgh_Tfng.txt")):
        lines = (DATA / "parallel" / name).read_text("utf-8").splitlines()
        rows[tag] = [line for line in lines if 20 < len(line) < 200]
    rows["zgh-Latn"] = [transliterate(line, "Latn").text for line in rows["zgh-Tfng"]]
    doda = (DATA / "parallel/doda-sentences.ary-Latn.eng.tsv").read_text("utf-8").splitlines()
    rows["ary-Latn"] = [transliterate(line.split("\t")[0], "Arab", "ary-Latn").text for line in doda]
    return rows


def legal(folder: str) -> list[str]:
    """Paragraph-like stretches of the official texts of one language."""
    stretches = []
    for path in sorted((DATA / "official-texts" / folder).glob("*.txt")):
        words = path.read_text("utf-8").split()
        stretches += [" ".join(words[at : at + 90]) for at in range(0, len(words), 90)]
    return stretches


def main() -> None:
    """Encode the samples and write the means."""
    chance = random.Random(20261122)
    means = {}
    for tag, rows in sorted(sentences().items()):
        sample = chance.sample(rows, min(SAMPLE, len(rows)))
        for encoder in ENCODERS:
            means[f"{encoder.name}/question/{tag}"] = encoder.questions(sample).mean(axis=0)
        print(f"question/{tag}: {len(sample)} sentences", flush=True)
    for folder in ("ar", "fr"):
        sample = chance.sample(legal(folder), SAMPLE)
        for encoder in ENCODERS:
            means[f"{encoder.name}/passage/{folder}"] = encoder.passages(sample).mean(axis=0)
        print(f"passage/{folder}: {SAMPLE} stretches", flush=True)
    for encoder in ENCODERS:
        means[f"{encoder.name}/passage/ary-Arab"] = means[f"{encoder.name}/passage/ar"]
    OUT.mkdir(exist_ok=True)
    np.savez(OUT / "means.npz", **{name: mean.astype(np.float32) for name, mean in means.items()})
    card = {
        "file": "means.npz",
        "sha256": hashlib.sha256((OUT / "means.npz").read_bytes()).hexdigest(),
        "what": "mean vectors of questions and passages by language, taken away before two texts are compared",
        "encoders": [encoder.name for encoder in ENCODERS],
        "sample": SAMPLE,
        "data": [
            "NLLB-Seed (CC BY-SA 4.0)",
            "Darija Open Dataset f6b952c (MIT)",
            "UD treebanks (CC BY-SA)",
            "Moroccan official texts",
        ],
        "command": "python training/means.py",
    }
    (OUT / "means.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
