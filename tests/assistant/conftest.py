"""An instance with the starter pack, made once; each test opens it for itself."""

import asyncio
from pathlib import Path

import pytest

from tiwizi.assistant import open_desk, prepare


@pytest.fixture(scope="session")
def starter_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("starter")

    async def make() -> None:
        async with open_desk(home) as desk:
            assert await prepare(desk)
            assert not await prepare(desk)

    asyncio.run(make())
    return home
