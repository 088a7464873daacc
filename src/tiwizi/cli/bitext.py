"""`evaluate bitext`: whether sentences find their translations among all of them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tiwizi.cli.lines import AsJson, write_line
from tiwizi.errors import BadInput

DEPTH = 10


def bitext(
    queries: Annotated[Path, typer.Option(help="Sentences, one a line, UTF-8")],
    candidates: Annotated[Path, typer.Option(help="Their translations: line i is that of line i")],
    language: Annotated[str, typer.Option(help="Language and script of the sentences (BCP 47), such as ary-Latn")],
    json: AsJson = False,
) -> None:
    """Each sentence among the translations of all: how often its own comes first, or among ten.

    Identical candidates count as one. No instance is needed.
    """
    from tiwizi.evaluation import mean_reciprocal_rank, share
    from tiwizi.knowledge import E5, Use, rank

    asked, answers = _lines(queries), _lines(candidates)
    if len(asked) != len(answers):
        raise BadInput(f"{queries} has {len(asked)} lines and {candidates} has {len(answers)}: line i answers line i.")
    distinct = list(dict.fromkeys(answers))
    place = {text: number for number, text in enumerate(distinct)}
    if not json and sys.stderr.isatty():
        print(f"comparing {len(asked)} sentences with {len(distinct)} texts …", file=sys.stderr)
    ordered = rank(asked, distinct, language, E5(), Use())
    ranks = [int((row == place[text]).argmax()) + 1 for row, text in zip(ordered, answers, strict=True)]
    first, ten = share([r <= 1 for r in ranks]), share([r <= DEPTH for r in ranks])
    mean = mean_reciprocal_rank(ranks, DEPTH)
    if json:
        write_line(
            {
                "language": language,
                "sentences": len(asked),
                "candidates": len(distinct),
                "recall@1": round(first.value, 4),
                "recall@1_interval": [round(bound, 4) for bound in first.interval],
                "recall@10": round(ten.value, 4),
                "recall@10_interval": [round(bound, 4) for bound in ten.interval],
                "mrr@10": round(mean, 4),
            }
        )
        return
    print(f"{language}: {len(asked)} sentences, {len(distinct)} texts")
    print(f"  first      {first}")
    print(f"  among ten  {ten}")
    print(f"  MRR@10     {mean:.3f}")


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text("utf-8").removesuffix("\n")
    except OSError as error:
        raise BadInput(f"{path} cannot be opened: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8.") from None
    if not text.strip():
        raise BadInput(f"{path} has no sentence in it. Write one a line.")
    return [line.removesuffix("\r") for line in text.split("\n")]
