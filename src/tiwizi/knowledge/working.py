"""Whose turn it is: of all processes that share an instance, one at a time takes documents in."""

import fcntl
from pathlib import Path
from typing import IO

from tiwizi.errors import Trouble

FILE = "intake.lock"
POLL = 0.3  # seconds between two looks at what another process does


class Turn:
    """The right to be the worker of the instance in `folder`; it ends with the process at the latest."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._file: IO[str] | None = None

    @property
    def mine(self) -> bool:
        return self._file is not None

    def take(self) -> bool:
        """Return whether it is this one's turn now. Raises Trouble when the folder cannot be used."""
        if self._file is not None:
            return True
        try:
            file = self._path.open("a")
        except OSError as error:
            raise Trouble(f"{self._path} cannot be used: {error.strerror}.") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def leave(self) -> None:
        """Let the next one have its turn."""
        if self._file is not None:
            self._file.close()
            self._file = None
