"""Readings of pages, and the full-text index over them and over values."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TAKE = (
    "INSERT INTO passages_fts (passages_fts, rowid, words, said, scope) "
    "VALUES ('delete', old.id, old.words, old.said, old.scope);"
)
_PUT = "INSERT INTO passages_fts (rowid, words, said, scope) VALUES (new.id, new.words, new.said, new.scope);"


def upgrade() -> None:
    op.create_table(
        "readings",
        sa.Column("page_id", sa.String(32), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("document_id", sa.String(32), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_belongs("readings"),
        sa.PrimaryKeyConstraint("page_id", name="pk_readings"),
    )
    op.create_index("ix_readings_workspace_id", "readings", ["workspace_id"])
    op.create_index("ix_readings_document_id", "readings", ["document_id"])
    op.create_table(
        "passages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("page_id", sa.String(32), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("document_id", sa.String(32), nullable=False),
        sa.Column("page_number", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("vector", TSVECTOR().with_variant(sa.Text(), "sqlite"), nullable=True),
        *_belongs("passages"),
        sa.PrimaryKeyConstraint("id", name="pk_passages"),
        sa.UniqueConstraint("page_id", name="uq_passages_page_id"),
    )
    op.create_index("ix_passages_workspace_id_id", "passages", ["workspace_id", "id"])
    op.create_index("ix_passages_document_id", "passages", ["document_id"])
    if op.get_bind().dialect.name == "sqlite":
        _add_fts()
    else:
        op.create_index("ix_passages_vector", "passages", ["vector"], postgresql_using="gin")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE passages_fts")
    op.drop_table("passages")  # its triggers go with it
    op.drop_table("readings")


def _add_fts() -> None:
    """Words are folded and parted by blanks before they come here: all that is not ASCII is a letter."""
    op.execute(
        "CREATE VIRTUAL TABLE passages_fts USING fts5(words, said, scope, content='passages', content_rowid='id', "
        "tokenize='ascii', columnsize=0)"
    )
    op.execute(f"CREATE TRIGGER passages_put AFTER INSERT ON passages BEGIN {_PUT} END")
    op.execute(f"CREATE TRIGGER passages_taken AFTER DELETE ON passages BEGIN {_TAKE} END")
    op.execute(
        f"CREATE TRIGGER passages_changed AFTER UPDATE OF words, said, scope ON passages BEGIN {_TAKE} {_PUT} END"
    )


def _belongs(table: str) -> list[sa.ForeignKeyConstraint]:
    """A row goes with its page, its document and its workspace."""
    parents = {"page_id": "pages", "workspace_id": "workspaces", "document_id": "documents"}
    return [
        sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=f"fk_{table}_{column}_{parent}", ondelete="CASCADE")
        for column, parent in parents.items()
    ]
