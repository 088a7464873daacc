"""E-mail (.eml): its subject, who wrote to whom and when, its words; what is attached are files of their own."""

import email
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from email.message import Message
from mimetypes import guess_extension
from quopri import decodestring

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents.plain import declared_encoding, decode
from tiwizi.knowledge.documents.values import Limits, Part, Parts

EML = "message/rfc822"
SHOWN = ("From", "To", "Cc", "Date")
FIELD = re.compile(rb"([!-9;-~]{1,70}):")
# one of the first and one of the second kind: a text that merely begins with "Date:" has not both
WRITER, POST = {b"from"}, {b"received", b"message-id", b"mime-version", b"date", b"return-path"}
CODED = re.compile(r"=\?([\w.:-]+)(?:\*[\w-]*)?\?([bq])\?([^?]*)\?=", re.I)
CODED_RUN = re.compile(rf"(?:{CODED.pattern}\s*)+", re.I)
CLOSED = {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
MOST_DEPTH = 50  # of parts inside parts: a mail that was forwarded often has ten


def is_mail(raw: bytes, suffix: str) -> bool:
    """Tell whether `raw` begins with the fields of an e-mail; one such field is enough in a file named .eml."""
    names = set()
    for number, line in enumerate(raw[:16_384].removeprefix(b"\xef\xbb\xbf").splitlines()[:200]):
        if field := FIELD.match(line):
            names.add(field[1].lower())
        elif not line.strip():
            break
        elif line[:1] not in b" \t" and not (number == 0 and line.startswith(b"From ")):  # the mark of a mailbox
            return False
    known = names & (WRITER | POST | {b"subject", b"to"})
    return bool(names & WRITER and names & POST) or (suffix == ".eml" and bool(known))


def parts_of_mail(raw: bytes) -> Parts:
    """Return the subject as a heading, a line each for writer, readers and date, then the words of the mail itself."""
    from tiwizi.knowledge.documents.markup import parts_of_html  # here: every file asks this module whether it is mail

    message = _message(raw)
    subject = _field(message, "Subject")
    parts = [Part(subject, level=1)] if subject else []
    parts += [Part(f"{name}: {value}") for name in SHOWN if (value := _field(message, name))]
    for leaf in _leaves(message):
        if leaf.get_content_type() in CLOSED:
            raise Unreadable("its words are encrypted; save a copy of them as text and take that in")
        if _is_body(leaf) and leaf.get_content_subtype() != "calendar":
            content = _content(leaf)
            text = decode(content, _charset(leaf) or declared_encoding(content))
            parts.append(Part(""))
            parts += parts_of_html(text).parts if leaf.get_content_subtype() == "html" else [Part(text)]
    return Parts(parts, EML, subject)


def attachments(raw: bytes, limits: Limits) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield name and bytes (when called) of each file attached to a mail, but not the pictures within its words."""
    # some programs put what is attached into one form of the words only
    for number, leaf in enumerate(_leaves(_message(raw), every_form=True), 1):
        if number > limits.max_members:
            raise Unreadable(f"it has more than the {limits.max_members:,} parts allowed")
        if _is_body(leaf) or leaf.get_content_type() in CLOSED or _is_decoration(leaf):
            continue
        if leaf.get_content_type() == EML:
            name = _field(_inner(leaf) or leaf, "Subject")
            yield f"{name or f'message-{number}'}.eml", lambda leaf=leaf: _forwarded(leaf)  # type: ignore[misc]
        else:
            ending = guess_extension(leaf.get_content_type()) or ""
            name = _file_name(leaf) or f"attachment-{number}{ending}"
            yield name, lambda leaf=leaf: _content(leaf)  # type: ignore[misc]


def _message(raw: bytes) -> Message:
    return email.message_from_bytes(raw.removeprefix(b"\xef\xbb\xbf"))


def _leaves(message: Message, every_form: bool = False) -> Iterator[Message]:
    """Yield the parts that hold no parts, in order; of several forms of the same words, the plainest that has any."""
    stack = [(message, 0)]
    while stack:
        part, depth = stack.pop()
        children = part.get_payload()
        if not isinstance(children, list) or part.get_content_maintype() != "multipart":
            yield part
            continue
        if depth > MOST_DEPTH:
            raise Unreadable("its parts are nested too deeply to be an ordinary e-mail")
        if part.get_content_type() == "multipart/encrypted":
            yield part
            continue
        inside = [child for child in children if isinstance(child, Message)]
        if part.get_content_subtype() == "alternative" and inside and not every_form:
            plain = (p for p in inside if p.get_content_type() == "text/plain" and _content(p).strip())
            inside = [next(plain, inside[-1])]
        stack.extend((child, depth + 1) for child in reversed(inside))


def _is_body(leaf: Message) -> bool:
    words = leaf.get_content_maintype() in {"text", "multipart"}
    return words and leaf.get_content_disposition() != "attachment" and not _file_name(leaf)


def _is_decoration(leaf: Message) -> bool:
    kind = leaf.get_content_maintype()
    if kind == "message":
        return leaf.get_content_type() != EML  # the post's own reports on delivery
    return kind == "image" and ("Content-ID" in leaf or leaf.get_content_disposition() != "attachment")


def _file_name(leaf: Message) -> str:
    try:
        return _words(leaf.get_filename() or "")
    except ValueError:  # it says that it is in a code page whose name is none
        return ""


def _charset(leaf: Message) -> str:
    try:
        return leaf.get_content_charset() or ""
    except ValueError:
        return ""


def _content(leaf: Message) -> bytes:
    content = leaf.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _forwarded(leaf: Message) -> bytes:
    inner = _inner(leaf)
    return inner.as_bytes() if inner is not None else _content(leaf)


def _inner(leaf: Message) -> Message | None:
    inside = leaf.get_payload()
    return inside[0] if isinstance(inside, list) and inside and isinstance(inside[0], Message) else None


def _field(message: Message, name: str) -> str:
    # the raw items: what `message[name]` gives for letters outside ASCII is no text
    values = [value for field, value in message.raw_items() if field.lower() == name.lower()]
    return _words(values[0]) if values else ""


def _words(value: str) -> str:
    """Return a field's value as people read it, its coded words and bare bytes decoded."""
    text = decode(str(value).encode("utf-8", "surrogateescape"))
    return " ".join(CODED_RUN.sub(_decoded, text).split())


def _decoded(run: re.Match[str]) -> str:
    # a letter may begin in one coded word and end in the next: their bytes are joined first
    joined: list[tuple[str, bytes]] = []
    for charset, way, coded in CODED.findall(run[0]):
        try:
            content = b64decode(coded + "==") if way in "bB" else decodestring(coded.encode(), header=True)
        except ValueError:
            content = coded.encode()
        earlier = joined.pop()[1] if joined and joined[-1][0] == charset else b""
        joined.append((charset, earlier + (content or coded.encode())))
    return "".join(decode(content, charset) for charset, content in joined) + " " * run[0][-1].isspace()
