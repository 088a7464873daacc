"""How differently one Arabizi word is typed: the habits that make more spellings out of the listed ones."""

import re
from collections.abc import Sequence
from random import Random


def typed_again(word: str, random: Random, bold: float = 1.0) -> str:
    """The word as someone else may type it; the bolder, the further away."""

    def now(share: float) -> bool:
        return random.random() < share

    def instead(pattern: str, others: Sequence[str], share: float) -> str:
        return re.sub(pattern, lambda found: random.choice(others) if now(share) else found.group(), word)

    if now(0.6) and now(0.9):
        word = word.lower()  # no capitals for emphatic letters
    if now(0.3 * bold):
        word = instead("ch", ("sh", "sh", "sh", "sh", "x"), 1)
    if now(0.35 * bold):
        word = word.replace("kh", "5" if now(0.8) else "x")
    elif now(0.35 * bold):
        word = word.replace("5", "kh")
    if now(0.08 * bold):
        word = word.replace("gh", random.choice(("r", "4", "g", "3'")))
    if now(0.3 * bold):
        word = word.replace("9", random.choice(("q", "q", "q", "k")))
    elif now(0.3):
        word = word.replace("q", "9")
    if now(0.3 * bold):
        word = word.replace("7", "h")
    if now(0.3):
        word = word.replace("8", "h")
    if now(0.06 * bold):
        word = word.replace("3", random.choice(("a", "aa", "")))
    if now(0.5):
        word = instead("ou|oo", ("o", "u", "ou"), 0.8)
    elif now(0.5):
        word = instead("(?<![aeiou])o(?![aeiou])", ("ou", "u", "o"), 0.8)
    if now(0.2 * bold):
        word = instead("i", ("y", "e", "ee", "i", "i"), 0.5)
    if now(0.1 * bold):
        word = instead("y", ("i",), 0.6)
    if now(0.1 * bold):
        word = instead("w", ("ou", "o", "u"), 0.5)
    if now(0.35 * bold):
        word = instead("(?<=[^aeiouy])e(?=[^aeiouy])", ("", "a", "", ""), 0.7)
    if now(0.12 * bold):
        word = instead("(?<=[^aeiouy])a(?=[^aeiouy]{2})", ("e", "", ""), 0.7)
    if now(0.15 * bold):
        word = instead("(?<=[bdfjklmnrstzDSTZ39])(?=[bdfjklmnrstz7539])", ("e", "a", "e", "i"), 0.35)
    if now(0.25 * bold):
        word = re.sub(r"([b-df-hj-np-tv-zSDTZ379])\1", r"\1", word)
    if now(0.4):
        word = word.replace("2", "" if now(0.6) else "'")
    if now(0.03 * bold):
        word = instead("j", ("dj",), 0.7)
    if now(0.05 * bold) and word.endswith("a"):
        word = word[:-1] + random.choice(("ah", "e"))
    if now(0.03 * bold) and word[-1:] in ("n", "l", "r", "s", "t"):
        word += "e"
    if now(0.04 * bold) and len(word) > 3:
        at = random.randrange(1, len(word))
        word = word[:at] + word[at - 1] * random.choice((1, 2, 3)) + word[at:]
    return word


def as_agreed(spelling: str) -> str:
    """A listed spelling in the usual convention: small letters, 9, kh, ch, h for the letter 8."""
    low = spelling.lower()
    for typed, usual in (
        ("5", "kh"), ("8", "h"), ("q", "9"), ("sh", "ch"), ("'", "2"), ("$", "ch"), ("6", "t"),
        ("é", "e"), ("è", "e"), ("ê", "e"), ("à", "a"), ("ç", "s"),
    ):  # fmt: skip
        low = low.replace(typed, usual)
    return re.sub("[^a-z0-9]", "", low)
