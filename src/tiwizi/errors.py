"""What Tiwizi refuses on purpose, and the words it uses to say so.

Each class carries one English sentence with named values; pages translate the sentence (it is the
catalogue's message id) and the command line prints it. A value is never personal data.

    TiwiziError
    ├── BadInput            the person can mend it: exit status 2, HTTP 400
    │   ├── EmptyText
    │   ├── TextTooLong         HTTP 413
    │   └── NotUtf8
    ├── NotThere            a name that does not exist: exit status 2, HTTP 404
    ├── Unreadable          a document that cannot be read; it never stops the others
    ├── Unverified          a receipt or a log that does not hold: exit status 1
    └── Trouble             the machine is at fault (disk, port, database): exit status 2, HTTP 503
"""

from typing import ClassVar


class TiwiziError(Exception):
    """Something refused on purpose; `str()` is one sentence that says what was wrong and what to do."""

    template: ClassVar[str] = "{reason}"

    def __init__(self, reason: str = "", /, **values: object) -> None:
        self.values: dict[str, object] = {"reason": reason, **values}
        super().__init__(self.template.format_map(self.values))


class BadInput(TiwiziError):
    """What was given cannot be used as it is."""


class EmptyText(BadInput):
    template = "There is no text to read. Write a question or a sentence."


class TextTooLong(BadInput):
    template = "The text has {length} characters and at most {limit} are read. Shorten it, or ingest it as a document."


class NotUtf8(BadInput):
    template = "The text is not valid UTF-8 (byte {position}). Save it as UTF-8 and send it again."


class NotThere(TiwiziError):
    """A name that does not exist here; the sentence lists the names that do."""

    template = "There is no {kind} named {name!r}. Available: {available}."


class Unreadable(TiwiziError):
    """A document that cannot be taken in; the reason is listed beside its name."""


class Unverified(TiwiziError):
    """A receipt, proof or log that does not hold; the sentence names the part at fault."""


class Trouble(TiwiziError):
    """The machine, not the person, is at fault; the sentence says what to look at."""
