"""The commands."""

import os

# Set before NumPy is loaded: a second BLAS thread gains nothing on vectors of our size, and on a busy machine waiting
# for it made an answer twenty times slower.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tiwizi.cli.main import main

__all__ = ["main"]
