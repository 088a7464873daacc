"""Keep: the one database of an instance. SQLite, in one file."""

from tiwizi.store import tables
from tiwizi.store.database import FILE, Store, open_store

__all__ = ["FILE", "Store", "open_store", "tables"]
