"""Personal data of people in Morocco: find it, mask it, give it back to the person alone."""

from tiwizi.privacy.finder import Span, digits, finder, groups
from tiwizi.privacy.finding import Finding, find
from tiwizi.privacy.folding import Folded
from tiwizi.privacy.masking import Screened, restore, screen
from tiwizi.privacy.vault import Vault

__all__ = [
    "Finding",
    "Folded",
    "Screened",
    "Span",
    "Vault",
    "digits",
    "find",
    "finder",
    "groups",
    "restore",
    "screen",
]
