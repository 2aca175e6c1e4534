"""What the web page lists: values that need a review, corrections taken back, documents by name, pages and tags."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_QUEUE = ["patience", "record_id", "field", "row"]
_INDEXES = {"ix_record_values_review": "workspace_id", "ix_record_values_review_schema": "schema_id"}
_ORDERS = ("folded", "page_count", "state")
_FOLDED = 300  # characters
_AT_ONCE = 1_000  # rows


def upgrade() -> None:
    op.add_column("record_values", sa.Column("patience", sa.Double(), nullable=True))
    # Until a record is made anew, which weighs its fields.
    op.execute("UPDATE record_values SET patience = coalesce(confidence, 0) - 1 WHERE decision = 'needs_review'")
    where = sa.text("decision = 'needs_review'")
    for name, of in _INDEXES.items():
        op.create_index(name, "record_values", [of, *_QUEUE], sqlite_where=where, postgresql_where=where)
    op.add_column("corrections", sa.Column("takes_back", sa.String(32), nullable=True))
    _list_documents()


def downgrade() -> None:
    op.drop_table("document_tags")
    for column in _ORDERS:
        op.drop_index(f"ix_documents_workspace_id_{column}_id", "documents")
    op.drop_column("documents", "folded")
    op.execute("DELETE FROM corrections WHERE takes_back IS NOT NULL")
    op.drop_column("corrections", "takes_back")
    for name in _INDEXES:
        op.drop_index(name, "record_values")
    op.drop_column("record_values", "patience")


def _list_documents() -> None:
    """Names as they are searched and ordered, an index an order, and tags."""
    kind = sa.String(_FOLDED).with_variant(sa.String(_FOLDED, collation="C"), "postgresql")
    op.add_column("documents", sa.Column("folded", kind, nullable=False, server_default=""))
    _fold_names()
    for column in _ORDERS:
        op.create_index(f"ix_documents_workspace_id_{column}_id", "documents", ["workspace_id", column, "id"])
    tag = sa.String(50).with_variant(sa.String(50, collation="C"), "postgresql")
    op.create_table(
        "document_tags",
        sa.Column("document_id", sa.String(32), nullable=False),
        sa.Column("tag", tag, nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{parent}.id"], name=f"fk_document_tags_{column}_{parent}", ondelete="CASCADE"
            )
            for column, parent in (("document_id", "documents"), ("workspace_id", "workspaces"))
        ),
        sa.PrimaryKeyConstraint("document_id", "tag", name="pk_document_tags"),
    )
    columns = ["workspace_id", "tag", "document_id"]
    op.create_index("ix_document_tags_workspace_id_tag_document_id", "document_tags", columns)


def _fold_names() -> None:
    """Databases fold case differently, or not at all."""
    connection, last = op.get_bind(), ""
    some = sa.text("SELECT id, name FROM documents WHERE id > :last ORDER BY id LIMIT :most")
    put = sa.text("UPDATE documents SET folded = :folded WHERE id = :id")
    while rows := connection.execute(some, {"last": last, "most": _AT_ONCE}).all():
        connection.execute(put, [{"id": row.id, "folded": _folded(row.name)} for row in rows])
        last = rows[-1].id


def _folded(name: str) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return "".join(c for c in plain if c.isprintable())[:_FOLDED]
