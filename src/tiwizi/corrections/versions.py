"""Which models and tables said something: a correction is of use only beside what it corrects."""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from tiwizi import __version__

FOLDERS = ("models", "tables")


@cache
def made_by() -> str:
    """Return the version of Tiwizi, and the start of one digest over the files that the language room reads."""
    digest = sha256()
    room = files("tiwizi.language")
    for folder in FOLDERS:
        for file in sorted(room.joinpath(folder).iterdir(), key=lambda file: file.name):
            if file.is_file():
                digest.update(file.name.encode() + b"\0" + sha256(file.read_bytes()).digest())
    return f"tiwizi {__version__} sha256:{digest.hexdigest()[:16]}"
