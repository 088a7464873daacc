"""The models that this Tiwizi uses, what each is for, and in which languages it was measured.

A model is trusted with a language only where a scorecard says so. Models shipped with Tiwizi bring theirs; for a
language model that an operator adds, the languages are those that the operator vouches for in the settings, until a
scorecard is measured.
"""

from collections.abc import Sequence

from msgspec import Struct

from tiwizi.engines import Engine


class ModelCard(Struct, frozen=True, kw_only=True):
    """One model: what it does, where it runs, and for which languages it may be used."""

    name: str
    purpose: str
    jurisdiction: str
    licence: str
    languages: tuple[str, ...]
    digest: str = ""


SHIPPED = (
    ModelCard(
        name="tiwizi-language",
        purpose="tells which language a text is in",
        jurisdiction="local",
        licence="CC BY-SA 4.0",
        languages=("ary-Arab", "ary-Latn", "zgh-Tfng", "zgh-Latn", "ar", "fr", "en", "es"),
    ),
    ModelCard(
        name="multilingual-e5-small",
        purpose="finds passages by meaning",
        jurisdiction="local",
        licence="MIT",
        languages=("ar", "fr", "en", "es", "ary-Arab"),
    ),
)


def cards(engines: Sequence[Engine]) -> list[ModelCard]:
    """Return the cards of all models in use: those shipped, then the engines that were configured."""
    configured = [
        ModelCard(
            name=engine.name,
            purpose="writes answers from the passages found",
            jurisdiction=engine.jurisdiction,
            licence="as its publisher says",
            languages=tuple(sorted(engine.languages)),
            digest=engine.digest,
        )
        for engine in engines
    ]
    return [*SHIPPED, *configured]
