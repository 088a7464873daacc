"""What `understand` shows on a terminal: the text with each stretch in a colour and labelled, and a legend.

The labels are always there: a colour is never the only sign. Rich leaves the colours out for NO_COLOR, and when the
output goes to a file or another program.
"""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from tiwizi.cli.lines import printable
from tiwizi.language import Utterance
from tiwizi.wording import name_in

STYLES = {
    "ary-Arab": "black on green",
    "ary-Latn": "black on green",
    "zgh-Tfng": "black on yellow",
    "zgh-Latn": "black on yellow",
    "zgh-Arab": "black on yellow",
    "ar": "white on blue",
    "fr": "black on cyan",
    "en": "black on magenta",
    "es": "white on red",
}
OTHER = "reverse"
LABEL = "bold"
EVIDENCE = 20  # lines of it at most


def show(utterance: Utterance) -> None:
    """Print a text with its languages, and its evidence if it has some."""
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in lines(utterance):
        console.print(line)


def lines(utterance: Utterance) -> Iterator[Text]:
    """Yield what is printed, line by line: the verdict, the text, the legend, the evidence."""
    yield _verdict(utterance)
    yield _stretches(utterance)
    for tag in dict.fromkeys(span.language for span in utterance.spans):
        yield Text.assemble("  ", (f"[{tag}]", _style(tag)), f" {name_in(tag, 'en')}")
    heaviest = sorted(utterance.evidence, key=lambda one: -abs(one.weight))
    for one in heaviest[:EVIDENCE]:
        words = printable(utterance.text[one.start : one.end])
        said = f"  {one.weight:+6.2f}  {one.language:<8}  {one.kind:<7}  {words}"
        yield Text(said if one.what == words else f"{said}  ({printable(one.what)})")


def _verdict(utterance: Utterance) -> Text:
    first = f"{utterance.language}  {utterance.script}  {utterance.confidence:.2f}"
    if utterance.certain or len(utterance.candidates) < 2:
        return Text(first if utterance.certain else f"{first}  not certain")
    others = (f"{one.language} {one.probability:.2f}" for one in utterance.candidates[1:])
    return Text(f"{first}  not certain; or {', '.join(others)}")


def _stretches(utterance: Utterance) -> Text:
    shown, done = Text(), 0
    for span in utterance.spans:
        shown.append(printable(utterance.text[done : span.start]))
        shown.append(printable(utterance.text[span.start : span.end]), _style(span.language))
        shown.append(f" [{span.language}]", LABEL)
        done = span.end
    shown.append(printable(utterance.text[done:]))
    return shown


def _style(tag: str) -> str:
    return STYLES.get(tag, OTHER)
