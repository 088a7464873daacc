"""What the ledger writes down of an answer, what the person takes away, and how anyone checks it, offline.

A record never holds text. It has commitments to question and answer that only someone with the salt and the very
words can match; the salt is in the receipt, which is the person's, and in the database until it is destroyed there.
The byte formats are written out for strangers in `docs/verify.md`.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Literal

import msgspec
from msgspec import Struct

from tiwizi.errors import NotUtf8, Unverified
from tiwizi.governance import merkle
from tiwizi.governance.notes import open_note, read_checkpoint

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that is misread at a counter
READ_AS = str.maketrans("OIL", "011", "- ")
STYLES: tuple[dict[str, Any], ...] = tuple(
    {"ensure_ascii": ascii, **spacing}
    for ascii in (True, False)
    for spacing in ({}, {"indent": 2}, {"indent": 4}, {"separators": (",", ":")})
)
QUESTION, ANSWER = b"\x00", b"\x01"  # so that a question and an answer of the same words have different commitments


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the ledger; its canonical JSON is the leaf of the tree. Digests and commitments are hex."""

    version: int = 1
    receipt: str  # the receipt's number
    time: str  # RFC 3339, UTC, whole seconds
    language: str
    route: str
    question: str  # commitment
    answer: str  # commitment
    passages: tuple[str, ...]  # SHA-256 of the UTF-8 of each quotation
    model: str  # "" when no model wrote
    model_digest: str
    policy: str  # digest of the policy in force
    milliseconds: int
    joules: float | None = None


class Receipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record, what opens its commitments, and the proof that it is in a tree whose root was signed."""

    format: Literal["tiwizi-receipt/1"] = "tiwizi-receipt/1"
    record: Record
    salt: str  # hex, 32 bytes
    index: int  # number of the entry, from 0
    size: int  # of the tree that the checkpoint describes
    proof: tuple[str, ...]  # hex hashes, lowest first
    checkpoint: str  # C2SP signed note
    key: str  # C2SP verifier key

    @property
    def number(self) -> str:
        """The receipt's number, as it is said at a counter."""
        return self.record.receipt


def encode_record(record: Record) -> bytes:
    """Return the leaf: JSON in UTF-8 with sorted keys and no white space."""
    return msgspec.json.encode(record, order="sorted")


def encode_receipt(receipt: Receipt) -> bytes:
    """Return the one form of a receipt as a file: JSON in UTF-8, sorted keys, two spaces a level, a final newline."""
    return msgspec.json.format(msgspec.json.encode(receipt, order="sorted"), indent=2) + b"\n"


def question_commitment(salt: bytes, question: str) -> str:
    """Return the hex SHA-256 of the salt, a zero byte and the words. Raises NotUtf8 for half a surrogate pair."""
    return sha256(salt + QUESTION + _utf8(question)).hexdigest()


def answer_commitment(salt: bytes, answer: str) -> str:
    """Return the hex SHA-256 of the salt, a one byte and the words. Raises NotUtf8 for half a surrogate pair."""
    return sha256(salt + ANSWER + _utf8(answer)).hexdigest()


def quote_digests(quotes: Sequence[str]) -> tuple[str, ...]:
    """Return the hex SHA-256 of each quotation. Raises NotUtf8 for half a surrogate pair."""
    return tuple(sha256(_utf8(quote)).hexdigest() for quote in quotes)


def receipt_number(salt: bytes) -> str:
    """Return the number that goes with a salt: 80 bits of its SHA-256 as four groups of four letters and digits."""
    value = int.from_bytes(sha256(b"tiwizi receipt" + salt).digest()[:10])
    letters = "".join(LETTERS[value >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def spell_number(written: str) -> str:
    """Return a number as it stands in the ledger, from what a person typed: any case, O for 0, dashes or none."""
    letters = written.upper().translate(READ_AS)
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def verify(data: bytes, key: str | None = None, *, question: str | None = None, answer: str | None = None) -> Receipt:
    """Return the receipt in the bytes of a file, if all of it holds; with question or answer, that it is about them.

    Without `key` this shows that the receipt agrees with the key it carries: only comparing that key with the one
    that the institution publishes shows who gave it. Raises Unverified naming the part at fault, for any byte changed,
    added or removed, and NotUtf8 for words with half a surrogate pair. RFC 6962 for the tree, c2sp.org/tlog-checkpoint
    for the signature.

    (1) the bytes are a receipt's own form, or as a JSON library writes one; (2) the number goes with the salt;
    (3) the key is the one expected;
    (4) the checkpoint is signed by it, (5) and is of this tree; (6) the record is in the tree; (7) the words are these.
    """
    receipt = _decode(data)  # (1)
    salt = _hex("salt", receipt.salt)
    if receipt.number != receipt_number(salt):  # (2)
        raise Unverified(f"The salt does not go with receipt {receipt.number}: one of them was changed.")
    if key is not None and key.strip() != receipt.key:  # (3)
        raise Unverified(f"The receipt was given under the key {receipt.key!r}, not under {key.strip()!r}.")
    checkpoint = read_checkpoint(open_note(receipt.checkpoint, receipt.key))  # (4)
    if checkpoint.origin != receipt.key.partition("+")[0]:  # (5)
        raise Unverified(f"The checkpoint is of the log {checkpoint.origin!r}, not of the key's owner.")
    if checkpoint.size != receipt.size:
        raise Unverified(f"The checkpoint is of {checkpoint.size} entries, the receipt of {receipt.size}.")
    proof = [_hex("proof", step) for step in receipt.proof]
    leaf = merkle.leaf_hash(encode_record(receipt.record))
    if merkle.root_by_proof(leaf, receipt.index, receipt.size, proof) != checkpoint.root:  # (6)
        raise Unverified(f"Entry {receipt.index} is not this record: the record, its number or the proof was changed.")
    if question is not None and question_commitment(salt, question) != receipt.record.question:  # (7)
        raise Unverified(f"Receipt {receipt.number} is for another question.")
    if answer is not None and answer_commitment(salt, answer) != receipt.record.answer:
        raise Unverified(f"Receipt {receipt.number} is for another answer.")
    return receipt


def _written_as_usual(data: bytes, whole: bytes) -> bool:
    """Whether these bytes are what a JSON library writes: people take receipts out of answers with their own.

    Any stray byte, white space included, makes them something else; names in another order do not.
    """
    content = json.loads(data)
    written = (json.dumps(content, **style).encode() for style in STYLES)
    return content == json.loads(whole) and data.removesuffix(b"\n") in written


def _decode(data: bytes) -> Receipt:
    try:
        receipt = msgspec.json.decode(data, type=Receipt)
        whole = encode_receipt(receipt)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unverified(f"This is not a receipt: {error}.") from None
    if whole != data and not _written_as_usual(data, whole):
        pairs = zip(whole, data, strict=False)
        place = next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(whole), len(data)))
        raise Unverified(
            f"The receipt was changed: byte {place} is not as a receipt is written. Take the original file."
        )
    return receipt


def _hex(part: str, text: str) -> bytes:
    try:
        value = bytes.fromhex(text)
    except ValueError:
        value = b""
    if len(value) != 32 or value.hex() != text:
        raise Unverified(f"The {part} has {text!r} where 64 lower-case hexadecimal digits belong.")
    return value


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotUtf8(position=error.start) from None
