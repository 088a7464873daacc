"""What was written: the language and script of a text, and the language of each stretch of it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from tiwizi.language.explain import Evidence, evidence_for
from tiwizi.language.identify import BY_SCRIPT, TOGETHER, UNKNOWN, model
from tiwizi.language.markers import marked
from tiwizi.language.scripts import NO_SCRIPT, Word, words
from tiwizi.language.spans import languages_of_words

LINE = 48  # words judged at once; the judgement of a longer text is the mean over its lines, so time stays linear
FRAME = 0.4  # share of the words that makes Arabic or Tifinagh script the frame around Latin-script words
# Probability of the best language from which on a text counts as decided; see the model's card. One or two words in
# Arabic script that no row of markers.tsv tells apart are of both Arabics more often than any text to learn from shows.
CERTAIN, CERTAIN_IF_SHORT = 0.8, 0.97
SHOWN = 0.01


class Span(Struct, frozen=True):
    """`text[start:end]` is in one language; starts and ends at a grapheme border."""

    start: int
    end: int
    language: str
    confidence: float = 1.0


class Candidate(Struct, frozen=True):
    """A language the text may be in."""

    language: str
    probability: float


class Utterance(Struct, frozen=True):
    """What a person wrote: its language (BCP 47), script (ISO 15924), and the languages of its parts.

    `language` is the best guess and `confidence` its probability, 0 when there are no letters; `certain` is false when
    the evidence does not decide, and then `candidates` (the likely languages, best first) say between what. `spans`
    covers every word, in order. `evidence` is there when it was asked for, heaviest first.
    """

    text: str
    language: str
    script: str
    confidence: float
    certain: bool
    spans: tuple[Span, ...]
    candidates: tuple[Candidate, ...]
    evidence: tuple[Evidence, ...] = ()


def understand(text: str, *, explain: bool = False) -> Utterance:
    """Return the language, script and language spans of `text`.

    Any string has an answer, in time linear in its length; `und` and script Zyyy where there are no letters.
    """
    return understand_many([text], explain=explain)[0]


def understand_many(texts: Sequence[str], *, spans: bool = True, explain: bool = False) -> list[Utterance]:
    """Return an Utterance for each text, in order; without `spans` in about half the time."""
    results: list[Utterance] = []
    batch: list[list[Word]] = []
    waiting = 0
    for text in texts:
        batch.append(words(text))
        waiting += len(batch[-1])
        if waiting >= TOGETHER:
            results += _together(texts[len(results) : len(results) + len(batch)], batch, spans, explain)
            batch, waiting = [], 0
    return results + _together(texts[len(results) :], batch, spans, explain)


def _together(texts: Sequence[str], found: list[list[Word]], spans: bool, explain: bool) -> list[Utterance]:
    scripts = [_main_script(each) for each in found]
    chances = _whole(found, scripts)
    languages = languages_of_words(found) if spans else [[] for _ in found]
    return [
        _utterance(text, script, each, row, marked, explain)
        for text, script, each, row, marked in zip(texts, scripts, found, chances, languages, strict=True)
    ]


def _utterance(
    text: str,
    script: str,
    found: list[Word],
    chances: Sequence[float],
    languages: list[tuple[str, float]],
    explain: bool,
) -> Utterance:
    if not found:
        return Utterance(text, UNKNOWN, NO_SCRIPT, 0.0, False, (), ())
    ranked = sorted(zip(chances, BY_SCRIPT.get(script, (UNKNOWN,)), strict=True), key=lambda pair: -pair[0])
    kept = [pair for pair in ranked if pair[0] >= SHOWN or pair is ranked[0]]
    candidates = tuple(Candidate(language, round(chance, 4)) for chance, language in kept)
    best = candidates[0]
    evidence: tuple[Evidence, ...] = ()
    if explain:
        evidence = tuple(evidence_for(found, script, [one.language for one in candidates]))
    return Utterance(
        text=text,
        language=best.language,
        script=script,
        confidence=best.probability,
        certain=best.probability >= (CERTAIN_IF_SHORT if _is_bare(found, script) else CERTAIN),
        spans=tuple(_join(found, languages)),
        candidates=candidates,
        evidence=evidence,
    )


def _is_bare(found: list[Word], script: str) -> bool:
    return script == "Arab" and len(found) < 3 and not any(any(marked(word.form)) for word in found)


def _main_script(found: Sequence[Word]) -> str:
    """People put French nouns into Darija and Amazigh, hardly the reverse: the frame's script is the text's."""
    if not found:
        return NO_SCRIPT
    first = found[0].script
    if all(word.script == first for word in found):
        return first
    counts = Counter(word.script for word in found)
    for name in ("Arab", "Tfng"):
        if counts[name] >= FRAME * len(found):
            return name
    return counts.most_common(1)[0][0]


def _whole(found: list[list[Word]], scripts: list[str]) -> list[Sequence[float]]:
    """Return for each text the probability of each language that its script is used for."""
    chances: list[Sequence[float]] = [(1.0,)] * len(found)
    for script in ("Arab", "Latn"):
        places = [at for at, of in enumerate(scripts) if of == script]
        lines = [_lines([word.form for word in found[at] if word.script == script]) for at in places]
        if not places:
            continue
        rows = model(script).chances([line for each in lines for line in each])
        first = 0
        for at, each in zip(places, lines, strict=True):
            part = rows[first : first + len(each)]
            chances[at] = (part[0] if len(part) == 1 else part.mean(axis=0)).tolist()
            first += len(each)
    return chances


def _lines(forms: list[str]) -> list[list[str]]:
    if len(forms) <= LINE:
        return [forms]
    lines = [forms[start : start + LINE] for start in range(0, len(forms), LINE)]
    if len(lines[-1]) < LINE // 2:
        last = lines.pop()
        lines[-1] = lines[-1] + last
    return lines


def _join(found: Sequence[Word], languages: Sequence[tuple[str, float]]) -> Iterator[Span]:
    start = 0
    for end in range(1, len(languages) + 1):
        if end == len(languages) or languages[end][0] != languages[start][0]:
            sure = sum(chance for _, chance in languages[start:end]) / (end - start)
            yield Span(found[start].start, found[end - 1].end, languages[start][0], round(sure, 4))
            start = end
