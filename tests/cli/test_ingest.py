"""`ingest`: every file is accounted for, and stopping it loses nothing."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
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


def test_what_is_no_longer_there_is_shown_and_removed_only_when_told(tiwizi: Run, tmp_path: Path) -> None:
    folder, home = folder_of(tmp_path / "in"), tmp_path / "home"
    tiwizi("ingest", "--quick", str(folder), home=home, TIWIZI_STARTER="false")
    tiwizi("ingest", "--quick", str(folder / "page.html"), home=home, TIWIZI_STARTER="false")  # by hand, now
    (folder / "loi.txt").unlink()
    (folder / "page.html").unlink()
    shown = tiwizi("ingest", "--quick", str(folder), home=home, TIWIZI_STARTER="false").stdout.decode()
    assert "1 documents are no longer in" in shown and "loi.txt; run with --delete" in shown
    listed = tiwizi("documents", home=home, TIWIZI_STARTER="false").stdout.decode()
    assert "loi.txt" in listed and "page.html" in listed
    report = json.loads(tiwizi("ingest", "--json", "--quick", "--delete", str(folder), home=home).stdout)
    assert report["deleted"] and [Path(path).name for path in report["gone"]] == ["loi.txt"]
    rows = json.loads(tiwizi("documents", "--json", home=home).stdout)["documents"]
    assert {row["name"] for row in rows if str(folder) in row["path"]} == {"page.html", "broken.pdf", "data.xyz"}


def test_documents_are_listed_retried_and_removed(tiwizi: Run, tmp_path: Path) -> None:
    folder, home = folder_of(tmp_path / "in"), tmp_path / "home"

    def run(*arguments: str) -> "tuple[int, str, str]":
        done = tiwizi(*arguments, home=home, TIWIZI_STARTER="false")
        assert b"Traceback" not in done.stderr
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    run("ingest", str(folder))
    states = {line.split()[0] for line in run("documents")[1].splitlines()}
    assert states == {"complete", "failed"}
    failed = run("documents", "--state", "failed")[1]
    assert failed.count("\n") == 2 and "broken.pdf: " in failed
    (folder / "broken.pdf").write_text("Ce fichier est réparé.")
    assert run("documents", "retry", str(folder / "broken.pdf"))[1].startswith("1 files kept")
    assert run("documents", "retry", "--all")[1].startswith("0 files kept (0 passages), 0 unchanged, 1 unread")
    assert run("documents", "remove", str(folder / "loi.txt"))[1] == "1 removed: loi.txt\n"
    assert "3 removed" in run("documents", "remove", str(folder))[1] and run("documents")[1] == ""
    for wrong, why in (
        (["documents", "remove", "/not/there"], "/not/there"),
        (["documents", "remove"], "Name what to remove"),
        (["documents", "retry"], "--all"),
        (["documents", "burn"], "list, retry or remove"),
        (["documents", "--state", "lost"], "searchable"),
        (["ingest", "https:///nothing"], "not an address"),
    ):
        status, said, error = run(*wrong)
        assert (status, said) == (2, "") and why in error and error.count("\n") == 1


def test_a_site_is_taken_in_by_its_sitemap(tiwizi: Run, tmp_path: Path) -> None:
    folder, home = folder_of(tmp_path / "site"), tmp_path / "home"
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        (folder / "sitemap.xml").write_text(
            f"<urlset><url><loc>{address}/page.html</loc></url><url><loc>{address}/loi.txt</loc></url></urlset>"
        )
        command = ("ingest", "--quick", "--json", f"{address}/sitemap.xml")
        environment = {"TIWIZI_STARTER": "false", "TIWIZI_SITE_DELAY": "0"}
        first = json.loads(tiwizi(*command, home=home, **environment).stdout)
        (folder / "sitemap.xml").write_text(f"<urlset><url><loc>{address}/loi.txt</loc></url></urlset>")
        second = json.loads(tiwizi(*command, home=home, **environment).stdout)
        server.shutdown()
        thread.join()
    assert (first["kept"], first["unread"], first["gone"]) == (2, 0, [])
    assert (second["kept"], second["unchanged"], second["gone"]) == (0, 1, [f"{address}/page.html"])


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_embed_gives_vectors_to_what_lacks_them(tiwizi: Run, tmp_path: Path) -> None:
    folder, home = folder_of(tmp_path / "in"), tmp_path / "home"
    tiwizi("ingest", "--quick", str(folder), home=home, TIWIZI_STARTER="false")
    report = json.loads(tiwizi("embed", "--forget-others", "--json", home=home, TIWIZI_STARTER="false").stdout)
    assert (report["encoded"] > 0, report["waiting"], report["dropped"]) == (True, 0, 0)
    assert json.loads(tiwizi("embed", "--json", home=home, TIWIZI_STARTER="false").stdout)["encoded"] == 0


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
