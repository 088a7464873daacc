"""What we know: documents and cards in, passages and their index, search out."""

from tiwizi.knowledge.cards import Card, Fact, load_card
from tiwizi.knowledge.documents import Limits
from tiwizi.knowledge.encoder import E5, Encoder
from tiwizi.knowledge.ingest import Taken, add_vectors, files_below, take_in, waiting_for_vectors
from tiwizi.knowledge.library import Library, Page
from tiwizi.knowledge.packs import install_starter
from tiwizi.knowledge.values import Evidence, FoundCard, FoundPassage
from tiwizi.knowledge.weights import Fusion, Logistic, Weights, shipped_weights

__all__ = [
    "E5",
    "Card",
    "Encoder",
    "Evidence",
    "Fusion",
    "Fact",
    "FoundCard",
    "FoundPassage",
    "Library",
    "Limits",
    "Logistic",
    "Page",
    "Taken",
    "Weights",
    "add_vectors",
    "files_below",
    "install_starter",
    "load_card",
    "shipped_weights",
    "take_in",
    "waiting_for_vectors",
]
