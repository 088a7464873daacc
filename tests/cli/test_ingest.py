"""`ingest`: every file is accounted for, and stopping it loses nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .conftest import Run


def folder_of(path: Path) -> Path:
    path.mkdir()
    (path / "loi.txt").write_text("Article 1\nLe maire délivre les attestations.\nArticle 2\nElles sont gratuites.\n")
    (path / "page.html").write_text("<h1>Horaires</h1><p>Le bureau est ouvert de 9 h à 16 h.</p>")
    (path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    (path / "data.xyz").write_bytes(bytes(range(256)))
    return path


def test_every_file_is_accounted_for(tiwizi: Run, tmp_path: Path) -> None:
    done = tiwizi("ingest", "--json", str(folder_of(tmp_path / "in")), home=tmp_path / "home")
    report = json.loads(done.stdout)
    assert (done.returncode, report["kept"], report["unread"], report["waiting"]) == (0, 2, 2, 0), done
    assert all(file["reason"] for file in report["files"] if file["state"] == "unread")


def test_a_file_that_cannot_be_read_is_told_with_its_reason(tiwizi: Run, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in")
    for name, reason in (("broken.pdf", b"PDF"), ("data.xyz", b"unknown kind")):
        done = tiwizi("ingest", str(folder / name), home=tmp_path / "home")
        assert done.returncode == 2 and reason in done.stdout and b"Traceback" not in done.stderr
        assert done.stdout.count(b"unread:") == 1


def test_a_second_run_takes_only_what_changed(tiwizi: Run, tmp_path: Path) -> None:
    folder, home = folder_of(tmp_path / "in"), tmp_path / "home"
    tiwizi("ingest", str(folder), home=home)
    (folder / "loi.txt").write_text("Article 1\nLe maire ne délivre plus rien.\n")
    report = json.loads(tiwizi("ingest", "--json", str(folder), home=home).stdout)
    assert (report["kept"], report["unchanged"]) == (1, 1)
    stdin = json.dumps({"id": 1, "text": "le maire délivre"}).encode()
    results = json.loads(tiwizi("search", "--jsonl", stdin=stdin, home=home).stdout)["results"]
    assert [r["text"] for r in results if r["document"] == "loi.txt"] == ["Article 1\nLe maire ne délivre plus rien."]


def test_a_citation_of_what_was_ingested_is_exact(tiwizi: Run, tmp_path: Path) -> None:
    folder, home = folder_of(tmp_path / "in"), tmp_path / "home"
    tiwizi("ingest", str(folder), home=home)
    stdin = json.dumps({"id": 1, "text": "Les attestations du maire sont-elles gratuites ?"}).encode()
    first = json.loads(tiwizi("search", "--jsonl", stdin=stdin, home=home).stdout)["results"][0]
    text = (folder / "loi.txt").read_text()
    assert first["document"] == "loi.txt" and first["article"] in {"1", "2"}
    assert text[first["start"] : first["end"]] == first["text"]


def test_a_name_that_is_not_there_is_told(tiwizi: Run, tmp_path: Path) -> None:
    done = tiwizi("ingest", str(tmp_path / "nowhere"), home=tmp_path / "home")
    assert done.returncode == 2 and b"nowhere" in done.stderr


def test_killed_in_the_middle_it_goes_on_where_it_stopped(tmp_path: Path, tiwizi: Run) -> None:
    """What was committed when the process is killed stays, nothing is half there, and the next run ends the work."""
    folder, home = tmp_path / "in", tmp_path / "home"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number}.txt").write_text(
            f"Article {number + 1}\n" + f"Le service {number} reçoit le public. " * 80
        )
    command = [sys.executable, "-m", "tiwizi.cli", "ingest", str(folder), "--home", str(home)]
    for pause in (2.0, 3.0):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"TIWIZI_STARTER": "false"})
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
    report = json.loads(tiwizi("ingest", "--json", "--quick", str(folder), home=home, TIWIZI_STARTER="false").stdout)
    assert report["kept"] + report["unchanged"] == 60 and report["unread"] == 0
    doctor = tiwizi("doctor", home=home, TIWIZI_STARTER="false")
    assert doctor.returncode == 0 and b"60 documents" in doctor.stdout
