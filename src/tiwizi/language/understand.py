"""What was written: the language and script of a text, and the language of each stretch of it."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct

from tiwizi.language.identify import BY_SCRIPT, LANGUAGES, Probabilities, probabilities
from tiwizi.language.scripts import NO_SCRIPT, Word, words

UNKNOWN = "und"
LINE = 48  # words classified at once; a longer text is read line by line, so that time stays linear
OTHERS_NEED = 0.6  # a foreign language must be this probable: taking a citizen's question for one costs more
FRAME = 0.4  # share of the words that makes Arabic or Tifinagh script the frame around Latin-script words
# The next three were chosen on cs_train.tsv; the model card has what they give on cs_dev.tsv.
STAY = 3.0  # log-odds against a change of language between two words
AROUND = 0.5  # weight of a word with its neighbours beside the word alone
NEIGHBOURS = 1  # words on each side
SHOWN = 0.01

_UND = LANGUAGES.index(UNKNOWN)


class Span(Struct, frozen=True):
    """`text[start:end]` is in one language; starts and ends at a grapheme border."""

    start: int
    end: int
    language: str


class Candidate(Struct, frozen=True):
    """A language the text may be in."""

    language: str
    probability: float


class Utterance(Struct, frozen=True):
    """What a person wrote: its language (BCP 47), script (ISO 15924), and the languages of its parts.

    `confidence` is the probability of `language`, 0 when there are no letters. `candidates` has the likely languages,
    best first; `spans` covers every word, in order.
    """

    text: str
    language: str
    script: str
    confidence: float
    spans: tuple[Span, ...]
    candidates: tuple[Candidate, ...]


def understand(text: str) -> Utterance:
    """Return the language, script and language spans of `text`.

    Any string has an answer, in time linear in its length; `und` and script Zyyy where there are no letters.
    """
    return understand_many([text])[0]


def understand_many(texts: Sequence[str]) -> list[Utterance]:
    """Return an Utterance for each text, in order."""
    return [_understand(text) for text in texts]


def _understand(text: str) -> Utterance:
    found = words(text)
    if not found:
        return Utterance(text, UNKNOWN, NO_SCRIPT, 0.0, (), ())
    script = _main_script(found)
    chances = _whole([word.form for word in found if word.script == script], script)
    best = _choose(chances)
    order = [best, *(index for index in np.argsort(-chances, kind="stable").tolist() if index != best)]
    candidates = tuple(
        Candidate(LANGUAGES[index], round(float(chances[index]), 4)) for index in order if chances[index] >= SHOWN
    )
    return Utterance(
        text=text,
        language=LANGUAGES[best],
        script=script,
        confidence=round(float(chances[best]), 4),
        spans=tuple(_join(found, _languages(found))),
        candidates=candidates or (Candidate(LANGUAGES[best], round(float(chances[best]), 4)),),
    )


def _main_script(found: Sequence[Word]) -> str:
    """People put French nouns into Darija and Amazigh, hardly the reverse: the frame's script is the text's."""
    counts = Counter(word.script for word in found)
    for name in ("Arab", "Tfng"):
        if counts[name] >= FRAME * len(found):
            return name
    return counts.most_common(1)[0][0]


def _choose(chances: Probabilities) -> int:
    if chances[_UND] >= OTHERS_NEED:
        return _UND
    known = chances.copy()
    known[_UND] = -1.0
    return int(known.argmax())


def _whole(forms: list[str], script: str) -> Probabilities:
    """Return the probabilities for all of the words: of one line, or the mean of the lines."""
    lines = [forms[start : start + LINE] for start in range(0, len(forms), LINE)]
    if len(lines) > 1 and len(lines[-1]) < LINE // 2:
        last = lines.pop()
        lines[-1] = lines[-1] + last
    mean: Probabilities = probabilities(lines, script).mean(axis=0)
    return mean


def _languages(found: Sequence[Word]) -> list[str]:
    """Return the language of each word: a stretch of one script at a time, smoothed by Viterbi's algorithm."""
    languages: list[str] = []
    start = 0
    for end in range(1, len(found) + 1):
        if end == len(found) or found[end].script != found[start].script:
            languages += _smooth([word.form for word in found[start:end]], found[start].script)
            start = end
    return languages


def _smooth(forms: list[str], script: str) -> list[str]:
    possible = BY_SCRIPT.get(script, (UNKNOWN,))
    if len(possible) == 1:
        return [possible[0]] * len(forms)
    alone = _log_odds([(form,) for form in forms], script)
    around = _log_odds(
        [tuple(forms[max(at - NEIGHBOURS, 0) : at + NEIGHBOURS + 1]) for at in range(len(forms))], script
    )
    return [possible[state] for state in _best_path(alone + AROUND * around)]


def _log_odds(lines: list[tuple[str, ...]], script: str) -> Probabilities:
    """Return a row for each line, a column for each language of the script; equal lines are classified once."""
    numbers = {line: number for number, line in enumerate(dict.fromkeys(lines))}
    columns = [LANGUAGES.index(language) for language in BY_SCRIPT[script]]
    rows: Probabilities = np.log(probabilities(list(numbers), script)[:, columns])
    return rows[[numbers[line] for line in lines]]


def _best_path(scores: Probabilities) -> list[int]:
    """Return the best state of each row, where each change of state costs STAY (Viterbi 1967)."""
    total = scores[0]
    came_from = np.zeros(scores.shape, dtype=np.intp)
    same = np.arange(scores.shape[1])
    for row in range(1, len(scores)):
        best = int(total.argmax())
        moved = total[best] - STAY
        stays = total >= moved
        came_from[row] = np.where(stays, same, best)
        total = np.where(stays, total, moved) + scores[row]
    path = [int(total.argmax())]
    for row in range(len(scores) - 1, 0, -1):
        path.append(int(came_from[row, path[-1]]))
    return path[::-1]


def _join(found: Sequence[Word], languages: Sequence[str]) -> Iterator[Span]:
    start = 0
    for end in range(1, len(found) + 1):
        if end == len(found) or languages[end] != languages[start]:
            yield Span(found[start].start, found[end - 1].end, languages[start])
            start = end
