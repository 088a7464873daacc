"""Signed notes and checkpoints, byte for byte as C2SP describes them (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).

A note is text and one Ed25519 signature line; a checkpoint is a note whose text is the log's origin, its size and the
root of its tree. Where the private key is kept is the business of `keys`.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec import Struct

from tiwizi.errors import BadInput, Unverified

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = b"\x01"  # the signature type of plain Ed25519 notes
SIGNATURE = "\N{EM DASH} "


class Checkpoint(Struct, frozen=True):
    """What a log was at one size: its origin, how many entries, and the 32 bytes of its root."""

    origin: str
    size: int
    root: bytes


def key_name(origin: str) -> str:
    """Return the name of a log as a key can bear it: each run of spaces or `+` becomes a hyphen.

    Raises BadInput when nothing is left to read.
    """
    name = "".join(letter for letter in re.sub(r"[\s+]+", "-", origin.strip()) if letter.isprintable())
    if not name:
        raise BadInput(f"The ledger cannot be named {origin!r}. Give the name or the address of the institution.")
    return name


def verifier_key(name: str, public: bytes) -> str:
    """Return the text that a verifier needs: name, key id in hex, and the 32 bytes of the public key in base64."""
    return f"{name}+{_key_id(name, public).hex()}+{_base64(ED25519 + public)}"


def read_verifier_key(text: str) -> tuple[str, bytes]:
    """Return the name and the 32 bytes in a verifier key. Raises Unverified when it is not one."""
    name, _, rest = text.partition("+")
    key_id, _, key = rest.partition("+")
    public = _bytes_or_nothing(key)[1:]
    if len(public) != 32 or verifier_key(name, public) != text:
        raise Unverified(
            f"{text!r} is not a verifier key. One looks like 'name+1a2b3c4d+AQID…' (c2sp.org/signed-note)."
        )
    return name, public


def write_checkpoint(checkpoint: Checkpoint) -> str:
    """Return the text of a checkpoint: three lines, each ended."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{_base64(checkpoint.root)}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """Return what the text of a note says of a log. Raises Unverified when it is not exactly a checkpoint."""
    match text.split("\n"):
        case [origin, size, root, ""] if re.fullmatch(r"0|[1-9][0-9]{0,18}", size):
            checkpoint = Checkpoint(origin, int(size), _bytes_or_nothing(root))
            if len(checkpoint.root) == 32 and write_checkpoint(checkpoint) == text:
                return checkpoint
    raise Unverified("The checkpoint is not three lines with an origin, a size and a root (c2sp.org/tlog-checkpoint).")


def sign(text: str, name: str, private: "Ed25519PrivateKey") -> str:
    """Return `text`, which ends with a newline, as a note signed by the key called `name`."""
    signature = private.sign(text.encode())
    return f"{text}\n{SIGNATURE}{name} {_base64(_key_id(name, private.public_key().public_bytes_raw()) + signature)}\n"


def open_note(note: str, key: str) -> str:
    """Return the text of a note that carries one signature, by the verifier key `key`, and nothing else.

    Raises Unverified when the note has another form, was signed by another key, or was changed since.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    name, public = read_verifier_key(key)
    text, _, line = note.rpartition(f"\n{SIGNATURE}")
    signature = _bytes_or_nothing(line.removeprefix(f"{name} ").removesuffix("\n"))
    if f"{text}\n{SIGNATURE}{name} {_base64(signature)}\n" != note or not text.endswith("\n"):
        raise Unverified(f"The checkpoint does not end with one signature line by {name!r} (c2sp.org/signed-note).")
    if signature[:4] != _key_id(name, public):
        raise Unverified(f"The checkpoint was signed by another key than {key!r}.")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], text.encode())
    except (InvalidSignature, ValueError):
        raise Unverified(
            "The signature of the checkpoint does not hold: the checkpoint or the key was changed."
        ) from None
    return text


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def _base64(value: bytes) -> str:
    return b64encode(value).decode()


def _bytes_or_nothing(text: str) -> bytes:
    """Decode base64; the caller compares with what it would have written, so that one value has one spelling."""
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return b""
