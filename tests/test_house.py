"""The house stands as its map says: which room may import from which, and that no room reaches into another."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "tiwizi"
GROUND = {"errors", "settings"}
FLOORS = [
    {"language", "privacy", "store"},
    {"wording", "knowledge", "engines", "governance", "corrections"},
    {"models", "evaluation"},
    {"assistant"},
    {"server", "cli"},
]
# A room may also use what stands beside it here, for the reason given.
BESIDE = {
    ("evaluation", "models"),  # a question set is judged by the route that would be taken
    ("cli", "server"),  # `tiwizi serve`
}


def rooms() -> list[str]:
    return sorted(path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists())


def imports(file: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, node.lineno
        elif isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)


def floor_of(room: str) -> int:
    return next(number for number, floor in enumerate(FLOORS) if room in floor)


def test_every_room_is_on_the_map() -> None:
    assert set(rooms()) == set().union(*FLOORS)


@pytest.mark.parametrize("room", rooms())
def test_a_room_imports_only_from_below_and_only_what_is_offered(room: str) -> None:
    wrong = []
    for file in (SOURCE / room).rglob("*.py"):
        for module, line in imports(file):
            parts = module.split(".")
            if parts[0] != "tiwizi" or len(parts) == 1 or parts[1] in GROUND or parts[1] == room:
                continue
            where = f"{file.relative_to(SOURCE)}:{line} imports {module}"
            if floor_of(parts[1]) >= floor_of(room) and (room, parts[1]) not in BESIDE:
                wrong.append(f"{where}: not from a floor below")
            if len(parts) > 2 and not (parts[1] == "store" and parts[2] == "tables"):
                wrong.append(f"{where}: not offered by the room's __init__.py")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", rooms())
def test_a_room_lists_what_it_offers(room: str) -> None:
    """`__all__` holds every public name of `__init__.py`, sorted, and nothing else."""
    tree = ast.parse((SOURCE / room / "__init__.py").read_text("utf-8"))
    names, listed = set(), []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            names.add(node.name)
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            listed = ast.literal_eval(node.value)
    assert listed and set(listed) <= names | {"CATALOGUES"}, names ^ set(listed)
