"""Read the search keys of all phrases of the tables and the starter pack, so that a start does not wait for it.

    python training/keys.py

Run it after a phrase of `tables/` or a card changed, or what `search_keys` says; a test tells when it is out of date.
Writes `src/tiwizi/knowledge/models/keys.json`.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from tiwizi.knowledge import load_card
from tiwizi.knowledge.matching import CardMatcher
from tiwizi.knowledge.phrase_keys import FILE, phrase_keys
from tiwizi.knowledge.terms import told_phrases, topics_elsewhere

ROOT = Path(__file__).parents[1]
CARDS = ROOT / "src/tiwizi/packs/starter/cards"


def all_phrases() -> Iterator[tuple[str, str]]:
    """Yield every phrase that search compares with, and its language."""
    yield from told_phrases()
    cards = [load_card(path) for path in sorted(CARDS.glob("*.toml"))]
    yield from ((phrase.text, phrase.tag) for phrase in CardMatcher(cards, topics_elsewhere()).phrases)


def main() -> None:
    """Write the file."""
    out = ROOT / "src/tiwizi/knowledge" / FILE
    found = phrase_keys(all_phrases())
    out.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    print(f"{sum(map(len, found.values()))} phrases, {out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
