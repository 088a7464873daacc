"""What we know: documents and cards in, passages and their index, search out."""

from tiwizi.knowledge.bitext import rank
from tiwizi.knowledge.card_checks import Checked, Laws, Problem, check_cards, laws_held
from tiwizi.knowledge.card_coverage import Coverage, coverage
from tiwizi.knowledge.card_file import schema_text as card_schema
from tiwizi.knowledge.cards import Card, Fact, card_files, load_card, starter_cards
from tiwizi.knowledge.documents import Limits
from tiwizi.knowledge.encoder import E5, Encoder, Use
from tiwizi.knowledge.imports import STATES, Import, Imports, Listed, State
from tiwizi.knowledge.intake import Intake, Taken, files_below, given, keep_up, take_in
from tiwizi.knowledge.library import Library, Page
from tiwizi.knowledge.meaning import Pace, add_vectors, pace_of, waiting_for_vectors
from tiwizi.knowledge.packs import install_starter
from tiwizi.knowledge.remote import Remote
from tiwizi.knowledge.sites import SiteLimits, is_address
from tiwizi.knowledge.values import Evidence, FoundCard, FoundPassage
from tiwizi.knowledge.weights import Fusion, Logistic, Weights, shipped_weights

__all__ = [
    "Card",
    "Checked",
    "Coverage",
    "E5",
    "Encoder",
    "Evidence",
    "Fact",
    "FoundCard",
    "FoundPassage",
    "Fusion",
    "Import",
    "Imports",
    "Intake",
    "Laws",
    "Library",
    "Limits",
    "Listed",
    "Logistic",
    "Pace",
    "Page",
    "Problem",
    "Remote",
    "STATES",
    "SiteLimits",
    "State",
    "Taken",
    "Use",
    "Weights",
    "add_vectors",
    "card_files",
    "card_schema",
    "check_cards",
    "coverage",
    "files_below",
    "given",
    "install_starter",
    "is_address",
    "keep_up",
    "laws_held",
    "load_card",
    "pace_of",
    "rank",
    "shipped_weights",
    "starter_cards",
    "take_in",
    "waiting_for_vectors",
]
