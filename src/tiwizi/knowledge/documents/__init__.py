"""Files of people and institutions, read as plain text in a guarded process."""

from tiwizi.knowledge.documents.reading import Reader
from tiwizi.knowledge.documents.values import Heading, HoldsFiles, Limits, Member, Read

__all__ = ["Heading", "HoldsFiles", "Limits", "Member", "Read", "Reader"]
