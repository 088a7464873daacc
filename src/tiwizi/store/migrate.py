"""Bringing a database to the present shape. Alembic is loaded only when there is something to do."""

from pathlib import Path

from tiwizi.errors import Trouble

HEAD = "0003"  # the newest file in migrations/versions; a test compares


def bring_up_to_date(path: Path) -> None:
    """Run the migrations that the database at `path` has not seen. Raises Trouble when it is newer than this Tiwizi."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "tiwizi:store/migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["path"] = path
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Trouble(
            f"The database {path} was made by a newer Tiwizi ({error}). Upgrade Tiwizi, or use another --home."
        ) from None
