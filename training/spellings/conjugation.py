"""Darija verbs conjugated and words with what is joined to them, in both scripts side by side.

The Latin forms are those of the Darija Open Dataset (MIT); the Arabic ones follow from the verb's Arabic spelling.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

Kind = Literal["past", "present", "bare", "future", "imperative"]
_PERSONS = ("ana", "nta", "nti", "howa", "hia", "7na", "ntoma", "homa")
_PLURALS = ("7na", "ntoma", "homa")
_WEAK = "اى"  # a last letter that changes with the person
_PREFIX = {"ana": "ن", "nta": "ت", "nti": "ت", "howa": "ي", "hia": "ت", "7na": "ن", "ntoma": "ت", "homa": "ي"}
_IRREGULAR_STEM = {"كلا": "اكل", "خدا": "اخد", "جا": "جي"}
_IRREGULAR_IMPERATIVE = {"مشا": "سير", "جا": "أجي", "كلا": "كول", "خدا": "خود"}
_SUN = "tdrznsTDSZ"


class Conjugated(NamedTuple):
    """A form of a verb in both scripts."""

    verb: str  # in Arabic script
    latin: str
    arabic: str
    kind: Kind


def conjugate(folder: Path, verbs: dict[str, str]) -> Iterator[Conjugated]:
    """All forms of the listed verbs; `verbs` says how each is written in Arabic script."""
    for row in _rows(folder / "conjug_past.csv"):
        verb = verbs.get(row["howa"])
        for person in _PERSONS if verb else ():
            if verb and row[person] and " " not in row[person]:
                yield Conjugated(verb, row[person], _past(verb, person, row[person]), "past")
    for row in _rows(folder / "conjug_present.csv"):
        verb = verbs.get(row["root"])
        stem = _stem(verb, row["howa"]) if verb else ""
        for person in _PERSONS if verb else ():
            latin = row[person]
            if verb and " " not in latin and latin.startswith("ka") and latin[2:3] in tuple("ntyiT"):
                yield from _present(verb, latin[2:], _PREFIX[person] + _with_person(stem, person))
    for row in _rows(folder / "imperatives.csv"):
        verb = verbs.get(row["root_darija"])
        for person in ("nta", "nti", "ntoma") if verb else ():
            if verb and row[person] and " " not in row[person]:
                yield Conjugated(verb, row[person], _imperative(verb, person, row[person]), "imperative")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {key: (value or "").strip() for key, value in row.items() if key}


def _is_hollow(verb: str) -> bool:
    return len(verb) >= 3 and verb[-2] == "ا" and verb[-1] not in _WEAK


def _past(verb: str, person: str, latin: str) -> str:
    weak = verb[-1] in _WEAK
    root = verb[:-1] if weak else verb
    long_ending = {"ana": "يت", "nta": "يتي", "nti": "يتي", "7na": "ينا", "ntoma": "يتو"}.get(person)
    if long_ending and re.search("(it|iti|ina|itou?)$", latin):
        return root + long_ending
    if person == "howa":
        return verb
    if person == "hia":
        return root + ("ت" if _is_hollow(verb) and len(verb) == 3 else "ات")
    if person == "homa":
        return root + ("او" if weak else "و")
    if _is_hollow(verb) and (len(verb) == 3 or not re.search("a[^aeiou]{1,3}i?t", latin)):
        verb = verb[:-2] + verb[-1]
    return verb + {"ana": "ت", "nta": "تي", "nti": "تي", "7na": "نا", "ntoma": "تو"}[person]


def _stem(verb: str, latin: str) -> str:
    """What stays through the present, from the form for "he": its last vowel tells which."""
    if verb in _IRREGULAR_STEM:
        return _IRREGULAR_STEM[verb]
    body = re.sub("^(kay|kai|ki|kan|kat|ka)", "", latin)
    if verb[-1] in _WEAK:
        return verb if body[-1:] == "a" or body[-1:] not in tuple("iye") else verb[:-1] + "ي"
    if _is_hollow(verb):
        vowel = re.search(r"(ou|o|u|i|e|a|y)[^aeiou]{1,3}$", body)
        heard = vowel.group(1) if vowel else "o"
        if heard[0] in "ou":
            return verb[:-2] + "و" + verb[-1]
        if heard in "iye" and len(verb) == 3:
            return verb[:-2] + "ي" + verb[-1]
    return verb


def _with_person(stem: str, person: str) -> str:
    if person == "nti":
        return stem if stem[-1] == "ي" else stem[:-1] + "اي" if stem[-1] in _WEAK else stem + "ي"
    if person in _PLURALS:
        return stem[:-1] + "او" if stem[-1] in _WEAK else stem + "و"
    return stem


def _present(verb: str, latin: str, arabic: str) -> Iterator[Conjugated]:
    yield Conjugated(verb, "ka" + latin, "ك" + arabic, "present")
    yield Conjugated(verb, latin, arabic, "bare")
    yield Conjugated(verb, "gha" + latin, "غ" + arabic, "future")
    if latin[0] == "y":
        yield Conjugated(verb, "ki" + latin[1:], "ك" + arabic, "present")
        yield Conjugated(verb, "i" + latin[1:], arabic, "bare")
        yield Conjugated(verb, "ghi" + latin[1:], "غ" + arabic, "future")


def _imperative(verb: str, person: str, latin: str) -> str:
    if verb in _IRREGULAR_IMPERATIVE and not (verb == "مشا" and latin[0] != "s"):
        return _with_person(_IRREGULAR_IMPERATIVE[verb], person)
    if person != "nta" and verb[-1] in _WEAK:
        stem = verb[:-1] + "ي" if re.search("(iw|io|iou|i)$", latin) else verb
    else:
        stem = _stem(verb, latin if person == "nta" else re.sub("(i|ou?|u|w)$", "", latin))
    return _with_person(stem, person)


def with_noun_affix(latin: str, arabic: str, random: Random) -> tuple[str, str] | None:
    """A noun with its article, a preposition or an owner, as often as people say it; nothing when it takes none."""
    if arabic.startswith("ال"):
        return None
    if random.random() < 0.45:
        return _with_article(latin, arabic, random)
    ending, arabic_ending = random.choice(
        (("i", "ي"), ("k", "ك"), ("ek", "ك"), ("o", "و"), ("ou", "و"), ("ha", "ها"), ("na", "نا"), ("kom", "كم"),
         ("koum", "كم"), ("hom", "هم"), ("houm", "هم"))
    )  # fmt: skip
    if arabic.endswith("ة") and latin.endswith("a"):
        joint = "t" if ending in ("i", "o", "ou", "k", "ek") else random.choice(("t", "at", "et"))
        return latin[:-1] + joint + ending, arabic[:-1] + "ت" + arabic_ending
    return None if latin[-1] in "aeiouy" else (latin + ending, arabic + arabic_ending)


def _with_article(latin: str, arabic: str, random: Random) -> tuple[str, str] | None:
    if latin[0] in "lL":
        return None
    start, arabic_start = random.choice(
        (("l", "ال"), ("l", "ال"), ("l", "ال"), ("el", "ال"), ("al", "ال"), ("bl", "بال"), ("fl", "فال"), ("wl", "وال"),
         ("ol", "وال"), ("b", "ب"), ("f", "ف"), ("w", "و"), ("o", "و"), ("lil", "لل"), ("tl", "تال"))
    )  # fmt: skip
    sun = latin[0] in _SUN or latin[:2] in ("ch", "sh")
    if arabic_start.endswith("ال") and sun and random.random() < 0.75:
        # the article is heard as a doubled first letter: ttaman, fddar
        sound = latin[:2] if latin[:2] in ("ch", "sh") else latin[0]
        start = {"l": "", "el": "e", "al": "a"}.get(start, start[:-1])
        return start + sound + latin, arabic_start + arabic
    return start + latin, arabic_start + arabic


def with_verb_affix(form: Conjugated, random: Random) -> tuple[str, str]:
    """A verb form denied, with an object, or after "and"."""
    latin, arabic = form.latin, form.arabic
    luck = random.random()
    if luck < 0.1 or luck < 0.45 and form.kind != "imperative":
        end = random.choice(("ch", "ch", "ch", "sh", "x" if latin[-1] not in "aeiouy" else "ch"))
        return random.choice(("ma", "ma", "ma", "m")) + latin + end, "ما" + arabic + "ش"
    if luck < 0.8:
        vowel = latin[-1] in "aeiouyw"
        ending, arabic_ending = random.choice(
            (("ha", "ها"), ("hom", "هم"), ("houm", "هم"), ("kom", "كم"), ("na", "نا"), ("ni", "ني"), ("ni", "ني"),
             ("k", "ك") if vowel else ("ek", "ك"), ("h", "ه") if vowel else ("o", "و"), ("lia", "ليا"), ("liya", "ليا"),
             ("li", "لي"), ("lik", "ليك"), ("lih", "ليه"), ("liha", "ليها"), ("lina", "لينا"), ("likom", "ليكم"),
             ("lihom", "ليهم"), ("lo", "لو"))
        )  # fmt: skip
        stem = arabic[:-1] + "ا" if arabic.endswith("ى") else arabic
        if random.random() < 0.25:
            return f"ma{latin}{ending}ch", f"ما{stem}{arabic_ending}ش"
        return latin + ending, stem + arabic_ending
    return random.choice(("o", "w", "ou", "u")) + latin, "و" + arabic
