"""The documentation tells the truth: its examples run, and nothing that exists lacks an entry."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import typer

from tiwizi.cli.main import app
from tiwizi.settings import Settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def blocks(file: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", (DOCS / file).read_text("utf-8"), re.DOTALL)


def settings_table() -> str:
    rows = []
    for field in msgspec.inspect.type_info(Settings).fields:  # type: ignore[attr-defined]
        meta = field.type.extra_json_schema if isinstance(field.type, msgspec.inspect.Metadata) else {}
        default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
        rows.append(f"| `{field.name}` | `{default!r}` | {(meta or {}).get('description', '')} |")
    return "\n".join(rows)


def test_the_reference_lists_every_setting_as_it_is() -> None:
    """When this fails, put the table that it prints into docs/reference.md."""
    table = settings_table()
    print(table)
    assert table in (DOCS / "reference.md").read_text("utf-8")


def test_the_reference_names_every_command() -> None:
    reference = (DOCS / "reference.md").read_text("utf-8")
    names = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert [name for name in names if f"`tiwizi {name}" not in reference] == []


@pytest.mark.parametrize("file", ["start.md", "how-to.md"])
def test_the_examples_for_the_terminal_run(file: str, tmp_path: Path) -> None:
    """In order, in one folder, with one instance, as a reader would."""
    work = tmp_path / "work"
    shutil.copytree(DOCS / "examples", work / "docs" / "examples")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tiwizi").write_text(f'#!/bin/sh\nexec {sys.executable} -m tiwizi.cli "$@"\n')
    (tmp_path / "bin" / "tiwizi").chmod(0o755)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    environment = os.environ | {"TIWIZI_HOME": str(tmp_path / "home"), "PATH": path}
    commands = [line[2:] for block in blocks(file, "console") for line in block.splitlines() if line.startswith("$ ")]
    assert commands
    for command in commands:
        done = subprocess.run(["bash", "-c", command], cwd=work, env=environment, capture_output=True, timeout=120)
        assert done.returncode == 0 and done.stdout, (command, done.stderr.decode())


def test_the_examples_in_python_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Those that need no server; the one that does is the first test of tests/server."""
    ran = [block for block in blocks("how-to.md", "python") if "openai" not in block]
    for block in ran:
        exec(compile(block, "how-to.md", "exec"), {})
    assert ran and "[CIN_1]\nCIN AB123456\n" in capsys.readouterr().out


def test_the_examples_of_the_language_room_run() -> None:
    ran = blocks("language.md", "python")
    for block in ran:
        exec(compile(block, "language.md", "exec"), {})
    assert len(ran) >= 4


def test_the_twenty_examples_are_what_the_code_says() -> None:
    """When this fails, run `python docs/understanding.py` and read what has changed."""
    spec = importlib.util.spec_from_file_location("understanding", DOCS / "understanding.py")
    assert spec and spec.loader
    written = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(written)
    page = (DOCS / "understanding.md").read_text("utf-8")
    assert written.page() == page and page.count("\n## ") == 20


def test_every_shipped_model_has_a_card_that_the_docs_lead_to() -> None:
    models = ROOT / "src" / "tiwizi" / "language" / "models"
    cards = {path.name: path.read_text("utf-8") for path in models.glob("*.md")}
    listed = (DOCS / "models.md").read_text("utf-8")
    for model in models.iterdir():
        if model.suffix != ".md":
            digest = hashlib.sha256(model.read_bytes()).hexdigest()
            of = [name for name, card in cards.items() if digest in card]
            assert of and all(name in listed for name in of), f"{model.name}: no card has its digest {digest}"


def test_links_between_documents_lead_somewhere() -> None:
    wrong = []
    for file in [*DOCS.glob("*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text("utf-8")):
            if not (file.parent / target).exists():
                wrong.append(f"{file.name}: {target}")
    assert wrong == []
