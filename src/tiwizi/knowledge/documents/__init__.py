"""Files of people and institutions, read as plain text in a guarded process."""

from tiwizi.knowledge.documents.reading import Reader
from tiwizi.knowledge.documents.values import Heading, Limits, Read

__all__ = ["Heading", "Limits", "Read", "Reader"]
