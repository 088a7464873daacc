"""The ledger's own key: made on first use, kept in `keys/` of the instance's folder, never shown and never logged.

`ledger.key` is the private key (Ed25519, PKCS #8 PEM, readable by its owner only); `ledger.pub` is the verifier key
to publish. The name in `ledger.pub` is the origin of the log: given once, at the beginning, and the same ever after.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tiwizi.errors import Trouble, Unverified
from tiwizi.governance.notes import key_name, read_verifier_key, sign, verifier_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PRIVATE, PUBLIC = "ledger.key", "ledger.pub"


class Key:
    """A key that signs, and the `verifier` text that checks its signatures. Made by `open_key`."""

    def __init__(self, name: str, private: "Ed25519PrivateKey") -> None:
        self.name = name
        self.verifier = verifier_key(name, private.public_key().public_bytes_raw())
        self._private = private

    def sign(self, text: str) -> str:
        """Return `text` as a signed note."""
        return sign(text, self.name, self._private)


def open_key(folder: Path, origin: str) -> Key:
    """Return the key kept in `folder`, made there if there is none; `origin` names it only when it is made.

    Two processes that start at once end with the same key. Raises BadInput for an empty origin, and
    Trouble when the folder cannot be used or the files in it are open to others, damaged, or do not belong together.
    """
    name = key_name(origin)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        private = _private_key(folder / PRIVATE)
        public = folder / PUBLIC
        if not public.exists():
            _make(public, f"{Key(name, private).verifier}\n".encode(), mode=0o644)
        written = public.read_text("utf-8", errors="replace").strip()
    except OSError as error:
        raise Trouble(f"The ledger's key in {folder} cannot be used: {error.strerror}.") from None
    try:
        key = Key(read_verifier_key(written)[0], private)
    except Unverified as error:
        raise Trouble(f"{public} is damaged. {error} Move it away and it is made again.") from None
    if key.verifier != written:
        raise Trouble(f"{public} does not belong to {folder / PRIVATE}. Put both back from the same backup.")
    return key


def _private_key(path: Path) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    if not path.exists():
        new = Ed25519PrivateKey.generate()
        _make(path, new.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise Trouble(f"The ledger's key can be read by other users of this machine. Run: chmod 600 {path}")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Trouble(f"{path} is not an Ed25519 private key. Put it back from a backup.")
    return key


def _make(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file whole, unless another process has made it first: then that one stays."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600 from the start
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        with suppress(FileExistsError):
            os.link(draft, path)  # unlike a rename, this never replaces
    finally:
        os.unlink(draft)
    entry = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(entry)  # or a power cut could take back the key of receipts already given
    finally:
        os.close(entry)
