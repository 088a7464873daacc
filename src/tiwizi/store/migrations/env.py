"""Alembic's entry: runs the migrations on the SQLite file named by the caller."""

import sqlite3

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from tiwizi.store.tables import metadata

path = context.config.attributes["path"]
engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(path, timeout=30), poolclass=StaticPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
