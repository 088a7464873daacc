"""Which lines of a legal text announce an article or a title, and which only mention one.

The words are in `tables/articles.tsv`. A line is weighed with its neighbours, because texts taken out of PDF files
break their lines anywhere: "طبقا لأحكام" / "المادة 12" / "أعلاه" are three lines of one sentence.
"""

import csv
import re
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Literal

from msgspec import Struct

QUOTES = "\"«»“”„©'’‘"  # © is « in a font that some issues of the Bulletin officiel use
ENDS = '.؛;:!?؟…»”")٠-–—_*'
TURNS = "\u200e\u200f\u202a-\u202e"  # invisible marks of direction
REACH = 100  # characters looked at on either end of a line: a hostile one may have a million


class Announced(Struct, frozen=True):
    """What a line announces: an article by its label ("12 bis"), or a title by its depth and its words."""

    kind: Literal["article", "title", "annex", "heading"]  # a heading is one that the file itself marks
    start: int
    end: int  # where the announcement ends and the text begins
    label: str
    depth: int = 0
    words: str = ""


class Line(Struct, frozen=True):
    """A line of the text with the offset where its first character is."""

    start: int
    text: str


class _Candidate(Struct, frozen=True):
    """A line that may announce: what its first word says, and what stands around its number."""

    kind: str
    script: str
    start: int
    depth: int
    label: str
    tail: str  # the line after the number
    end: int
    quoted: bool
    dotted: bool  # a full stop before the number: what a sentence's last words look like in damaged Arabic
    inside: bool  # not at the beginning of its line


def lines_of(text: str) -> list[Line]:
    """Return the lines of `text` that hold something; "Article" and the number under it are one line."""
    spans = [match.span() for match in re.finditer(r"[^\n\f]+", text) if not match[0].isspace()]
    lines: list[Line] = []
    for number, (start, end) in enumerate(spans):
        line = Line(start, text[start:end])
        if lines and end - start < 20 and len(lines[-1].text) < 20 and _only_word(lines[-1].text):
            label, tail = _label(line.text.strip())
            if label and _closes(tail) and not text[spans[number - 1][1] : start].strip("\n"):
                lines[-1] = Line(lines[-1].start, text[lines[-1].start : end])
                continue
        lines.append(line)
    return lines


def _only_word(line: str) -> bool:
    found = _start().fullmatch(line)
    return found is not None and _kind_of(found["word"])[0] == "article"


def announced(lines: list[Line]) -> list[Announced]:
    """Return what the lines announce, in their order."""
    candidates = [_candidate(line) for line in lines]
    chapters = _chapters(candidates)
    found: list[Announced] = []
    doubted: list[Announced] = []
    previous: str | None = None
    for number, candidate in enumerate(candidates):
        if candidate is None:
            continue
        under = candidates[number - 1] if number else None
        titled = under is not None and under.kind in {"title", "annex"}  # a title ends where its line ends
        above = lines[number - 1].text if number and not titled else ""
        below = lines[number + 1].text if number + 1 < len(lines) else ""
        if candidate.kind == "article" or (candidate.kind == "either" and not chapters):
            label = _in_reading_order(candidate, previous)
            ended = _ended(above) or _blank_above(lines, number) or under is not None
            article = Announced("article", candidate.start, candidate.end, label)
            if _noted(lines, number) and not _follows(previous, label):
                continue
            match _weigh(candidate, label, previous, above, ended, below):
                case "announced":
                    found.append(article)
                    previous = label
                case "doubted":
                    doubted.append(article)
        elif not candidate.inside and _is_title(candidate, above):
            words, last = _title_words(candidate, lines, candidates, number)
            kind: Literal["annex", "title"] = "annex" if candidate.kind == "annex" else "title"
            end = lines[last].start + len(lines[last].text)
            found.append(Announced(kind, candidate.start, end, candidate.label, candidate.depth, words))
    return sorted([*found, *_missing(found, doubted)], key=lambda mark: mark.start)


def _weigh(
    candidate: _Candidate, label: str, previous: str | None, above: str, ended: bool, below: str
) -> Literal["announced", "doubted", "mentioned"]:
    follows = _follows(previous, label)
    # (1) after "طبقا لأحكام" or "prévues à l'" an article is only mentioned, whatever its number
    if not candidate.inside and _goes_on(above):
        return "mentioned"
    # (2) nor is it announced when the sentence goes on after the number
    if candidate.tail and not _closes(candidate.tail) and not _opens(candidate.tail):
        return "mentioned"
    # (3) an article in quotation marks belongs to another text, unless it is the very next of this one
    if (candidate.quoted or below.lstrip()[:1] in set(QUOTES)) and not follows:
        return "mentioned"
    # (4) where the line above was cut off, or a full stop is near, only the next number is believed at once
    if candidate.inside or candidate.dotted:
        return "announced" if follows else "mentioned"
    if ended or follows or (label in {"1", "unique"} and _first_word(below) not in _words()["after"]):
        return "announced"
    return "doubted"


def _missing(found: list[Announced], doubted: list[Announced]) -> list[Announced]:
    """Return the doubted articles that fill a gap between the announced ones."""
    known = {mark.label for mark in found if mark.kind == "article"}
    top = max((int(label) for label in known if label.isdigit()), default=0)
    gaps = [mark for mark in doubted if mark.label.isdigit() and mark.label not in known and int(mark.label) < top]
    times = Counter(mark.label for mark in gaps)
    return [mark for mark in gaps if times[mark.label] == 1]


def _noted(lines: list[Line], number: int) -> bool:
    """Tell whether a footnote right above sends the reader to another text, whose article is then quoted."""
    for above in range(number - 1, max(-1, number - 5), -1):
        if _blank_above(lines, above + 1):
            return False
        if NOTE.match(lines[above].text):
            return True
    return False


def _blank_above(lines: list[Line], number: int) -> bool:
    return number == 0 or lines[number].start - lines[number - 1].start - len(lines[number - 1].text) > 1


def _is_title(candidate: _Candidate, above: str) -> bool:
    words = _words()
    if candidate.quoted or _goes_on(above):
        return False
    tail = candidate.tail.strip()
    if candidate.kind == "annex":
        return _first_word(tail) not in words["after"] and not tail.endswith((".", "؛", ";", ","))
    if not tail or _opens(candidate.tail):
        return True
    # in Arabic the title may follow at once: "الباب الأول أحكام عامة"
    return candidate.script == "ar" and _first_word(tail) not in words["after"] and tail[-1] not in ENDS + "،,"


def _title_words(
    candidate: _Candidate, lines: list[Line], candidates: list[_Candidate | None], number: int
) -> tuple[str, int]:
    """Return a title's words, which may go on in the next lines, and the number of its last line."""
    text = lines[number].text.rstrip()
    own = _tidy(text[: len(text) - len(candidate.tail)]).rstrip(" .:-–—")
    title = _tidy(candidate.tail.lstrip(" \t.:)-–—±ـ"))
    title = title if len(title) > 1 else ""  # a large initial that extraction tore off its title
    following: list[str] = []
    closed = False  # by a blank line or by another announcement, not by the limit of four lines
    for index in range(number + 1, min(number + 5, len(lines))):
        blank = _blank_above(lines, index)
        if closed := candidates[index] is not None or (blank and (bool(title) or bool(following))):
            break
        following.append(_tidy(lines[index].text))
    if title:
        wraps = closed and len(following) == 1 and len(title) > 40 and title[-1] not in ENDS
        following = following if wraps else []
    elif not closed:
        following = following[:1]
    if following and following[-1].endswith((".", "؛", ";", ",", "،")):
        following = []  # a sentence, not a title
    title = " ".join([title, *following]).strip()
    return (f"{own}: {title}" if title else own), number + len(following)


def _candidate(line: Line) -> _Candidate | None:
    found, inside = _start().match(line.text, 0, REACH), False
    if found is None:
        found, inside = _end().search(line.text, max(0, len(line.text) - REACH)), True
    if found is None:
        return None
    kind, script, depth = _kind_of(found["word"])
    between = found["between"]
    label, tail = _label(line.text[found.end("between") :].rstrip())
    if not label and kind != "annex":
        return None
    return _Candidate(
        kind=kind,
        script=script,
        start=line.start + found.start("word"),
        depth=depth,
        label=label,
        tail=tail,
        end=line.start + len(line.text.rstrip()) - (0 if _closes(tail) else len(tail)),
        quoted=bool(found["quote"]),
        dotted="." in between and script == "ar" and not re.search("[-–—:]", between),
        inside=inside,
    )


def _kind_of(word: str) -> tuple[str, str, int]:
    arabic = word[0] > "\u0600"
    return _announcing()[_plain(re.sub(r"[\sـ]", "", word) if arabic else " ".join(word.split()))]


def _label(rest: str) -> tuple[str, str]:
    """Split `rest` into the label at its beginning ("12 مكرر" gives "12 bis") and what follows it."""
    if digits := DIGITS.match(rest):
        label = re.sub(r"\d+", lambda run: str(int(run[0])), re.sub(r"\s", "", digits[1])).replace("–", "-")
        end = digits.end()
    elif roman := ROMAN.match(rest):
        label, end = str(_roman_value(roman[1])), roman.end()
    else:
        label, end = _in_words(rest)
        if not label:
            return "", rest
    if (again := REPEAT.match(rest, end)) and (latin := _words()["repeat"].get(_plain(again[1]))):
        label, end = f"{label} {latin}", again.end()
    return label, rest[end:]


def _in_words(rest: str) -> tuple[str, int]:
    ordinals, tens = _words()["ordinal"], _words()["tens"]
    found = [(m.end(), _plain(m[0].strip("،,.:؛;"))) for m in re.finditer(r"\S+", rest[:60])][:3]
    if not found:
        return "", 0
    end, first = found[0]
    end -= len(rest[:end]) - len(rest[:end].rstrip("،,.:؛;"))
    if len(found) > 1:
        second_end, second = found[1]
        second_end -= len(rest[:second_end]) - len(rest[:second_end].rstrip("،,.:؛;"))
        if both := ordinals.get(f"{first} {second}"):
            return both, second_end
        if second.startswith("و") and second[1:] in tens and first in ordinals:
            return str(int(ordinals[first]) + int(tens[second[1:]])), second_end
    return (ordinals.get(first) or tens.get(first) or "", end)


def _in_reading_order(candidate: _Candidate, previous: str | None) -> str:
    # right-to-left extraction turns "54-1" into "1-54"; the article before tells
    parts = candidate.label.split("-")
    if candidate.script != "ar" or len(parts) != 2 or previous is None:
        return candidate.label
    left, right = parts
    base = int(re.match(r"\d+", previous)[0]) if previous[0].isdigit() else 0  # type: ignore[index]
    turned = right.isdigit() and int(right) in {base, base + 1} and int(left) not in {base, base + 1}
    return f"{right}-{left}" if turned else candidate.label


def _follows(previous: str | None, label: str) -> bool:
    """Tell whether `label` is the article after `previous`, or one that was added after it."""
    if previous is None:
        return label in {"1", "unique"}
    old, new = _key(previous), _key(label)
    if len(new) == 1:
        return old[0] < new[0] <= old[0] + 2
    return new[0] in {old[0], old[0] + 1} and new > old


def _key(label: str) -> tuple[int, ...]:
    latin = list(_words()["repeat"].values())
    return tuple(
        int(piece) if piece.isdigit() else 2 + latin.index(piece) if piece in latin else 0
        for piece in re.findall(r"\d+|[a-z]+", label)
    ) or (0,)


def _chapters(candidates: list[_Candidate | None]) -> bool:
    """Tell whether "الفصل" is a chapter here: most of the articles that stand alone are announced by another word."""
    alone = [c for c in candidates if c is not None and not c.tail and not c.inside]
    return sum(c.kind == "article" for c in alone) > sum(c.kind == "either" for c in alone)


def _ended(line: str) -> bool:
    return line.rstrip().rstrip("0123456789")[-1:] in set(ENDS)


def _closes(tail: str) -> bool:
    return len(tail) < REACH and CLOSING.fullmatch(tail) is not None


def _opens(tail: str) -> bool:
    # "Art. 7. - Le", "المادة 3: ", "Article 4 (modifié)"; a plain full stop needs a capital or Arabic after it
    return re.match(r"\s*(?:[.)]?\s*[-–—:±]|\.\s+(?=[A-ZÀ-Ý\u0600-\u06ff«\"])|\s\()", tail[:REACH]) is not None


def _goes_on(line: str) -> bool:
    return _last_word(line) in _words()["before"]


def _last_word(line: str) -> str:
    found = re.search(r"[^\W\d_]+['’]?\W{0,2}$", line.rstrip()[-REACH:])
    return _plain(found[0].strip(" .,،").replace("’", "'")) if found else ""


def _first_word(line: str) -> str:
    found = re.match(r"\W*([\w-]+)", line[:REACH])
    return _plain(found[1]) if found else ""


def _tidy(text: str) -> str:
    return " ".join(text.strip(TURNS + " \t#*").split())


def _roman_value(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50}[letter] for letter in numeral]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def _plain(word: str) -> str:
    """Return `word` as the table's words are compared: no accents, no hamza, no tatweel, no case."""
    bare = "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(c))
    # two ligatures that extraction turns round: lam-alef after alef, and meem after lam
    return bare.translate(FOLDED).replace("اال", "الا").replace("امل", "الم")


FOLDED = str.maketrans("أإآٱى", "ااااي", "ـ")
# nothing but punctuation after the number, and perhaps the number of a footnote
CLOSING = re.compile(r"[\s\u200e\u200f\u202a-\u202e.:)\]»\"–—-]*(?:\(?\d{1,3}\)?)?[\s.:*)»\"\u202c]*")
NOTE = re.compile(r"[\s–-]*\d{1,3}[\s–-]*(?:أنظر|انظر|ينظر|Voir|Cf\.?)\b")
DIGITS = re.compile(
    r"(\d{1,4}(?:[-–./]\d{1,3}(?!\d))*(?:\s[-–]\s\d{1,3}(?=\s*$))?)(?:er|ère|ER|ÈRE|e)?(?![^\W_])(?!\s*[°%])"
)
ROMAN = re.compile(r"([IVXL]{1,7})(?:er)?\b")
REPEAT = re.compile(r"\s*\(?([^\W\d_]+)\)?")


def short_words() -> dict[str, str]:
    """Return the abbreviations, in their plain form, whose full stop ends no sentence."""
    return _words()["short"]


@cache
def _words() -> dict[str, dict[str, str]]:
    """The table's words by kind, in their plain form, with their value."""
    kinds: dict[str, dict[str, str]] = {}
    for row in _rows():
        kinds.setdefault(row["kind"], {})[_plain(row["word"])] = row["value"]
    return kinds


@cache
def _announcing() -> dict[str, tuple[str, str, int]]:
    kinds = {"article", "either", "title", "annex"}
    return {
        _plain(row["word"]): (row["kind"], row["script"], int(row["value"] or 0))
        for row in _rows()
        if row["kind"] in kinds
    }


@cache
def _start() -> re.Pattern[str]:
    """What a line begins with when it may announce: a word of the table, whole or with its letters apart."""
    return re.compile(rf"[\s{TURNS}#*•·]*(?P<quote>[{QUOTES}]?)\s*(?P<word>{_any_word()}){_BETWEEN}")


@cache
def _end() -> re.Pattern[str]:
    """An article announced at the end of a line, after a sentence: "… الأنظمة.المادة 2"."""
    articles = "|".join(_spaced(r) for r in _rows() if r["kind"] in {"article", "either"} and len(r["word"]) > 3)
    return re.compile(rf"(?<=[.؛;!؟\d])(?P<quote>)\s*(?P<word>{articles}){_BETWEEN}(?=\d{{1,4}}\s*$)")


_BETWEEN = r"(?P<between>[\s\u200e\u200f\u202a-\u202e.:°ـ–—-]*)"


def _any_word() -> str:
    rows = [row for row in _rows() if row["kind"] in {"article", "either", "title", "annex"}]
    return "|".join(_spaced(row) for row in sorted(rows, key=lambda row: -len(row["word"])))


def _spaced(row: dict[str, str]) -> str:
    word = row["word"]
    if row["script"] == "ar":
        spelled = [word, word.replace("الم", "امل", 1)] if word.startswith("الم") else [word]
        return "|".join("[ ـ]{0,2}".join(one) + r"(?!\w*[^\W\d_])" for one in spelled)
    return rf"(?:{word}|{word.upper()})(?![^\W\d_])"


@cache
def _rows() -> list[dict[str, str]]:
    text = (Path(__file__).with_name("tables") / "articles.tsv").read_text("utf-8")
    rows = (line for line in text.splitlines() if line and not line.startswith("#"))
    return list(csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE))
