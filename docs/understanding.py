"""Write docs/understanding.md, twenty texts and how they are understood: `python docs/understanding.py`."""

from pathlib import Path

from tiwizi.language import Evidence, Span, Utterance, normal_form, search_keys, transliterate, understand

HERE = Path(__file__).parent
NAMES = {
    "ary-Arab": "Darija in Arabic letters", "ary-Latn": "Darija in Latin letters", "zgh-Tfng": "Amazigh in Tifinagh",
    "zgh-Latn": "Amazigh in Latin letters", "ar": "Standard Arabic", "fr": "French", "en": "English", "es": "Spanish",
    "und": "no language known here",
}  # fmt: skip
TO = {"ary-Latn": "Arab", "ary-Arab": "Latn", "zgh-Latn": "Tfng", "zgh-Tfng": "Latn"}
HEAD = """# How texts are understood: twenty examples

Written by `python docs/understanding.py` from `understanding.tsv`: what follows is what the code says today,
right or wrong. *Weight* is what a piece of evidence adds to the logarithm of the odds of its language against the
strongest rival; letters are part of their word. A *rule* is a row of `src/tiwizi/language/tables/markers.tsv`. A dot
after a search key seals it: it is not to be shortened again.
"""


def page() -> str:
    """Return the page."""
    lines = (HERE / "understanding.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return "\n".join([HEAD, *(_example(number, *row) for number, row in enumerate(rows, 1))])


def _example(number: int, text: str, note: str) -> str:
    seen = understand(text, explain=True)
    out = [f"## {number}. {note}", "", f"> {text}", "", _verdict(seen), ""]
    if len(seen.spans) > 1:
        out += [f"- {_part(text, span)}" for span in seen.spans] + [""]
    if seen.evidence:
        out += ["| evidence | kind | for | weight |", "|---|---|---|---|"]
        out += [_row(one) for one in seen.evidence[:6]] + [""]
    out += [f"Normal form: `{normal_form(text)}`  "]
    out += [f"Search keys: `{' '.join(search_keys(text, seen.language)) or '(none)'}`  "]
    if to := TO.get(seen.language):
        out += [f"In {to} letters: {transliterate(text, to, seen.language).text}  "]
    return "\n".join([*out, ""])


def _verdict(seen: Utterance) -> str:
    ways = ", ".join(f"{NAMES[one.language]} {one.probability:.2f}" for one in seen.candidates[:3])
    sure = "certain" if seen.certain else "not certain"
    return f"**{NAMES[seen.language]}**, {sure} ({ways})." if ways else f"**{NAMES[seen.language]}**."


def _part(text: str, span: Span) -> str:
    return f"{text[span.start : span.end]} → {NAMES[span.language]} ({span.confidence:.2f})"


def _row(one: Evidence) -> str:
    return f"| {one.what.replace('|', '&#124;')} | {one.kind} | {NAMES[one.language]} | {one.weight:.2f} |"


if __name__ == "__main__":
    (HERE / "understanding.md").write_text(page(), "utf-8")
