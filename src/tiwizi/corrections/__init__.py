"""What people say is wrong about a text: kept as proposals, with their consent, until they take it back."""

from tiwizi.corrections.proposals import (
    KEEP_DAYS,
    Correction,
    Kept,
    UnknownCorrection,
    delete,
    delete_number,
    everything,
    forget_old,
    propose,
    recall,
)
from tiwizi.corrections.versions import made_by

__all__ = [
    "KEEP_DAYS",
    "Correction",
    "Kept",
    "UnknownCorrection",
    "delete",
    "delete_number",
    "everything",
    "forget_old",
    "made_by",
    "propose",
    "recall",
]
