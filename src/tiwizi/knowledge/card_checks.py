"""What is wrong with a card, and what it still lacks, told to the clerk who writes it.

An error misleads a reader; a warning is a gap, or something to look at again. Each rule is a function of one card's
file, but for the last: aliases are compared between all cards that are checked together.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct
from sqlalchemy import select

from tiwizi.errors import Unreadable
from tiwizi.knowledge.card_coverage import WANTED
from tiwizi.knowledge.card_file import Source
from tiwizi.knowledge.cards import Card, Fact, load_card
from tiwizi.language import normal_form, search_keys
from tiwizi.store import Store, tables

YEAR = timedelta(days=365)  # what was read or changed before this is due for another look
ALIAS_TAGS = ("fr", "ar", "ary-Arab", "ary-Latn", "zgh-Tfng", "zgh-Latn")

Severity = Literal["error", "warning"]
Laws = Mapping[str, frozenset[str]]  # the articles of each law that the instance holds, by the law's number: "55.19"


class Problem(Struct, frozen=True):
    """Something to mend in one card: where, and what to do."""

    file: str
    where: str  # "fact 3 (fee)", "aliases", …; "" when it is the whole card
    severity: Severity
    rule: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.where}" if self.where else self.file
        return f"{place}: {'warning: ' if self.severity == 'warning' else ''}{self.message}"


class Checked(Struct, frozen=True):
    """What a check found: the cards that could be read, and what is to be mended in these and in the others."""

    cards: tuple[Card, ...]
    problems: tuple[Problem, ...]

    def count(self, severity: Severity) -> int:
        """Return how many problems there are of one severity."""
        return sum(problem.severity == severity for problem in self.problems)


class _Opened(Struct, frozen=True):
    """A card with its file's text and with its sources under the names that the file gives them."""

    file: str
    text: str
    card: Card
    sources: dict[str, Source]
    used: frozenset[str]  # names of the sources that facts rest on
    today: date
    laws: Laws

    def facts(self) -> Iterator[tuple[str, Fact]]:
        """Each fact, after the words that say where it stands."""
        for number, fact in enumerate(self.card.facts, start=1):
            yield f"fact {number} ({fact.field})", fact


Found = tuple[str, Severity, str]  # where, how bad, what
Rule = Callable[[_Opened], Iterator[Found]]
RULES: dict[str, Rule] = {}


def rule(name: str) -> Callable[[Rule], Rule]:
    """Register a rule under the name that `--json` gives with what it finds."""

    def register(check: Rule) -> Rule:
        RULES[name] = check
        return check

    return register


def check_cards(paths: Iterable[Path], today: date, laws: Laws | None = None) -> Checked:
    """Return what is wrong with the cards in these files and what they lack, file by file.

    A file that is not a card is listed with its reason and stops nothing. With `laws`, the articles that cards cite
    are looked up in them.
    """
    opened, problems = [], []
    for path in paths:
        try:
            opened.append(_open(path, today, laws or {}))
        except Unreadable as error:
            problems.append(_unread(path, str(error)))
    for one in opened:
        for name, check in RULES.items():
            problems += [Problem(one.file, where, severity, name, what) for where, severity, what in check(one)]
    problems += _shared_aliases(opened)
    return Checked(tuple(one.card for one in opened), tuple(sorted(problems, key=lambda problem: problem.file)))


def _open(path: Path, today: date, laws: Laws) -> _Opened:
    card = load_card(path)
    text = path.read_text("utf-8")
    written = msgspec.toml.decode(text)
    sources = msgspec.convert(written["sources"], dict[str, Source])
    used = frozenset(fact["source"] for fact in written["facts"])
    return _Opened(path.name, text, card, sources, used, today, laws)


def _unread(path: Path, reason: str) -> Problem:
    reason = reason.removeprefix(f"{path.name}: ")
    where, found, what = reason.partition(": ")
    inside = bool(found) and where.startswith("fact ")
    return Problem(path.name, where if inside else "", "error", "file", what if inside else reason)


# languages


@rule("languages")
def _languages(one: _Opened) -> Iterator[Found]:
    for tag in WANTED:
        if tag not in one.card.name:
            yield "name", "warning", f"{tag} is missing"
        lacking = [number for number, fact in enumerate(one.card.facts, start=1) if tag not in fact.texts]
        if lacking:
            where = "fact" if len(lacking) == 1 else "facts"
            yield f"{where} {_runs(lacking)}", "warning", f"{tag} is missing"
    for tag in ALIAS_TAGS:
        if not one.card.aliases.get(tag):
            yield "aliases", "warning", f"{tag} is missing: write how people ask for it"


def _runs(numbers: list[int]) -> str:
    """Write numbers in order as people do: 1-4, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


# sources

LAW = re.compile(r"(?i)\b(?:loi|décret|dahir|arrêté|circulaire|constitution|code|traité|convention)\b")
MEMORY = re.compile(r"(?i)\bde mémoire\b")
NUMBERED = {  # a kind of text, and its number as the Bulletin officiel writes it
    "loi": (re.compile(r"\d{1,3}-\d{2}"), "55-19"),
    "décret": (re.compile(r"2-\d{2}-\d{1,4}"), "2-20-521"),
    "dahir": (re.compile(r"1-\d{2}-\d{1,4}"), "1-09-15"),
}
CALLED = re.compile(
    r"(?i)\b(?P<kind>loi|décret|dahir)(?P<law> portant loi)?(?:-cadre| organique)?(?: n°| no\.?| numéro)?[ \xa0]"
    r"(?P<number>\d[\w./-]*)"
)
NUMBER = re.compile(r"(?<![\d.-])\d{1,3}(?:[-.]\d{2,4}){1,2}(?![\d-])")
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?:/\S*)?")


@rule("sources")
def _sources(one: _Opened) -> Iterator[Found]:
    for name, source in one.sources.items():
        where = f"source {name}"
        if name not in one.used:
            yield where, "warning", "no fact rests on it: use it or take it out"
        if source.site and not HOST.fullmatch(source.site):
            yield where, "error", f"site is {source.site!r}: write its address without https://, as in cnss.ma"
        if not source.site and not LAW.search(source.fr) and not MEMORY.search(source.fr):
            yield where, "warning", "it is no text of law: say which site it is and when it was seen"
        elif source.site and source.seen is None:
            yield where, "warning", "say when the page was seen, as in seen = 2026-11-22"


@rule("law numbers")
def _law_numbers(one: _Opened) -> Iterator[Found]:
    for name, source in one.sources.items():
        for called in CALLED.finditer(source.fr):
            kind = "dahir" if called["law"] else called["kind"].casefold()
            shape, example = NUMBERED[kind]
            if not shape.fullmatch(called["number"].rstrip(".")):
                what = f"{called[0]!r} has no number of a {called['kind'].casefold()}: write it as in {example}"
                yield f"source {name}", "error", what
        french, arabic = (_laws_in(text) for text in (source.fr, source.ar))
        if french != arabic:
            yield f"source {name}", "error", f"its number differs: fr {_list(french)}, ar {_list(arabic)}"


def _laws_in(text: str) -> set[str]:
    """The numbers of laws in a text, in one shape: 55.19."""
    return {number.replace("-", ".") for number in NUMBER.findall(normal_form(text))}


# dates


@rule("dates")
def _dates(one: _Opened) -> Iterator[Found]:
    card = one.card
    seen = [(f"source {name}", "seen", source.seen) for name, source in one.sources.items()]
    for where, field, day in (("", "updated", card.updated), ("", "reviewed_on", card.reviewed_on), *seen):
        if day is not None and day > one.today:
            yield where, "error", f"{field} is {day}, which is still to come"
        elif day is not None and one.today - day > YEAR:
            yield where, "warning", f"{field} is {day}, more than a year ago: review due"
    if card.review == "reviewed" and card.reviewed_on is None:
        yield "", "warning", f"say when {card.reviewed_by!r} read it, as in reviewed_on = 2026-11-22"
    if card.reviewed_on is not None and card.reviewed_on < card.updated:
        yield "", "warning", f"it was changed on {card.updated}, after its review of {card.reviewed_on}"


# references


@rule("references")
def _references(one: _Opened) -> Iterator[Found]:
    for where, fact in one.facts():
        if fact.confirm and not HOST.fullmatch(fact.confirm):
            yield where, "error", f"confirm is {fact.confirm!r}: write a site without https://, as in passeport.ma"
        for law in sorted(_laws_in(fact.source.fr) & one.laws.keys()):
            last = max(map(int, one.laws[law]))
            for article in re.findall(r"\d+", fact.source.article):
                if int(article) > last:
                    yield where, "error", f"{fact.source.fr} is held here and ends with article {last}, not {article}"
                elif (
                    article not in one.laws[law]
                ):  # the card may be right: copies of laws lose a heading here and there
                    yield where, "warning", f"{fact.source.fr} is held here and no article {article} was found in it"


# figures

THOUSANDS = re.compile(r"(?<![\d.,-])\d{1,3}(?:[ \xa0\u202f.]\d{3})+(?![\d-]|[.,]\d)")  # 500 000, and 500.000 in Arabic
ADDRESS = re.compile(r"\S+\.[a-z]{2,}\S*")  # le360.ma has no figure in it
SPELLED = {  # figures that people write as words, in any of the languages
    "1": "one un une an mois premier première واحد واحدة عام سنة شهر يوم نهار أول مرة ⵢⴰⵏ ⵢⴰⵜ",
    "2": "two deux اثنان اثنين اثنتان اثنتين جوج يومان يومين يوماين شهران شهرين عامان عامين سنتان سنتين "
    "نسختان نسختين صورتان صورتين مرتين شاهدان شاهدين ⵙⵉⵏ ⵙⵏⴰⵜ",
    "3": "three trois ثلاث ثلاثة تلاتة ⵢⵕⴰⴹ ⴽⵕⴰⴹ ⴽⵕⴰⴹⵜ",
    "4": "four quatre أربع أربعة ربعة ⴽⴽⵓⵥ ⴽⴽⵓⵥⵜ",
    "5": "five cinq خمس خمسة ⵙⵎⵎⵓⵙ ⵙⵎⵎⵓⵙⵜ",
    "6": "six six ست ستة ⵚⴹⵉⵚ ⵚⴹⵉⵚⵜ",
    "7": "seven sept سبع سبعة ⵙⴰ ⵙⴰⵜ",
    "8": "eight huit ثمان ثماني ثمانية تمنية ⵜⴰⵎ ⵜⴰⵎⵜ",
    "9": "nine neuf تسع تسعة تسعود ⵜⵥⴰ ⵜⵥⴰⵜ",
    "10": "ten dix عشر عشرة ⵎⵔⴰⵡ ⵎⵔⴰⵡⵜ",
}


@rule("figures")
def _figures(one: _Opened) -> Iterator[Found]:
    texts = [("name", one.card.name), *((where, fact.texts) for where, fact in one.facts())]
    for where, written in texts:
        figures = {tag: _figures_in(text) for tag, text in written.items()}
        for tag in written:
            lacking = {n for n in figures["fr"] - figures[tag] if not _spelled(n, written[tag])}
            added = {n for n in figures[tag] - figures["fr"] if not _spelled(n, written["fr"])}
            if lacking and added:
                yield where, "error", f"the figures differ: fr {_list(lacking)}, {tag} {_list(added)}"
            elif (lacking or added) and where != "name":  # "a minor" is "under 18" in Darija
                has, has_not = ("fr", tag) if lacking else (tag, "fr")
                yield where, "warning", f"{_list(lacking or added)} stands in {has} and not in {has_not}"


def _figures_in(text: str) -> set[str]:
    plain = THOUSANDS.sub(lambda figure: re.sub(r"\D", "", figure[0]), ADDRESS.sub(" ", normal_form(text)))
    return {str(int(figure)) for figure in re.findall(r"\d+", plain)} - {"0"}  # 08:00 is 8 o'clock


def _spelled(figure: str, text: str) -> bool:
    """Whether a text has a small number in words, perhaps with "and" or an article joined to it in Arabic."""
    words = re.findall(r"\w+", text.casefold())
    bare = {re.sub(r"^(?:[وفبلك]|ال|فال|بال|وال)(?=\w{3})", "", word) for word in words}
    return bool((set(words) | bare) & set(SPELLED.get(figure, "").split()))


def _list(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "none"


# wording

CAREFUL = {  # how a text of an unsure fact begins; the first way is the one to write
    "fr": ("Selon nos informations",),
    "ar": ("حسب المعلومات المتوفرة لدينا",),
    "ary-Arab": ("على حساب المعلومات اللي عندنا",),
    "zgh-Tfng": ("ⵙⴳ ⵉⵏⵖⵎⵉⵙⵏ ⵏⵏⴰ ⵖⵓⵔⵏⵖ", "ⵙⴳ ⵉⵏⵖⵎⵉⵙⵏ", "ⵙ ⵉⵏⵖⵎⵉⵙⵏ"),
}


@rule("to be confirmed")
def _careful(one: _Opened) -> Iterator[Found]:
    for where, fact in one.facts():
        for tag in (tag for tag in CAREFUL if tag in fact.texts):
            careful = fact.texts[tag].startswith(CAREFUL[tag])
            words, sure = CAREFUL[tag][0], fact.confidence
            if not careful and not fact.certain:
                yield where, "error", f"its confidence is {sure!r}, so begin in {tag} with «{words}»"
            if careful and fact.certain:
                yield where, "warning", f"its confidence is {sure!r}, so {tag} need not begin with «{words}»"


@rule("escapes")
def _escapes(one: _Opened) -> Iterator[Found]:
    """A citation opens at the very words of the file."""
    for where, fact in one.facts():
        for tag, text in fact.texts.items():
            if text not in one.text:
                yield where, "error", f"write {tag} as people read it, without \\"


# between cards


def _shared_aliases(opened: Iterable[_Opened]) -> Iterator[Problem]:
    """A phrase that belongs to two cards helps to find neither."""
    owners: dict[tuple[str, ...], dict[str, str]] = {}
    for one in opened:
        for tag, phrases in one.card.aliases.items():
            for phrase in phrases:
                keys = tuple(search_keys(phrase, tag))
                if keys:
                    owners.setdefault(keys, {}).setdefault(one.file, phrase)
                else:
                    yield Problem(one.file, "aliases", "warning", "aliases", f"search sees no word in {tag} {phrase!r}")
    for shared in owners.values():
        first, *others = sorted(shared)
        for other in others:
            same = normal_form(shared[first]) == normal_form(shared[other])
            what = f"{shared[other]!r} " + (
                f"is an alias of {first} too" if same else f"is to search the same as {shared[first]!r} of {first}"
            )
            yield Problem(other, "aliases", "error" if same else "warning", "aliases", what)


async def laws_held(store: Store) -> Laws:
    """Return the articles of each law that an instance holds as a document; see `articles_held`."""
    documents, passages = tables.documents, tables.passages
    titles = select(documents.c.id, documents.c.title).where(documents.c.kind == "document")
    labels = select(passages.c.document, passages.c.article).where(passages.c.article.is_not(None)).distinct()
    articles: dict[int, list[str]] = {}
    async with store.reading() as connection:
        held = (await connection.execute(titles)).all()
        for number, label in await connection.execute(labels):
            articles.setdefault(number, []).append(label)
    return articles_held((title, articles.get(number, ())) for number, title in held)


def articles_held(titles: Iterable[tuple[str, Iterable[str]]]) -> Laws:
    """Return the articles of each law among documents, given as (title, labels of their articles).

    A document is the law whose number its title names first. A dahir holds the text of the law that it promulgates; a
    decree has a number of its own, and is not the law that it applies. A document in which no article was found tells
    nothing and is left out.
    """
    held: dict[str, frozenset[str]] = {}
    for title, labels in titles:
        articles = frozenset(found[0] for label in labels if (found := re.match(r"\d+", label)))
        for number in _own_numbers(normal_form(title)) if articles else ():
            held[number] = held.get(number, frozenset()) | articles
    return held


def _own_numbers(title: str) -> list[str]:
    numbers = [number.replace("-", ".") for number in NUMBER.findall(title)]
    if re.match(r"\W*(?:dahir|ظهير)", title):
        return numbers
    if re.match(r"\W*(?:decret|décret|مرسوم|arrete|arrêté|قرار|circulaire|منشور|دوريه)", title):
        return [number for number in numbers[:1] if re.fullmatch(r"2\.\d{2}\.\d+", number)]
    return numbers[:1]
