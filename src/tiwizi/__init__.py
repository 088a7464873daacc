"""Tiwizi: ask in the language you live in; get an answer cited from your institution's own documents."""

__all__ = ["__version__"]

__version__ = "0.1.0"
