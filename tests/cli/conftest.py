"""The command line as people use it: a process of its own, an instance of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with the starter pack, for commands that only read."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def tiwizi(shared_home: Path) -> Run:
    """Run a command to its end; `home` and `stdin` may be given."""

    def run(
        *arguments: str | bytes, stdin: bytes = b"", home: Path = shared_home, **environment: str
    ) -> subprocess.CompletedProcess[bytes]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TIWIZI_")}
        return subprocess.run(
            [sys.executable, "-m", "tiwizi.cli", *arguments],
            input=stdin,
            capture_output=True,
            env=clean | {"TIWIZI_HOME": str(home)} | environment,
            timeout=120,
        )

    return run
