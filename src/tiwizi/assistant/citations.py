"""Citations checked against their source when they are shown, and links that find their words again.

A document may change after an answer has quoted it. A link to quoted words therefore carries the version of the
document, the first of the words, and the length and a digest of them all: so the reader's page can tell whether they
still stand there, stand elsewhere, or are gone, and nothing about answers is kept on the server. White space and
invisible marks do not count: a better reading of the same file may set them differently.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from hashlib import sha256
from typing import Literal
from urllib.parse import quote_plus

from msgspec import Struct
from sqlalchemy import select

from tiwizi.assistant.desk import Desk
from tiwizi.assistant.values import Citation
from tiwizi.knowledge import Card, Fact, load_card
from tiwizi.store import tables

Outcome = Literal["as quoted", "moved", "gone"]

FIRST = 40  # characters of the first words that a link carries
LONGEST = 20_000  # characters that a link may ask to compare: far more than any passage has
LONGEST_NAME = 100  # characters of a file's name that a link carries
NAMESAKES = 10  # documents of one name that are looked at
PLACES = 1_000  # where the first words stand, at most so many are looked at, the nearest first
KEPT = re.compile(r"[^\s\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


class Check(Struct, frozen=True, kw_only=True):
    """Where the words of a citation are now.

    "as quoted": where they were; "moved": elsewhere in the document; "gone": no longer in it, or it is gone itself.
    """

    outcome: Outcome
    changed: bool  # whether the document has another version than the one quoted
    start: int = 0
    end: int = 0
    url: str = ""  # opens the words where they are now; "" when they are gone


class Link(Struct, frozen=True, kw_only=True):
    """What the address of quoted words says of them. All but the offsets may be missing from an old or cut address."""

    start: int
    end: int
    version: str = ""  # how the digest of the document begins
    words: str = ""  # the first words
    check: str = ""  # length and digest of all of them: see `seal`

    def find_in(self, text: str, version: str) -> Check:
        """Return where the words are in a document's text of that version."""
        changed = bool(self.version) and not version.startswith(self.version)
        here = Check(outcome="as quoted", changed=changed, start=self.start, end=self.end)
        length, sealed = _unsealed(self.check)
        if not sealed:  # nothing tells the words again
            return Check(outcome="gone", changed=True) if changed else here
        if seal(text[self.start : min(self.end, self.start + LONGEST)]) == self.check:
            return here
        found = _again(text, _squeezed(self.words), length, lambda words: _digest(words) == sealed, self.start)
        if found is None:
            return Check(outcome="gone", changed=True)
        return Check(outcome="moved", changed=True, start=found[0], end=found[1])


def check_citation(citation: Citation, text: str, version: str = "") -> Check:
    """Return where the words of a citation are in the text of its document, as it is now in `version`.

    Without a version, the document counts as changed when the words are not where they were.
    """
    if text[citation.start : citation.end] == citation.quote:
        changed = bool(version and citation.version) and version != citation.version
        place = (citation.start, citation.end)
        return Check(outcome="as quoted", changed=changed, start=place[0], end=place[1], url=citation.url)
    words = _squeezed(citation.quote)
    found = _again(text, words, len(words), lambda _: True, citation.start)
    if found is None:
        return Check(outcome="gone", changed=True)
    return Check(outcome="moved", changed=True, start=found[0], end=found[1])


async def verify(citation: Citation, desk: Desk) -> Check:
    """Check a citation against the library as it is now; `url` opens the words where they are now."""
    address = desk.settings.address
    if not citation.document_id:
        return await _verify_card(citation, desk, address)
    for number in (citation.document_id, *await numbers_of(citation.document, desk)):
        document = await desk.library.home.document(number)
        if document is None or document.name != citation.document:
            continue
        found = check_citation(citation, document.text, document.digest)
        if found.outcome != "gone":
            words = document.text[found.start : found.end]
            url = document_url(address, document.id, document.name, words, found.start, document.digest)
            return _at(found, url)
    return Check(outcome="gone", changed=True)


async def numbers_of(name: str, desk: Desk) -> list[int]:
    """Return the numbers of the documents whose file has this name, the newest first: one changed or moved since."""
    documents = tables.documents
    named = select(documents.c.id).where(documents.c.kind == "document", documents.c.name == name)
    async with desk.store.reading() as connection:
        return list((await connection.scalars(named.order_by(documents.c.added.desc()).limit(NAMESAKES))).all())


async def _verify_card(citation: Citation, desk: Desk, address: str) -> Check:
    for kept in await desk.library.home.cards():
        if kept.name == citation.document:
            card = load_card(kept.text)
            if fact_sealed(card, seal(citation.quote), citation.language) is None:
                break  # though the words may still stand in a comment of the file, where nobody is told them
            found = check_citation(citation, kept.text, kept.digest)
            return _at(found, card_url(address, card, citation.quote, citation.language, kept.digest))
    return Check(outcome="gone", changed=True)


def _at(found: Check, url: str) -> Check:
    return Check(outcome=found.outcome, changed=found.changed, start=found.start, end=found.end, url=url)


# addresses


def document_url(address: str, number: int, name: str, words: str, start: int, version: str) -> str:
    """Return the address that opens a document at `words`, which stand at `start` in that version of it.

    It carries the file's `name` too, by which a document is found that has another number since it changed.
    """
    place = f"{address}/documents/{number}?start={start}&end={start + len(words)}"
    if not version:
        return f"{place}#quote"
    file = f"&file={quote_plus(name)}" if len(name) <= LONGEST_NAME else ""
    return f"{place}&version={version[:12]}{file}&words={quote_plus(_first(words))}&check={seal(words)}#quote"


def card_url(address: str, card: Card, words: str, language: str, version: str) -> str:
    """Return the address that opens a card at the fact that says `words` in `language`."""
    known = f"&version={version[:12]}&check={seal(words)}" if version else ""
    return f"{address}/cards/{card.id}?lang={language}{known}#{anchor(words)}"


def anchor(words: str) -> str:
    """Return the name under which the page of a card shows the fact that says `words`, wherever it stands there."""
    return f"fact-{seal(words)}"


def seal(words: str) -> str:
    """Return what tells words again without holding them: their length and a digest, white space left out."""
    bare = _squeezed(words)
    return f"{len(bare)}-{_digest(bare)}"


def fact_sealed(card: Card, check: str, language: str) -> Fact | None:
    """Return the fact of a card whose text for readers of `language` has this seal."""
    return next((fact for fact in card.facts if seal(fact.text_in(language)[0]) == check), None)


def _unsealed(check: str) -> tuple[int, str]:
    """The length and the digest in a seal; (0, "") when it is none."""
    found = re.fullmatch(r"([1-9]\d{0,5})-([0-9a-f]{8})", check)
    return (int(found[1]), found[2]) if found and int(found[1]) <= LONGEST else (0, "")


def _digest(words: str) -> str:
    return sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _first(words: str) -> str:
    """The first words of a text, whole ones where they are not longer than `FIRST` together."""
    line = " ".join(words.split())
    if len(line) <= FIRST:
        return line
    return line[:FIRST].rpartition(" ")[0] or line[:FIRST]


# finding again


def _squeezed(text: str) -> str:
    return "".join(KEPT.findall(text))


def _again(text: str, first: str, length: int, same: Callable[[str], bool], near: int) -> tuple[int, int] | None:
    """Where `length` characters that begin with `first` and are the `same` stand in a text, nearest to `near`."""
    if not first:
        return None
    pieces = [(match.start(), match[0]) for match in KEPT.finditer(text)]
    bare = "".join(piece for _, piece in pieces)
    ends, total = [], 0
    for _, piece in pieces:
        total += len(piece)
        ends.append(total)

    def place(at: int) -> int:
        number = bisect_right(ends, at)
        start, piece = pieces[number]
        return start + at - (ends[number] - len(piece))

    starts = [match.start() for match in re.finditer(f"(?={re.escape(first)})", bare)]
    close = sorted(starts, key=lambda at: abs(place(at) - near))
    for at in close[:PLACES]:
        if at + length <= total and same(bare[at : at + length]):
            return place(at), place(at + length - 1) + 1
    return None
