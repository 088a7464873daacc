"""Word translation: how likely the letters of a Darija or Amazigh text are, given the words of an English one.

IBM Model 1 (Brown et al. 1993) over pieces of words on our side and stems on the English one, used as a query
likelihood (Berger & Lafferty 1999). Pieces rather than words, because most words of a question were never seen in so
little parallel text, and most of their pieces were. `training/translation.py` makes the tables; English is the only
other side that open parallel texts have.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tiwizi.knowledge.forms import TONGUES, Forms, Tongue, forms_of, pieces, skeleton
from tiwizi.language import normal_form

LENGTHS = (3, 4)
TRUST = 0.7  # share of a piece's probability that comes from the other text; the rest is how common it is anyway
LEAST = 1e-9
ENGLISH = re.compile(r"[a-z0-9]+")
ENDINGS = ("ing", "ed", "es", "s", "ly")
SAME_SOUND = str.maketrans({"x": "k", "c": "k", "q": "k", "v": "b", "p": "b"})

Scores = NDArray[np.float32]  # (questions, texts)


class Table(Struct, frozen=True):
    """P(one side's token | the other's), sparse by rows; the last column stands for no word at all."""

    tokens: dict[str, int]  # of the side that is explained
    others: dict[str, int]  # of the side that explains
    starts: NDArray[np.int64]  # (tokens + 1,)
    columns: NDArray[np.int32]
    chances: NDArray[np.float32]
    common: NDArray[np.float32]  # (tokens,): P(token)

    def gains(self, explaining: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """Return by how much (in nats) each text makes each token likelier than it is anyway, (tokens, texts)."""
        shares = np.zeros((len(self.others) + 1, len(explaining)), dtype=np.float32)
        for number, text in enumerate(explaining):
            counts = Counter(self.others[token] for token in text if token in self.others)
            shares[list(counts), number] = list(counts.values())
            shares[-1, number] = 1.0
        shares /= shares.sum(axis=0)
        likely = self._explained(shares)
        anyway = (1 - TRUST) * self.common[:, None] + LEAST
        return np.asarray(np.log1p(TRUST * likely / anyway), dtype=np.float32)

    def _explained(self, shares: NDArray[np.float32]) -> NDArray[np.float32]:
        likely = np.zeros((len(self.tokens), shares.shape[1]), dtype=np.float32)
        for row, (start, end) in enumerate(zip(self.starts[:-1], self.starts[1:], strict=True)):
            likely[row] = self.chances[start:end] @ shares[self.columns[start:end]]
        return likely

    def scores(self, explained: Sequence[Sequence[str]], gains: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the sum of gains over the tokens of each explained text, (texts explained, texts explaining)."""
        found = np.zeros((len(explained), gains.shape[1]), dtype=np.float32)
        for number, text in enumerate(explained):
            counts = Counter(self.tokens[token] for token in text if token in self.tokens)
            if counts:
                found[number] = np.fromiter(counts.values(), dtype=np.float32) @ gains[list(counts)]
        return found


class Translation(Struct, frozen=True):
    """Both directions for one language, and questions by which texts that please every question are known."""

    there: Table  # pieces of ours, explained by English stems
    back: Table  # English stems, explained by pieces of ours
    bank: tuple[tuple[str, ...], ...]  # pieces of some hundred questions


def our_pieces(forms: Forms) -> list[str]:
    """Return the pieces of a text of ours that are translated."""
    found: list[str] = []
    for form in forms.forms:
        found += [form.mark + piece for piece in pieces(form.words, LENGTHS)]
        if form.mark == "L":
            found += ["s" + skeleton(word) for word in form.words]
    return found


def stems(text: str) -> list[str]:
    """Return the words of an English text without their endings."""
    found = []
    for word in ENGLISH.findall(text.lower()):
        ending = next((e for e in ENDINGS if word.endswith(e) and len(word) - len(e) >= 3), "")
        found.append(word.removesuffix(ending))
    return found


def names_in(words: Iterable[str]) -> list[str]:
    """Return the consonants of words in Latin letters, in threes: names and numbers look alike in any language."""
    found: list[str] = []
    for word in words:
        if word.isdigit():
            found += [f"#{word}"] * 3
        bones = re.sub("[aeiouyhw]", "", word.replace("gh", "g")).translate(SAME_SOUND)
        if len(bones) >= 3:
            framed = f"^{bones}$"
            found += [framed[start : start + 3] for start in range(len(framed) - 2)]
    return found


def compare_names(questions: Sequence[str], tag: str, texts: Sequence[str]) -> Scores:
    """Return how much of the names and numbers of each question stands in each English text: a tf-idf cosine."""
    from tiwizi.language import transliterate

    def latin(text: str) -> list[str]:
        return re.findall(r"[^\W_]+", normal_form(transliterate(text, "Latn", tag).text))

    theirs = [names_in(ENGLISH.findall(text.lower())) for text in texts]
    seen = Counter(piece for text in theirs for piece in set(text))
    place = {piece: number for number, piece in enumerate(seen)}
    rare = np.log(1 + len(texts) / np.array([seen[piece] for piece in place], dtype=np.float32))

    def rows(many: Sequence[list[str]]) -> NDArray[np.float32]:
        found = np.zeros((len(many), len(place)), dtype=np.float32)
        for number, text in enumerate(many):
            for piece, count in Counter(text).items():
                if piece in place:
                    found[number, place[piece]] = (1 + np.log(count)) * rare[place[piece]]
        return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9), dtype=np.float32)

    return np.asarray(rows([names_in(latin(text)) for text in questions]) @ rows(theirs).T, dtype=np.float32)


def compare_words(
    tables: Translation, questions: Sequence[str], tag: str, texts: Sequence[str]
) -> tuple[Scores, Scores]:
    """Return both directions of word translation between questions of ours and English texts.

    The second is less what a text gets from any question, measured with the bank of questions.
    """
    ours = [our_pieces(forms_of(text, tag)) for text in questions]
    english = [stems(text) for text in texts]
    there = tables.there.scores(ours, tables.there.gains(english))
    back = _back(tables.back, ours, english)
    bank = _back(tables.back, tables.bank, english)
    return there, standard(back) - standard(bank).mean(axis=0)


def _back(table: Table, ours: Sequence[Sequence[str]], english: Sequence[Sequence[str]]) -> Scores:
    lengths = np.sqrt(np.array([max(1, len(text)) for text in english], dtype=np.float32))
    return np.asarray(table.scores(english, table.gains(ours)).T / lengths, dtype=np.float32)


def standard(scores: Scores) -> Scores:
    """Return the z-scores of each row."""
    spread = scores.std(axis=1, keepdims=True) + 1e-9
    return np.asarray((scores - scores.mean(axis=1, keepdims=True)) / spread, dtype=np.float32)


def translation_of(tag: str) -> Translation | None:
    """Return the tables of a language, or None when it has none."""
    return _load(TONGUES[tag]) if tag in TONGUES else None


@cache
def _load(tongue: Tongue) -> Translation:
    path = files("tiwizi.knowledge").joinpath(f"models/translation-{tongue}.npz")
    with path.open("rb") as file, np.load(file) as arrays:
        return Translation(
            there=_table(arrays, "there"),
            back=_table(arrays, "back"),
            bank=tuple(tuple(line.split(" ")) for line in str(arrays["bank"]).split("\n")),
        )


def _table(arrays: "np.lib.npyio.NpzFile", name: str) -> Table:
    def listed(side: str) -> dict[str, int]:
        return {token: number for number, token in enumerate(str(arrays[f"{name}/{side}"]).split("\n"))}

    counts = arrays[f"{name}/counts"].astype(np.int64)
    return Table(
        tokens=listed("tokens"),
        others=listed("others"),
        starts=np.concatenate([[0], np.cumsum(counts)]),
        columns=arrays[f"{name}/columns"].astype(np.int32),
        chances=np.exp2(-arrays[f"{name}/chances"].astype(np.float32) / 16),  # kept as logarithms, in a byte each
        common=arrays[f"{name}/common"].astype(np.float32),
    )
