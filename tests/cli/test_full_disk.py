"""A disk that fills up while documents are taken in: told on one line, and what was kept stays."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Run


def test_a_disk_that_fills_up_while_ingesting_is_told(tiwizi: Run, tmp_path: Path) -> None:
    folder, disk = tmp_path / "in", tmp_path / "disk"
    folder.mkdir()
    disk.mkdir()
    for number in range(40):
        (folder / f"{number:02}.txt").write_text(f"Article {number + 1}\n" + "Le service est ouvert. " * 2_700)
    ingest = f"{sys.executable} -m tiwizi.cli ingest --quick --home {disk}/home {folder}"
    keep = f"cp -r {disk}/home {tmp_path}/after"
    steps = f"mount -t tmpfs -o size=4m tmpfs {disk} && {{ {ingest}; echo status $?; {keep}; }}"
    environment = os.environ | {"TIWIZI_STARTER": "false"}
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", steps], capture_output=True, text=True, timeout=120, env=environment
    )
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("this machine allows no name space of one's own, so no small disk can be made")
    assert "status 2" in done.stdout
    assert "full" in done.stderr and done.stderr.count("\n") == 1, done.stderr
    again = tiwizi("ingest", "--json", "--quick", str(folder), home=tmp_path / "after", TIWIZI_STARTER="false")
    report = json.loads(again.stdout)
    assert report["unchanged"] > 0 and report["kept"] + report["unchanged"] == 40
