"""The commands."""

import os
import sys
from importlib.util import find_spec

# Set before NumPy is loaded: a second BLAS thread gains nothing on vectors of our size, and on a busy machine waiting
# for it made an answer twenty times slower.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if find_spec("typer") is None:  # only the language room was installed
    print("tiwizi: The commands need the whole house: pip install 'tiwizi[house]'", file=sys.stderr)
    sys.exit(2)

from tiwizi.cli.main import main

__all__ = ["main"]
