"""The tables of the one database, grouped by the room that fills them. Migrations bring an older file to this shape."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

# knowledge ------------------------------------------------------------------------------------------------------

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", String, nullable=False, unique=True),  # where it was read from; a second reading replaces the first
    Column("name", String, nullable=False),  # the file's name as it was ingested
    Column("digest", String, nullable=False),  # SHA-256 of the file's bytes
    Column("kind", String, nullable=False),  # document | card
    Column("media_type", String, nullable=False),
    Column("title", String, nullable=False),
    Column("language", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("added", Float, nullable=False),  # seconds since 1970
)

passages = Table(
    "passages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document", ForeignKey("documents.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("page", Integer),
    Column("article", String),
    Column("heading", String, nullable=False),
    Column("language", String, nullable=False),
    Column("meaning", String, nullable=False, index=True),  # digest of what encoders are given: see `vectors`
)

imports = Table(  # every file that was ever handed in, and what became of it: the queue of the worker that reads them
    "imports",
    metadata,
    Column("path", String, primary_key=True),  # as in `documents`; a member of an archive: "/a/b.zip!/c/d.pdf"
    Column("name", String, nullable=False),
    Column("source", String, nullable=False),  # the folder, archive or site that a sync looks after; "" by hand
    Column("state", String, nullable=False, index=True),  # waiting | reading | searchable | complete | failed
    Column("reason", String, nullable=False),  # why it failed, or what of it was left out
    Column("digest", String, nullable=False),  # SHA-256 of the bytes last read; "" before
    Column("tries", Integer, nullable=False),  # readings begun since it was handed in
    Column("asked", Float, nullable=False),  # when it was handed in last, in seconds since 1970
    Column("changed", Float, nullable=False),  # when its state changed last
)

vectors = Table(  # vectors of texts met before, so that a start or a second import costs nothing
    "vectors",
    metadata,
    Column("encoder", String, primary_key=True),  # the encoder's name
    Column("digest", String, primary_key=True),  # SHA-256 of the side (question or passage) and the text
    Column("vector", LargeBinary, nullable=False),  # little-endian float16, unit length
)

# governance -----------------------------------------------------------------------------------------------------

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 0, no gap
    Column("record", LargeBinary, nullable=False),  # the leaf: canonical JSON, never any text of a person
    Column("hash", LargeBinary, nullable=False),
)

ledger_peaks = Table(  # roots of the complete subtrees, largest first: all that an append needs
    "ledger_peaks",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

salts = Table(  # destroying a row makes its record unlinkable while the tree stays whole
    "salts",
    metadata,
    Column("receipt", String, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
)

# assistant ------------------------------------------------------------------------------------------------------

waiting_questions = Table(  # questions a person asked to pass on to a human; masked
    "waiting_questions",
    metadata,
    Column("receipt", String, primary_key=True),
    Column("question", Text, nullable=False),
    Column("language", String, nullable=False),
    Column("asked", Float, nullable=False),
    Column("answered", Boolean, nullable=False, default=False),
)

# corrections ----------------------------------------------------------------------------------------------------

corrections = Table(  # what people say is wrong about a text; masked, and only because they agreed
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", LargeBinary, nullable=False, unique=True),  # SHA-256 of the code that shows and deletes this row
    Column("state", String, nullable=False),  # proposed: nobody has looked at it yet
    Column("made", Integer, nullable=False, index=True),  # midnight UTC of the day, in seconds since 1970
    Column("tongue", String, nullable=False),  # language of the page
    Column("consent", String, nullable=False),  # tongue and digest of the words that the person agreed to
    Column("made_by", String, nullable=False),  # version of Tiwizi and digest of its language models and tables
    Column("about", String, nullable=False),  # language | letters
    Column("script", String),  # the letters written in, where they are what is wrong
    Column("text", Text, nullable=False),
    Column("start", Integer),  # the stretch meant, where it is not the whole text
    Column("end", Integer),
    Column("said", Text, nullable=False),
    Column("should_be", Text, nullable=False),
    Column("note", Text, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice: who holds an export can tell what was deleted
)

# store ----------------------------------------------------------------------------------------------------------

generations = (
    Table(  # one row a subject; the number grows with each change, so that a reader in memory knows to look again
        "generations",
        metadata,
        Column("subject", String, primary_key=True),
        Column("number", Integer, nullable=False),
    )
)
