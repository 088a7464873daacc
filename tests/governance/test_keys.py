"""The ledger's key: one for an instance, whoever comes first, and nobody else may read it."""

import multiprocessing
import os
from pathlib import Path

import pytest

from tiwizi.errors import BadInput, Trouble
from tiwizi.governance.keys import open_key


def verifier(folder: Path, origin: str) -> str:
    return open_key(folder, origin).verifier


def test_the_key_and_its_name_stay(tmp_path: Path) -> None:
    first = verifier(tmp_path / "keys", "Commune de Tiwizi")
    assert first.startswith("Commune-de-Tiwizi+")
    assert verifier(tmp_path / "keys", "a new name") == first
    assert (tmp_path / "keys" / "ledger.pub").read_text("utf-8") == first + "\n"


def test_only_the_owner_reads_the_private_key_and_no_draft_is_left(tmp_path: Path) -> None:
    open_key(tmp_path / "keys", "a")
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["ledger.key", "ledger.pub"]
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / "ledger.key").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_end_with_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        for attempt in range(10):
            folder = tmp_path / f"keys{attempt}"
            assert len(set(pool.starmap(verifier, [(folder, f"name{n}") for n in range(4)], chunksize=1))) == 1


def test_a_key_open_to_others_is_refused_with_the_command_to_run(tmp_path: Path) -> None:
    open_key(tmp_path, "a")
    (tmp_path / "ledger.key").chmod(0o640)
    with pytest.raises(Trouble, match="chmod 600"):
        open_key(tmp_path, "a")


@pytest.mark.parametrize("damage", [b"", b"hello", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_damaged_key_is_never_replaced(tmp_path: Path, damage: bytes) -> None:
    open_key(tmp_path, "a")
    (tmp_path / "ledger.key").write_bytes(damage)
    with pytest.raises(Trouble, match="not an Ed25519 private key"):
        open_key(tmp_path, "a")
    assert (tmp_path / "ledger.key").read_bytes() == damage


def test_keys_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    open_key(tmp_path / "one", "a")
    open_key(tmp_path / "two", "a")
    os.replace(tmp_path / "one" / "ledger.pub", tmp_path / "two" / "ledger.pub")
    with pytest.raises(Trouble, match="does not belong"):
        open_key(tmp_path / "two", "a")
    (tmp_path / "two" / "ledger.pub").write_bytes(b"\xff")
    with pytest.raises(Trouble, match="is damaged"):
        open_key(tmp_path / "two", "a")


def test_a_folder_that_is_a_file_and_a_name_that_is_none_are_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("")
    with pytest.raises(Trouble, match="cannot be used"):
        open_key(tmp_path / "keys", "a")
    with pytest.raises(BadInput):
        open_key(tmp_path / "other", " ")
    assert not (tmp_path / "other").exists()
