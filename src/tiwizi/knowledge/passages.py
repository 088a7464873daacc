"""Passages: the stretches of a document that can be found, quoted and opened at their very words.

A document is cut where it announces articles and titles, then at the ends of sentences. Passages come in the order of
the text, never overlap and leave out nothing but white space.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from msgspec import Struct

from tiwizi.knowledge.articles import Announced, announced, lines_of, short_words
from tiwizi.knowledge.documents.values import Read

FEWEST, MOST = 40, 200  # words of a passage, where the text allows
AIM = 130  # words of the passages that a longer stretch is cut into
LONGEST = 4_000  # characters of a passage: two hundred long words take half of it
INTRODUCTION = 25  # words between a title and the first article under it that still belong to the title
PATH_PART, PATH = 90, 3  # characters of one title and number of titles in a path

WORD = re.compile(r"\S+")
CLOSING = '"»”’)]'
ENDING = re.compile(r"[.!?؟؛;:…][\"»”’)\]]*$")
APOSTROPHE = re.compile("['’]")
STRONG = ".!?؟…"
# an item's number or letter, an initial: its full stop ends no sentence
NUMBER = re.compile(r"^[-–(]?(?:\d{1,3}|[^\W\d_])[.)-]*$")


class Passage(Struct, frozen=True):
    """A stretch of a text, `text[start:end]`: the page it begins on, its article ("12 bis"), its path of titles."""

    start: int
    end: int
    page: int | None
    article: str | None
    heading: str


class _Stretch(Struct):
    """What stands from one announcement to the next, while it is being collected."""

    start: int
    article: str | None
    path: list[tuple[int, str]]
    bare_until: int  # only announcements stand before this offset


def cut(read: Read) -> list[Passage]:
    """Return the passages of `read` in their order: of 40 to 200 words where the text allows, one article in each.

    An article's label is Western digits with what was added ("12 bis", "2-1"), or "unique"; None outside articles.
    """
    passages: list[Passage] = []
    stretches = _stretches(read)
    ends = [stretch.start for stretch in stretches[1:]] + [len(read.text)]
    for stretch, end in zip(stretches, ends, strict=True):
        heading = _joined(stretch.path)
        for start, stop in _pieces(read.text, stretch.start, end):
            page = bisect_right(read.page_starts, start) if read.page_starts else None
            passages.append(Passage(start, stop, page, stretch.article, heading))
    return passages


def _stretches(read: Read) -> list[_Stretch]:
    stretches = [_Stretch(0, None, [], 0)]
    article_level = 0
    for mark, level in _marks(read):
        last = stretches[-1]
        path, article = last.path, last.article
        if mark.kind == "article":
            article, article_level = mark.label, level
        else:
            path = [(depth, words) for depth, words in path if depth < mark.depth]
            path += [(mark.depth, mark.words)] if mark.words != read.title else []
            # the file's own headings inside an article ("Exceptions") do not end it
            if mark.kind != "heading" or level <= article_level:
                article = None
        start = _whole_word(read.text, mark.start)
        words = len(read.text[max(last.bare_until, last.start) : start].split(None, INTRODUCTION + 1))
        under_title = mark.kind == "article" and last.article is None and last.bare_until > last.start
        if not words or (under_title and words <= INTRODUCTION):  # what follows at once opens one stretch together
            last.article, last.path, last.bare_until = article, path, mark.end
        else:
            stretches.append(_Stretch(start, article, path, mark.end))
    return stretches


def _whole_word(text: str, start: int) -> int:
    """Where the word around `start` begins: a mark of direction or a stray figure may stand before an announcement."""
    while start and not text[start - 1].isspace():
        start -= 1
    return start


def _marks(read: Read) -> list[tuple[Announced, int]]:
    """Return what the text announces and the file's own headings, in order, each with its heading level, or 0."""
    words = announced(lines_of(read.text))
    own = [heading.start for heading in read.headings]
    marks = []
    used = set()
    for mark in words:
        at = bisect_right(own, mark.start) - 1
        inside = at >= 0 and mark.start < read.headings[at].end
        used |= {at} if inside else set()
        marks.append((mark, read.headings[at].level if inside else 0))
    below = 100 if any(mark.kind == "title" for mark in words) else 0  # chapters stand above headings
    for at, heading in enumerate(read.headings):
        if at not in used:
            title = " ".join(read.text[heading.start : heading.end].split())
            mark = Announced("heading", heading.start, heading.end, "", below + heading.level, title)
            marks.append((mark, heading.level))
    return sorted(marks, key=lambda pair: pair[0].start)


def _joined(path: list[tuple[int, str]]) -> str:
    return " › ".join(
        words if len(words) <= PATH_PART else words[:PATH_PART].rsplit(" ", 1)[0] + "…" for _, words in path[-PATH:]
    )


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the pieces of `text[start:end]`, cut at white space only, at the best places near even lengths."""
    words = [match.span() for match in WORD.finditer(text, start, end)]
    first = 0
    while first < len(words):
        last = _last_word(text, words, first)
        piece_start, piece_end = words[first][0], words[last][1]
        for cut_off in range(piece_start, piece_end, LONGEST):  # a run of letters longer than that is no word
            yield cut_off, min(cut_off + LONGEST, piece_end)
        first = last + 1


def _last_word(text: str, words: list[tuple[int, int]], first: int) -> int:
    """Return the number of the last word of the piece that begins with the word number `first`."""
    left = len(words) - first
    end = len(words) - 1
    if left <= MOST and words[end][1] - words[first][0] <= LONGEST:
        return end
    even = left / max(1, round(left / AIM)) if left > MOST else AIM
    best, best_cost = first, float("inf")
    for number in range(first, min(first + MOST, end + 1)):
        if words[number][1] - words[first][0] > LONGEST:
            break
        count, rest = number - first + 1, end - number
        cost = abs(count - even) / even - 0.4 * _quality(text, words, number)
        cost += (count < FEWEST) + (0 < rest < FEWEST)
        if cost <= best_cost or number == first:
            best, best_cost = number, cost
    return best


def _quality(text: str, words: list[tuple[int, int]], number: int) -> int:
    """Return how good a place to cut stands after a word: 0 in a phrase, 4 between paragraphs."""
    if number + 1 >= len(words):
        return 4
    start, end = words[number]
    word, gap = text[start:end], text[end : words[number + 1][0]]
    paragraph = gap.count("\n") > 1 or "\f" in gap
    line = paragraph or "\n" in gap
    last = APOSTROPHE.split(word.rstrip("."))[-1].casefold()
    if not ENDING.search(word) or NUMBER.match(word) or last in short_words():
        return 3 if paragraph else int(line)  # the row of a table ends without a full stop
    return 2 + (word.rstrip(CLOSING)[-1:] in STRONG or paragraph) * line + paragraph
