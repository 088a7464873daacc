"""The languages of the page: which one a person reads, and how each is named in itself."""

from datetime import date, datetime
from importlib.resources import files

from babel.dates import format_date
from babel.numbers import format_percent
from litestar import Request
from litestar.datastructures import Cookie, State
from msgspec import Struct

from tiwizi.wording import direction

COOKIE = "lang"
YEAR = 31_536_000


class Tongue(Struct, frozen=True):
    """A language of the page: its code, its own name, and the tag to answer in when a question does not tell."""

    code: str
    name: str
    tag: str

    @property
    def dir(self) -> str:
        return direction(self.code)


TONGUES = {
    tongue.code: tongue
    for tongue in (
        Tongue("ary", "الدارجة", "ary-Arab"),
        Tongue("zgh", "ⵜⴰⵎⴰⵣⵉⵖⵜ", "zgh-Tfng"),
        Tongue("ar", "العربية", "ar"),
        Tongue("fr", "Français", "fr"),
        Tongue("en", "English", "en"),
    )
}
FIRST = "fr"  # when nothing tells
ALSO = {"ber": "zgh", "tzm": "zgh", "shi": "zgh", "rif": "zgh", "kab": "zgh"}  # browsers say these for Amazigh
LOCALES = {  # for dates; Latin-letter Darija and Amazigh take the French months, as people write them
    "ary": "ar_MA",
    "ary-Arab": "ar_MA",
    "ar": "ar_MA",
    "zgh": "zgh",
    "zgh-Tfng": "zgh",
}
NAMES = {  # of the languages that a question may be in, each in itself
    "ary-Arab": "الدارجة",
    "ary-Latn": "Darija",
    "zgh-Tfng": "ⵜⴰⵎⴰⵣⵉⵖⵜ",
    "zgh-Latn": "Tamaziɣt",
    "kab": "Taqbaylit",
    "rif": "Tarifit",
    "shi": "Taclḥit",
    "ar": "العربية",
    "fr": "Français",
    "en": "English",
    "es": "Español",
}


def tongue_of(request: Request[None, None, State]) -> Tongue:
    """Return the language to speak to this person: `?lang=`, else the cookie, else what the browser prefers."""
    asked = request.query_params.get("lang", "")
    for code in (asked, asked.partition("-")[0], request.cookies.get(COOKIE, "")):
        if code in TONGUES:
            return TONGUES[code]
    return TONGUES[preferred(request.headers.get("accept-language", ""))]


def preferred(accepted: str) -> str:
    """Return the code of the first language of an Accept-Language header that the page speaks."""
    wishes = []
    for place, wish in enumerate(accepted.split(",")):
        tag, _, weight = wish.strip().partition(";")
        first = tag.strip().lower().partition("-")[0]
        wishes.append((-_weight(weight), place, ALSO.get(first, first)))
    return next((code for weight, _, code in sorted(wishes) if code in TONGUES and weight < 0), FIRST)


def remembered(request: Request[None, None, State]) -> list[Cookie]:
    """Return the cookie that keeps a language chosen on the page; no other is ever set."""
    chosen = request.query_params.get("lang", "")
    if chosen not in TONGUES or "keep" not in request.query_params:
        return []
    return [Cookie(COOKIE, value=chosen, max_age=YEAR, httponly=True, samesite="lax")]


def day(time: date | str, tag: str) -> str:
    """Return a date, or the day of an RFC 3339 time, in the words of a language: 5 mars 2026."""
    when = datetime.fromisoformat(time) if isinstance(time, str) else time
    return format_date(when, "d MMMM y", locale=_locale(tag))


def percent(share: float, tag: str) -> str:
    """Return a probability as people of a language write it: 87 %. A model is never sure: 1 to 99."""
    return format_percent(min(max(share, 0.01), 0.99), locale=_locale(tag))


def name_of(tag: str) -> str:
    """Return a language's name in itself, or its tag."""
    return NAMES.get(tag, tag)


def examples(tongue: Tongue) -> list[tuple[str, str]]:
    """Return (tag, question) of the examples shown to readers of a language."""
    rows = files("tiwizi.server").joinpath("examples.tsv").read_text("utf-8").splitlines()
    cells = [row.split("\t") for row in rows if row and not row.startswith("#")]
    return [(tag, question) for code, tag, question in cells if code == tongue.code]


def _locale(tag: str) -> str:
    return LOCALES.get(tag, tag if tag in ("en", "es") else "fr")


def _weight(parameter: str) -> float:
    try:
        return float(parameter.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0
