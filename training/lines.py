"""The lines that the identification models learn from: texts of $TIWIZI_DATA, our own, and word lists of wordfreq.

A line is a list of plain words of one script with the class that the model is to give it. Classes are finer than
languages: "other" languages are several classes, since one that holds German and Vietnamese has nothing in common.
"""

import copy
import math
import random
import re
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, groupby
from pathlib import Path

import wordfreq

from tiwizi.language import transliterate
from tiwizi.language.scripts import Word, words

TEXTS = Path(__file__).with_name("texts")
OWN_TEXTS = (
    "amazigh_chat", "arabic_more", "arabic_tweets", "arabizi", "darija_arabic", "darija_dialogues", "other_arabic",
    "shared_words", "short_words",
)  # fmt: skip
TAGS = {
    "ary-Arab": "ary-Arab", "ary-Latn": "ary-Latn", "arb-Arab": "ar", "zgh-Tfng": "zgh-Tfng", "ber-Latn": "zgh-Latn",
    "fra-Latn": "fr", "eng-Latn": "en", "spa-Latn": "es", "other": "und",
}  # fmt: skip

# How many lines of each class an epoch has, and which share of them is drawn from the word list of wordfreq.
CLASSES = {
    "Arab": {"ary-Arab": 60_000, "ar": 60_000, "und:egyptian": 9_000, "und:persian": 8_000},
    "Latn": {
        "ary-Latn": 70_000, "zgh-Latn": 60_000, "fr": 55_000, "en": 55_000, "es": 45_000,
        "und:romance": 26_000, "und:germanic": 20_000, "und:turkic": 14_000, "und:vietnamese": 10_000,
        "und:slavic": 12_000, "und:far": 12_000, "und:african": 8_000,
    },
}  # fmt: skip
FROM_LIST = {"ar": 0.3, "fr": 0.35, "en": 0.35, "es": 0.35, "und:persian": 0.6, "und:romance": 0.6}
FROM_LIST_OTHERS = 0.75
OTHERS = {
    "und:persian": "fa ur", "und:romance": "ro it pt ca", "und:germanic": "de nl sv da nb is", "und:turkic": "tr",
    "und:vietnamese": "vi", "und:slavic": "pl cs sk sl sh lv lt", "und:far": "fi hu id fil ms",
}  # fmt: skip
SEED_OTHERS = {  # sources of train.tsv with the label "other"
    "seed_mri_Latn": "und:african", "seed_fuv_Latn": "und:african", "seed_dik_Latn": "und:african",
    "seed_bam_Latn": "und:african", "ud_pud_tr": "und:turkic",
    "seed_crh_Latn": "und:turkic", "ud_pud_de": "und:germanic", "ud_pud_pt": "und:romance",
    "ud_pud_it": "und:romance", "seed_scn_Latn": "und:romance", "seed_vec_Latn": "und:romance",
    "seed_lij_Latn": "und:romance", "seed_lmo_Latn": "und:romance", "seed_fur_Latn": "und:romance",
    "seed_szl_Latn": "und:slavic", "seed_prs_Arab": "und:persian", "seed_pbt_Arab": "und:persian",
}  # fmt: skip
# How often a line is drawn from each source of a class; a source that is not named here has the weight 1.
WEIGHTS = {
    "ary-Arab": {"seed_ary": 6, "doda_written": 6, "doda_sent_rule_translit": 1, "doda_imagenet": 0.3, "mixed": 1},
    "ar": {
        "arcd": 4,
        "ud_pud_ar": 3,
        "tashkeela_aliosm": 1.5,
        "mw_visualeditor": 1,
        "official": 3,
        "mixed": 0.5,
        "common": 5,
    },
    "ary-Latn": {"doda_sent": 5, "doda_lex": 3, "mixed": 3},
    "zgh-Latn": {"kabyletexts_cc0": 4, "seed_zgh_translit_std": 3, "seed_zgh_translit_chat": 3, "seed_taqL": 0.7},
    "fr": {"ud_gsd_fr": 3, "ud_parisstories": 4, "official": 2, "mw_visualeditor": 0.5, "mixed": 1},
    "en": {"seed_eng": 3, "ud_ewt": 5, "mw_visualeditor": 0.5, "mixed": 1},
    "es": {"ud_gsd_es": 5, "mw_visualeditor": 0.5, "mixed": 1},
}
FLATTER = 0.6  # power of a word's frequency: rare words are drawn more often than people write them
LIST_LENGTH = 30_000
LONGEST = 40  # words of a training line
ADMINISTRATIVE, OWN, WHOLE = 0.18, 0.2, 0.35
TRIES = 3
OWN_FROM, OWN_TIMES, LISTED = 4, 40.0, 3e-8
MIXED_APART = 0.4

Line = list[str]
Rows = dict[str, list[Line]]
Mixed = list[tuple[Word, str]]
Sources = dict[str, dict[str, list[Line]]]  # of a class, of a source


def tsv(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a table; a table of ours begins with comments."""
    for line in path.read_text("utf-8").split("\n"):
        if line and not (line.startswith("#") and "\t" not in line):
            yield tuple(line.split("\t"))


def plain(text: str) -> Line:
    """Return the words of a text as the models read them."""
    return [word.form for word in words(text)]


def read_rows(data: Path, mixed: list[Mixed]) -> Sources:
    """Return the training lines of each class and source, as lists of plain words."""
    rows: Sources = {name: {} for classes in CLASSES.values() for name in classes}

    def add(name: str, source: str, line: Line) -> None:
        if line and name in rows:
            rows[name].setdefault(source, []).append(line)

    for text, label, source in tsv(data / "language" / "train.tsv"):
        name = TAGS[label]
        add(SEED_OTHERS.get(source, "und:far") if name == "und" else name, source, plain(text))
    for sentence in mixed:
        for name, line in stretches(sentence):
            add(name, "mixed", line)
    for name in ("ar", "fr"):
        for path in sorted((data / "official-texts" / name).glob("*.txt")):
            for sentence in re.split(r"(?<=[.؛;:])\s+|\n{2,}", path.read_text("utf-8")):
                line = plain(sentence)
                if 3 <= len(line) <= 60:
                    add(name, "official", line)
    # The same sentences as doda_sent, written in Arabic letters by our own transliteration: Darija as people talk it.
    arabizi = (row[0] for row in tsv(data / "parallel" / "doda-sentences.ary-Latn.eng.tsv"))
    for sentence in arabizi:
        add("ary-Arab", "doda_written", plain(transliterate(sentence, "Arab", "ary-Latn").text))
    moroccan, egyptian = (
        [plain(line) for line in (data / "parallel" / f"seed.{name}_Arab.txt").read_text("utf-8").splitlines()]
        for name in ("ary", "arz")
    )
    for line in egyptian:
        add("und:egyptian", "seed_arz", line)
    neutral = common_words(moroccan, egyptian, rows)
    for line in common_arabic(moroccan, neutral):
        add("ar", "common", line)
    return rows


def common_words(moroccan: list[Line], egyptian: list[Line], rows: Sources) -> frozenset[str]:
    """Return the words of the Darija texts that are any Arabic's, not Darija's own.

    They are what an Egyptian translation of the same sentence has too, or what Arabic's word list has, unless Darija
    texts have them far more often; what two dialects share often and Standard Arabic lacks (اللي) is left out.
    """
    counts = {
        name: Counter(word for lines in rows[name].values() for line in lines for word in line)
        for name in ("ary-Arab", "ar")
    }
    shared = Counter(word for one, other in zip(moroccan, egyptian, strict=True) for word in set(one) & set(other))
    total = counts["ary-Arab"].total()
    found = set()
    for word in {word for line in moroccan for word in line}:
        often, standard = counts["ary-Arab"][word], counts["ar"][word]
        listed = wordfreq.word_frequency(word, "ar", minimum=1e-9)
        if shared[word] > 20 * (standard + 0.25) or (often >= OWN_FROM and often / total > OWN_TIMES * listed > 0):
            continue
        if word in shared or standard >= 2 or listed >= LISTED:
            found.add(word)
    return frozenset(found)


def common_arabic(moroccan: list[Line], neutral: frozenset[str]) -> Iterator[Line]:
    """Yield what is any Arabic's of each Darija sentence, whole and in runs.

    Without it the names and subjects of the Darija texts would count as Darija, for want of the same in Arabic.
    """
    for line in moroccan:
        if kept := [word for word in line if word in neutral]:
            yield kept
        for is_neutral, run in groupby(line, key=neutral.__contains__):
            if is_neutral:
                yield list(run)


def mixed_sentences(data: Path) -> list[Mixed]:
    """Return natural code-switched sentences: words with their language, and the tokens that are no words left out."""
    rows = [row for row in tsv(data / "language" / "cs_train.tsv") if not row[2].startswith("synth")]
    found = []
    for text, labels, _ in [*rows, *tsv(TEXTS / "mixed.tsv")]:
        pairs = [
            (word, TAGS[label])
            for token, label in zip(text.split(), labels.split(), strict=True)
            if label != "und"
            for word in words(token)
        ]
        if pairs:
            found.append(pairs)
    return found


def stretches(sentence: Mixed) -> Iterator[tuple[str, Line]]:
    """Yield the stretches of one language of a code-switched sentence."""
    for language, pairs in groupby(sentence, key=lambda pair: pair[1]):
        yield language, [word.form for word, _ in pairs]


def mixed_arabizi(mixed: list[Mixed]) -> Iterator[Line]:
    """Yield code-switched sentences of which a third or more is Arabizi: it then is the frame, hence the language."""
    for sentence in mixed:
        tags = [tag for _, tag in sentence]
        latin = all(word.script == "Latn" for word, _ in sentence)
        if latin and "zgh-Latn" not in tags and tags.count("ary-Latn") * 3 >= len(tags):
            yield [word.form for word, _ in sentence]


FRENCH_IN_ARABIZI = re.compile(r"^(la |le |l')")
# A thing alone teaches its own language: French ones are heard in Arabizi too, Arabic ones are of both Arabics.
REPEATED_THINGS = {"fr": 16, "ary-Arab": 1, "ary-Latn": 2}


def administrative_lines() -> Rows:
    """Join the frames and things of phrases.tsv; Arabizi and Amazigh also take French things, as people do."""
    frames: dict[str, list[str]] = {}
    things: dict[str, list[str]] = {}
    for language, kind, text in tsv(TEXTS / "phrases.tsv"):
        (frames if kind == "frame" else things).setdefault(language, []).append(text)
    french = [thing for thing in things["fr"] if FRENCH_IN_ARABIZI.match(thing)] + ["cnie", "cin", "passeport"]
    lines: Rows = {name: [] for classes in CLASSES.values() for name in classes}
    for language, patterns in frames.items():
        if language not in lines:
            continue
        fillers = things[language] + (french if language == "ary-Latn" else [])
        lines[language] += [plain(pattern.replace("{}", thing)) for pattern in patterns for thing in fillers]
        lines[language] += [plain(pattern.replace("{}", "")) for pattern in patterns] * 6
        lines[language] += [plain(thing) for thing in things[language]] * REPEATED_THINGS.get(language, 4)
    return lines


def own_lines() -> Rows:
    """Return the texts written for Tiwizi, beside phrases.tsv: dialogues, comments, headlines, short words."""
    lines: Rows = {}
    for name in OWN_TEXTS:
        for language, _, text in tsv(TEXTS / f"{name}.tsv"):
            if line := plain(text):
                lines.setdefault(language, []).append(line)
    return lines


class WordList:
    """Words of one or more languages, to be drawn by their frequency to the power FLATTER."""

    def __init__(self, languages: str, script: str = "Latn", without: frozenset[str] = frozenset()) -> None:
        self.words: list[str] = []
        weights: list[float] = []
        for language in languages.split():
            names = wordfreq.top_n_list(language, LIST_LENGTH, wordlist="best")
            found = [(name, words(name)) for name in names if not any(letter.isdigit() for letter in name)]
            forms = [(name, each[0].form) for name, each in found if len(each) == 1 and each[0].script == script]
            kept = [(form, wordfreq.word_frequency(name, language)) for name, form in forms]
            kept = [(form, often**FLATTER) for form, often in kept if form not in without]
            total = sum(often for _, often in kept)
            self.words += [form for form, _ in kept]
            weights += [often / total for _, often in kept]
        self.sums = list(accumulate(weights))

    def draw(self, count: int, draw: random.Random) -> Line:
        return draw.choices(self.words, cum_weights=self.sums, k=count)


def word_lists(rows: Sources) -> dict[str, WordList]:
    """Return a word list for each class that has one; a word that is Darija rather than Arabic is not in Arabic's."""
    darija, standard = (
        Counter(word for lines in rows[name].values() for line in lines for word in line) for name in ("ary-Arab", "ar")
    )
    ratio = darija.total() / standard.total()
    known = frozenset(word for word, count in darija.items() if count > 6 * ratio * (standard[word] + 1.5))
    scripts = {name: script for script, classes in CLASSES.items() for name in classes}
    lists = {name: WordList(languages, scripts[name]) for name, languages in OTHERS.items()}
    lists |= {name: WordList(name) for name in ("fr", "en", "es")}
    return lists | {"ar": WordList("ar", "Arab", without=known)}


class Lines:
    """All sources of lines; `epoch` draws new ones each time. `mixed` are sentences that no line was taken from."""

    def __init__(self, data: Path, draw: random.Random) -> None:
        mixed = mixed_sentences(data)
        draw.shuffle(mixed)
        self.mixed, learnt = mixed[: int(len(mixed) * MIXED_APART)], mixed[int(len(mixed) * MIXED_APART) :]
        self.rows = read_rows(data, learnt)
        self.administrative = administrative_lines()
        self.administrative["ary-Latn"] += list(mixed_arabizi(learnt)) * 2
        self.own = own_lines()
        self.lists = word_lists(self.rows)
        self.common = frozenset(word for line in self.rows["ar"]["common"] for word in line)
        self.tries = TRIES

    def keep_apart(self, share: float, draw: random.Random) -> "Lines":
        """Take a share of the lines of every source out of training, and return them as lines of their own."""
        apart = copy.copy(self)
        apart.tries = 1  # the judge has to learn how often such words are met in a dialect after all
        apart.rows, apart.own = {}, {}
        for name, sources in self.rows.items():
            apart.rows[name] = {}
            for source, lines in sources.items():
                apart.rows[name][source], sources[source] = _split(lines, share, draw)
        for name, lines in self.own.items():
            apart.own[name], self.own[name] = _split(lines, share, draw)
        return apart

    def epoch(self, script: str, draw: random.Random, part: float = 1.0) -> Iterator[tuple[str, Line]]:
        """Yield (class, line) for a share of the numbers in CLASSES."""
        for name, count in CLASSES[script].items():
            for _ in range(int(count * part)):
                yield name, vary(self._line(name, draw), name, draw)

    def _line(self, name: str, draw: random.Random) -> Line:
        sources, own, administrative = self.rows[name], self.own.get(name), self.administrative[name]
        from_list = FROM_LIST.get(name, FROM_LIST_OTHERS) if name in self.lists else 0.0
        if not sources or draw.random() < from_list:
            return self.lists[name].draw(draw.choice((1, 1, 2, 3, 4, 6, 9)), draw)
        chance = draw.random()
        if administrative and chance < ADMINISTRATIVE:
            return draw.choice(administrative)[:LONGEST]  # never a window: it could be the French part alone
        if own and chance > 1 - OWN:
            line = draw.choice(own)
            return window(line, draw) if draw.random() < 0.4 else line
        names = list(sources)
        weights = [WEIGHTS.get(name, {}).get(source, 1.0) for source in names]
        source = draw.choices(names, weights)[0]
        for _ in range(self.tries):
            line = draw.choice(sources[source])
            line = line[:LONGEST] if draw.random() < WHOLE else window(line, draw)
            # Words that all Arabics share are no example of a dialect, whoever wrote them.
            if source not in ("seed_ary", "seed_arz") or not self.common.issuperset(line):
                break
        return line


# What people mix. The weights are guesses, but for Arabizi and French, which all agree is the commonest.
TOGETHER = {
    ("ary-Latn", "fr"): 5, ("ary-Latn", "en"): 2, ("ary-Latn", "es"): 1.5, ("ary-Latn", "zgh-Latn"): 1.5,
    ("zgh-Latn", "fr"): 1.5, ("ary-Arab", "ar"): 3, ("fr", "en"): 0.5, ("ary-Latn",): 3, ("zgh-Latn",): 2, ("fr",): 2,
    ("en",): 1, ("es",): 1, ("ary-Arab",): 1.5, ("ar",): 1.5, ("und",): 0.7,
}  # fmt: skip


def joined(apart: Lines, count: int, draw: random.Random) -> Iterator[tuple[str, Line, list[str]]]:
    """Yield (script, words, language of each word): two or three pieces of lines, in languages that people mix."""
    groups, weights = list(TOGETHER), list(TOGETHER.values())
    parts = {"und": [name for name in CLASSES["Latn"] if name.startswith("und:")]}
    for _ in range(count):
        group = draw.choices(groups, weights)[0]
        order = draw.sample(group, len(group))
        line: Line = []
        tags: list[str] = []
        for tag in (order * 2)[: draw.choice((len(order), len(order) + 1))] if len(order) > 1 else order:
            name = draw.choice(parts.get(tag, [tag]))
            sources = apart.rows[name] or {"list": [apart.lists[name].draw(8, draw)]}
            source = draw.choices(list(sources), [WEIGHTS.get(name, {}).get(source, 1.0) for source in sources])[0]
            piece = window(draw.choice(sources[source]), draw)
            line += vary(piece, name, draw)
            tags += [tag] * (len(line) - len(tags))
        yield "Arab" if tags[0] in ("ar", "ary-Arab") else "Latn", line, tags


def _split(lines: list[Line], share: float, draw: random.Random) -> tuple[list[Line], list[Line]]:
    unique = sorted({tuple(line) for line in lines})
    chosen = set(draw.sample(unique, math.ceil(len(unique) * share)))
    return [list(line) for line in sorted(chosen)], [line for line in lines if tuple(line) not in chosen]


def window(line: Line, draw: random.Random) -> Line:
    """Return 1 to 8 words of the line, as they stand."""
    size = min(draw.randint(1, 8), len(line))
    start = draw.randrange(len(line) - size + 1)
    return line[start : start + size]


# Other ways to type the same sound; each row is applied to a whole line or not at all, as one person has one habit.
ARABIZI_HABITS = (("7", "h"), ("9", "q"), ("9", "k"), ("8", "h"), ("2", ""), ("ou", "o"), ("o", "ou"), ("ch", "sh"),
                  ("x", "kh"), ("kh", "5"), ("i", "y"), ("gh", "r"), ("3", "a"))  # fmt: skip
AMAZIGH_HABITS = (("ɣ", "gh"), ("ɣ", "gh"), ("ɣ", "8"), ("x", "kh"), ("x", "5"), ("c", "ch"), ("ɛ", "3"), ("ḥ", "7"),
                  ("ḥ", "h"), ("ṭ", "t"), ("ḍ", "d"), ("ṛ", "r"), ("ṣ", "s"), ("ẓ", "z"), ("u", "ou"), ("q", "9"),
                  ("e", ""), ("w", "ou"), ("ʷ", ""))  # fmt: skip
FRENCH_HABITS = (("é", "e"), ("è", "e"), ("ê", "e"), ("ç", "c"), ("à", "a"), ("û", "u"), ("ô", "o"))
SPANISH_HABITS = (("á", "a"), ("é", "e"), ("í", "i"), ("ó", "o"), ("ú", "u"), ("ñ", "n"))
ARABIC_HABITS = (("أ", "ا"), ("إ", "ا"), ("ة", "ه"), ("ى", "ي"))
HABITS = {
    "ary-Latn": (ARABIZI_HABITS, 0.12), "zgh-Latn": (AMAZIGH_HABITS, 0.35), "fr": (FRENCH_HABITS, 0.35),
    "es": (SPANISH_HABITS, 0.35), "ary-Arab": (ARABIC_HABITS, 0.2), "ar": (ARABIC_HABITS, 0.2),
}  # fmt: skip


def vary(line: Line, language: str, draw: random.Random) -> Line:
    """Return the line as another person would type it."""
    habits, share = HABITS.get(language, ((), 0.0))
    text = " ".join(line)
    for written, also in habits:
        if draw.random() < share:
            text = text.replace(written, also)
    return text.split() or line
