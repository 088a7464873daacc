"""What many tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of training data and official texts; tests that need it are skipped without it."""
    folder = os.environ.get("TIWIZI_DATA")
    if not folder:
        pytest.skip("TIWIZI_DATA does not say where the data is")
    return Path(folder)


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings of whoever runs the tests do not count."""
    for name in [n for n in os.environ if n.startswith("TIWIZI_") and n != "TIWIZI_DATA"]:
        monkeypatch.delenv(name)
    yield
