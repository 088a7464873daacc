"""What a `Reader` and its process say to each other, each in a frame of MessagePack."""

from msgspec import Struct

from tiwizi.knowledge.documents.values import Limits, Member, Read


class Begin(Struct, frozen=True):
    """The first frame: what each file may cost, and where Tesseract is, if anywhere."""

    limits: Limits
    tesseract: str


class Ask(Struct, frozen=True):
    """One question: for the text of a file (or of the member that the names `inside` lead to), or for its members."""

    path: bytes
    inside: tuple[str, ...]
    members: bool


class Answer(Struct, frozen=True):
    """One answer: a text or members, or the reason why not; with `wait`, the answer takes so many seconds more."""

    read: Read | None = None
    members: list[Member] | None = None
    reason: str = ""
    holds: bool = False
    wait: int = 0
