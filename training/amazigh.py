"""Count the words of Standard Amazigh that chat spellings and Arabic letters are read against, and measure the reading.

    TIWIZI_DATA=... python training/amazigh.py [--measure]

Writes `src/tiwizi/language/tables/amazigh_attested.tsv` from `parallel/seed.zgh_Tfng.txt`. Before that, every tenth
line is held out: the table is counted on the others, and the words of the tenth are written in other ways and read
back. What is typed comes from rules, for nobody has published Amazigh chats: the figures say how many of the letters
that people leave out can be restored, not how people type. With `--measure` the table stays as it is.
"""

import argparse
import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from tiwizi.language.transliteration import amazigh, tables, tifinagh

TABLE = Path(__file__).parents[1] / "src/tiwizi/language/tables/amazigh_attested.tsv"
HEAD = """\
# Words of Standard Amazigh in Tifinagh, with how often they are met: what typed words are read against.
# Columns: word | count. Made by training/amazigh.py; correct the corpus list in amazigh_words.tsv, not here.
# Source: counts made for this project from NLLB-Seed Standard Moroccan Amazigh (openlanguagedata/seed 4584967,
# lines 1-5193, CC BY-SA 4.0). Kept: words of IRCAM's letters met twice or more.
"""
IRCAM = "ⴰⴱⴳⴷⴹⴻⴼⴽⵀⵃⵄⵅⵇⵉⵊⵍⵎⵏⵓⵔⵕⵖⵙⵚⵛⵜⵟⵡⵢⵣⵥⵯ"
WORD = re.compile("[\u2d30-\u2d7f]+")
LEAST = 2
HELD_OUT = 10  # every tenth line
ASKED = 3_000  # words of each rendering that are read back
Pair = tuple[str, str]


def main() -> None:
    """Measure with nine tenths, then write the table from all lines."""
    chosen = argparse.ArgumentParser(description=__doc__)
    chosen.add_argument("--measure", action="store_true")
    options = chosen.parse_args()
    data = Path(os.environ["TIWIZI_DATA"])
    lines = (data / "parallel/seed.zgh_Tfng.txt").read_text(encoding="utf-8").splitlines()
    before = TABLE.read_text(encoding="utf-8") if options.measure else ""
    try:
        write(count(line for number, line in enumerate(lines) if number % HELD_OUT))
        measure(lines[::HELD_OUT], typed_as_given(data, lines))
    finally:
        if options.measure:
            TABLE.write_text(before, encoding="utf-8")
        else:
            write(count(lines))


def count(lines: Iterable[str]) -> Counter[str]:
    """How often each word occurs that has only letters of the standard."""
    return Counter(word for line in lines for word in WORD.findall(line) if set(word) <= set(IRCAM))


def write(counts: Counter[str]) -> None:
    """Write the table, the frequent words first."""
    kept = sorted((pair for pair in counts.items() if pair[1] >= LEAST), key=lambda pair: (-pair[1], pair[0]))
    TABLE.write_text(HEAD + "".join(f"{word}\t{number}\n" for word, number in kept), encoding="utf-8")
    print(f"{len(kept)} words, {TABLE.stat().st_size / 1e3:.0f} kB")


# --- ways of writing -------------------------------------------------------------------------------------------------


def typed_as_given(data: Path, lines: list[str]) -> list[Pair]:
    """The chat renderings of the training data, beside the held-out lines that they are of."""
    by_skeleton = {skeleton(tifinagh.to_latin(line)): line for line in lines[::HELD_OUT]}
    pairs = []
    for row in (data / "language/train.tsv").read_text(encoding="utf-8").splitlines():
        text, _, source = row.split("\t")
        line = by_skeleton.get(skeleton(text)) if source == "seed_zgh_translit_chat" else None
        if line and len(line.split()) == len(text.split()):
            for typed, word in zip(text.split(), line.split(), strict=True):
                typed, word = typed.strip(".,;:!?()\"'«»“”"), word.strip(".,;:!?()\"'«»“”")
                if WORD.fullmatch(word):
                    pairs.append((typed, word))
    return pairs


def skeleton(text: str) -> str:
    """The first consonants of a sentence, whatever the spelling."""
    text = text.lower()
    for typed, letter in (("kh", "x"), ("gh", "ɣ"), ("4", "ɣ"), ("8", "ɣ"), ("ch", "c"), ("sh", "c"), ("9", "q")):
        text = text.replace(typed, letter)
    text = re.sub("[^a-zɣɛḍṭṣẓṛḥ357]|[eaiouwy]", "", text.translate(str.maketrans("ḍṭṣẓṛḥ573", "dtszrhxhɛ")))
    return re.sub(r"(.)\1+", r"\1", text)[:40]


CHAT = {"ɣ": ("gh", "gh", "4", "8", "r'"), "x": ("kh", "x", "5"), "c": ("ch", "ch", "sh", "c"), "q": ("9", "q")}
CHAT |= {"ḥ": ("7", "h"), "ɛ": ("3", "a"), "u": ("ou", "o", "u"), "ʷ": ("", "w")}
PLAIN = str.maketrans("ḍṭṣẓṛ", "dtszr")


def typed_carelessly(word: str, chance: random.Random) -> str:
    """As people type who leave out what they can: no emphatics, few double letters, e where a syllable wants one."""
    latin = tifinagh.to_latin(word)
    if chance.random() < 0.5:
        latin = re.sub(r"(.)\1", lambda pair: pair[1] if chance.random() < 0.8 else pair[0], latin)
    style = {letter: chance.choice(ways) for letter, ways in CHAT.items()}
    if chance.random() < 0.15:
        style |= {"t": "th", "d": "dh"}
    vowels = chance.random() < 0.6
    out, before, run = "", "", 0
    for place, letter in enumerate(latin):
        typed = style.get(letter, letter).translate(PLAIN)
        if letter in "aiue":
            run = 0
        elif letter != "ʷ":
            run += 1
            ends = place == len(latin) - 1
            if vowels and before != letter and run >= 2 and (run >= 3 or ends) and chance.random() < 0.7:
                out, run = out + "e", 1
        if letter == "y" and before and before in "aiu" and chance.random() < 0.3:
            typed = "i"
        if letter == "w" and before and before not in "aiu" and chance.random() < 0.3:
            typed = "ou"
        out += typed
        before = letter
    return out


ARABIC = {"ṛ": "ر", "ẓ": "ز", "g": "ڭگݣك", "ʷ": "", "e": ""}


def in_arabic_letters(word: str, chance: random.Random) -> str:
    """As a reader of Arabic writes what is heard: double letters once, some short vowels left out, hamza on a seat."""
    latin = re.sub(r"(.)\1", r"\1", tifinagh.to_latin(word))
    out = ""
    for place, letter in enumerate(latin):
        inner = 0 < place < len(latin) - 1
        if inner and letter in "aiu" and chance.random() < 0.12:
            continue
        if letter == "ẓ" and chance.random() < 0.3:
            out += "ژ"
        elif letter in ARABIC:
            out += chance.choice(ARABIC[letter]) if ARABIC[letter] else ""
        else:
            out += tifinagh.to_arabic_letters(tifinagh.to_tifinagh(letter))
    if latin[0] in "aiu" and chance.random() < 0.8:
        out = {"a": "أ", "i": "إي" if chance.random() < 0.5 else "إ", "u": "أو"}[latin[0]] + out[1:]
    return out


# --- figures ---------------------------------------------------------------------------------------------------------


def measure(lines: list[str], given: list[Pair]) -> None:
    """Print how many words of the held-out lines are read back, letter for letter."""
    chance = random.Random(7)
    words = [word for line in lines for word in WORD.findall(line) if set(word) <= set(IRCAM)]
    words = chance.sample(words, min(ASKED, len(words)))
    given = chance.sample(given, min(ASKED, len(given)))
    latin: Callable[[str], list[str]]
    latin = lambda typed: [tifinagh.to_tifinagh(form.lower()) for form, _ in amazigh.standard_forms(typed)]  # noqa: E731
    arabic = lambda typed: [form for form, _ in amazigh.tifinagh_forms(typed)]  # noqa: E731
    figures("chat spelling of the training data", given, latin)
    figures("chat spelling, careless", [(typed_carelessly(word, chance), word) for word in words], latin)
    figures("Arabic letters", [(in_arabic_letters(word, chance), word) for word in words], arabic)


def figures(name: str, pairs: list[Pair], read: Callable[[str], list[str]]) -> None:
    """One line for a way of writing: all words as they occur, and those that the table does not have."""
    known = {row[0] for row in tables.rows("amazigh_attested")}
    start = time.perf_counter()
    readings = [read(typed) for typed, _ in pairs]
    speed = len(pairs) / (time.perf_counter() - start)
    unseen = [place for place, (_, word) in enumerate(pairs) if word not in known]
    first = [forms[0] == word for forms, (_, word) in zip(readings, pairs, strict=True)]
    in_five = [word in forms for forms, (_, word) in zip(readings, pairs, strict=True)]
    as_typed = [tifinagh.to_tifinagh(typed) == word for typed, word in pairs]
    print(
        f"{name}: {len(pairs)} words; letter by letter {mean(as_typed):.3f}; read {mean(first):.3f}, among five"
        f" {mean(in_five):.3f}; {len(unseen)} words not in the table {mean([first[p] for p in unseen]):.3f};"
        f" {speed:.0f} words/s"
    )


def mean(values: list[bool]) -> float:
    """The share of the true ones."""
    return sum(values) / max(1, len(values))


if __name__ == "__main__":
    main()
