"""Sets of questions with what should come back, read from files and checked.

A set is a file of JSON lines. Each line has `id`, `tag` (language and script) and `text`, and what is wanted:

    card, need, fact        the procedure card, the part of it that is asked about, words that its answer must hold
    document, quote         the exact words of a document that answer
    document, articles      the articles of a document that answer; `also` names the same rule elsewhere
    nothing                 no answer: the question should be handed to a person; `kind` tells the kinds apart

`split` is `dev` (look at it, tune on it) or `test` (only count), and `test` when a set does not say.
"""

import codecs
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from tiwizi.errors import Unreadable

Split = Literal["dev", "test"]
Need = Literal["", "fee", "documents", "place", "delay", "validity", "steps", "who", "legal_basis"]
Tag = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$")]
Words = Annotated[str, Meta(pattern=r"\S")]

_ACCEPTED = {
    "tag": "a language, with its script where there are two: fr, ar, ary-Arab, ary-Latn, zgh-Tfng, zgh-Latn",
    "split": "dev, test",
    "need": "fee, documents, place, delay, validity, steps, who, legal_basis",
    "text": "what a person asks",
    "id": "a name of its own in this file",
}


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """Articles of one document."""

    document: str
    articles: tuple[str, ...]


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question and what should come back."""

    id: Words
    tag: Tag
    text: Words
    split: Split = "test"
    card: str = ""
    need: Need = ""
    fact: Words | tuple[Words, ...] = ()  # one of them is in what the card says of the need
    document: str = ""
    quote: str = ""
    articles: tuple[str, ...] = ()
    also: tuple[Place, ...] = ()  # the same rule elsewhere, in the other language for example
    kind: str = ""  # of a question without answer: off-topic, near-miss …

    @property
    def facts(self) -> tuple[str, ...]:
        """The words of which one must be in the answer."""
        return (self.fact,) if isinstance(self.fact, str) else self.fact

    @property
    def answerable(self) -> bool:
        """Whether something should come back."""
        return bool(self.card or self.document)


def read_questions(path: Path, split: str | None = None) -> list[Wanted]:
    """Return the questions of a file, of one split (`dev`, `test`) or all.

    Raises Unreadable with the line and the field at fault.
    """
    try:
        lines = path.read_bytes().removeprefix(codecs.BOM_UTF8).splitlines()
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error.strerror}. Check the path and its permissions.") from None
    questions: list[Wanted] = []
    known: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if line.strip():
            question = _question(line, f"{path.name}, line {number}")
            if question.id in known:
                raise Unreadable(f"{path.name}, line {number}: id {question.id!r} is there already. Give it another.")
            known.add(question.id)
            questions.append(question)
    return [q for q in questions if split in (None, q.split)]


def _question(line: bytes, where: str) -> Wanted:
    try:
        question = msgspec.json.decode(line, type=Wanted)
    except msgspec.DecodeError as error:  # a ValidationError is one too
        raise Unreadable(f"{where}: {_plainly(str(error))}.") from None
    except UnicodeDecodeError as error:
        raise Unreadable(f"{where}: byte {error.start} is not UTF-8. Save the file as UTF-8.") from None
    wrong = {
        "need": question.need and not question.card,
        "fact": question.facts and not question.card,
        "quote": question.quote and not question.document,
        "articles": question.articles and not question.document,
        "kind": question.kind and question.answerable,
    }
    if fault := next((field for field, there in wrong.items() if there), ""):
        belongs = {"need": "card", "fact": "card"}.get(fault, "document")
        needs = "is for a question without answer" if fault == "kind" else f"says nothing without {belongs}"
        raise Unreadable(f"{where}: {fault} {needs}. Remove it, or write what it belongs to.")
    if question.document and not (question.quote.strip() or question.articles):
        raise Unreadable(f"{where}: document is named, and neither quote nor articles say where in it.")
    return question


def _plainly(message: str) -> str:
    """Say what msgspec found, in which field, and what may stand there."""
    what, _, path = message.removeprefix("Object ").partition(" - at `$.")
    what = what.partition(" matching regex")[0]
    field = path.rstrip("`").partition("[")[0]
    if not field and "Object" in message:
        field = next((name for name in _ACCEPTED if f"`{name}`" in what), "")
    accepted = f" (accepted: {_ACCEPTED[field]})" if field in _ACCEPTED else ""
    return what.replace("`", "") + (f", in {path.rstrip('`')}" if path else "") + accepted
