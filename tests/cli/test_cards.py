"""`cards`: what a clerk sees of the cards, on the terminal and as JSON."""

import json
import re
from importlib.resources import files
from pathlib import Path

from .conftest import Run

SHIPPED = files("tiwizi").joinpath("packs/starter/cards")


def card(folder: Path, name: str, was: str = "", becomes: str = "") -> Path:
    """A shipped card in a folder of the test's own, with something changed in it."""
    text = SHIPPED.joinpath(f"{name}.toml").read_text("utf-8")
    assert was in text
    path = folder / f"{name}.toml"
    path.write_text(text.replace(was, becomes, 1) if was else text, "utf-8")
    return path


def test_without_a_path_the_cards_of_the_starter_pack_are_checked(tiwizi: Run) -> None:
    done = tiwizi("cards", "check")
    assert done.returncode == 0 and not done.stderr, done.stdout.decode()
    lines = done.stdout.decode().splitlines()
    assert f"{len(list(SHIPPED.iterdir()))} cards read: 0 errors" in lines[-1]
    assert all(".toml: " in line for line in lines[:-1])


def test_an_error_is_a_line_with_its_place_and_status_1(tiwizi: Run, tmp_path: Path) -> None:
    card(tmp_path, "cnie-renewal", "75 درهما", "57 درهما")
    (tmp_path / "broken.toml").write_text("id = ", "utf-8")
    done = tiwizi("cards", "check", str(tmp_path))
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 1 and not done.stderr
    assert "cnie-renewal.toml: fact 10 (fee): the figures differ: fr 75, ar 57" in lines
    assert [line for line in lines if line.startswith("broken.toml: ")]
    assert lines[-1].startswith("1 card read: 2 errors, ")


def test_json_tells_the_same_in_fields(tiwizi: Run, tmp_path: Path) -> None:
    path = card(tmp_path, "cnie-renewal", "75 درهما", "57 درهما")
    done = tiwizi("cards", "check", "--json", str(path))
    told = json.loads(done.stdout)
    assert done.returncode == 1 and (told["cards"], told["errors"]) == (1, 1)
    (problem,) = [one for one in told["problems"] if one["severity"] == "error"]
    assert problem == {
        "file": "cnie-renewal.toml",
        "where": "fact 10 (fee)",
        "severity": "error",
        "rule": "figures",
        "message": "the figures differ: fr 75, ar 57",
    }


def test_gaps_are_no_errors_unless_one_is_strict(tiwizi: Run, tmp_path: Path) -> None:
    path = card(tmp_path, "cnie-renewal")
    path.write_text(re.sub("(?m)^updated = .*$", "updated = 2020-11-22", path.read_text("utf-8")), "utf-8")
    assert tiwizi("cards", "check", str(path)).returncode == 0
    done = tiwizi("cards", "check", "--strict", str(path))
    assert done.returncode == 1 and b"review due" in done.stdout


def test_a_path_without_cards_is_refused_on_one_line(tiwizi: Run, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        done = tiwizi("cards", "check", str(path))
        assert done.returncode == 2 and done.stderr.count(b"\n") == 1 and not done.stdout


def test_with_an_instance_cited_articles_are_looked_up_in_its_documents(tiwizi: Run, tmp_path: Path) -> None:
    path = card(tmp_path, "cnie-renewal")
    law = tmp_path / "loi-55-19.md"
    law.write_text("# Loi n° 55-19\n\n## Article 10\n\nLe récépissé.\n\n## Article 16\n\nLe délai.\n", "utf-8")

    home = tmp_path / "home"
    home.mkdir()
    (home / "tiwizi.toml").write_text("starter = false\n", "utf-8")
    assert tiwizi("ingest", "--quick", str(law), home=home).returncode == 0
    done = tiwizi("cards", "check", "--home", str(home), str(path))
    lines = [line for line in done.stdout.decode().splitlines() if "is held here" in line]
    assert done.returncode == 1 and len(lines) == 1
    assert lines[0].startswith("cnie-renewal.toml: fact 14 (silence): ") and lines[0].endswith(
        "ends with article 16, not 21"
    )
    missing = tiwizi("cards", "check", "--home", str(tmp_path / "none"), str(path))
    assert missing.returncode == 2 and not (tmp_path / "none").exists()


def test_coverage_has_a_line_and_a_row_for_each_card(tiwizi: Run, tmp_path: Path) -> None:
    card(tmp_path, "cnie-renewal")
    (tmp_path / "broken.toml").write_text("id = ", "utf-8")
    lines = tiwizi("cards", "coverage", str(tmp_path)).stdout.decode().splitlines()
    assert len(lines) == 2 and lines[0].startswith("cnie-renewal: fr 16/16 ar 16/16") and "drafted" in lines[0]
    told = json.loads(tiwizi("cards", "coverage", "--json", str(tmp_path)).stdout)
    (row,) = told["cards"]
    assert (row["id"], row["texts"], row["written"]["fr"]) == ("cnie-renewal", 16, 16)
    assert row["silent"] == ["inquiry"] and row["certain"] + row["to_confirm"] == 15
    assert [one["file"] for one in told["unread"]] == ["broken.toml"]


def test_the_schema_is_printed_as_it_is_shipped(tiwizi: Run) -> None:
    printed = tiwizi("cards", "schema").stdout.decode()
    assert printed == files("tiwizi.knowledge").joinpath("card.schema.json").read_text("utf-8")
    assert json.loads(printed)["$ref"] == "#/$defs/CardFile"
