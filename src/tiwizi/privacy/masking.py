"""Masking a text before anything else sees it, and giving a person's own words back to them."""

from collections.abc import Iterator

from msgspec import Struct

from tiwizi.privacy.finding import TYPED, Finding, find_values, placeholder_pattern
from tiwizi.privacy.vault import Vault


class Screened(Struct, frozen=True):
    """A masked text, what was found in the original, and the vault that can undo it."""

    masked: str
    findings: tuple[Finding, ...]
    vault: Vault


def screen(text: str, vault: Vault | None = None) -> Screened:
    """Return `text` with each piece of personal data replaced by a placeholder such as `[CIN_1]`.

    With the vault of a conversation, a value keeps its placeholder through all of it, however it is spelled.
    `restore(screened.masked, screened.vault)` is `text` again for every string, and a masked text stays as it is.
    A placeholder that the person typed themselves stays too, and its number is never given out; if it was given out
    already, the typed one is masked as `[TYPED_1]`, which is no finding.
    """
    vault = Vault() if vault is None else vault
    if vault.original(text) is not None:
        return Screened(text, (), vault)
    found = find_values(text)
    typed = list(_typed(text, vault))
    if not found and not typed:
        return Screened(text, (), vault)
    replaced = [(finding.start, finding.end, vault.name(finding.kind, value, finding.text)) for finding, value in found]
    replaced = sorted([*replaced, *typed])
    masked = "".join(_with(text, replaced))
    vault.remember(masked, text)
    return Screened(masked, tuple(finding for finding, _value in found), vault)


def restore(text: str, vault: Vault) -> str:
    """Return `text` with the placeholders of `vault` replaced by the person's own words; others stay.

    A text that `screen` returned comes back to the letter; in any other, a value is spelled as it first was.
    """
    original = vault.original(text)
    if original is not None:
        return original
    if "[" not in text:
        return text
    return placeholder_pattern().sub(lambda found: vault.words(found.group()), text)


def _typed(text: str, vault: Vault) -> Iterator[tuple[int, int, str]]:
    for found in placeholder_pattern().finditer(text) if "[" in text else ():
        placeholder = found.group()
        if vault.knows(placeholder):
            yield *found.span(), vault.name(TYPED, placeholder, placeholder)
        else:
            vault.reserve(placeholder)


def _with(text: str, replaced: list[tuple[int, int, str]]) -> Iterator[str]:
    done = 0
    for start, end, instead in replaced:
        yield text[done:start]
        yield instead
        done = end
    yield text[done:]
