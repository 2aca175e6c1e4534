"""Conversations with their turns, and what pages look like to visual search."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OF = {"workspace_id": "workspaces", "document_id": "documents", "page_id": "pages"}


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_goes_with("conversations", workspace_id="workspaces"),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_workspace_id_id", "conversations", ["workspace_id", "id"])
    op.create_table(
        "turns",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("meant", sa.Text(), nullable=False),
        sa.Column("job_id", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_goes_with("turns", workspace_id="workspaces", conversation_id="conversations", job_id="jobs"),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.UniqueConstraint("conversation_id", "number", name="uq_turns_conversation_id_number"),
    )
    op.create_index("ix_turns_workspace_id", "turns", ["workspace_id"])
    op.create_table(
        "page_embeddings",
        sa.Column("page_id", sa.String(32), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("document_id", sa.String(32), nullable=False),
        sa.Column("revision", sa.String(64), nullable=False),
        sa.Column("compact", sa.LargeBinary(), nullable=False),
        sa.Column("vectors_sha256", sa.String(64), nullable=False),
        sa.Column("patches", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_goes_with("page_embeddings", **_OF),
        sa.ForeignKeyConstraint(["vectors_sha256"], ["blobs.sha256"], name="fk_page_embeddings_vectors_sha256_blobs"),
        sa.PrimaryKeyConstraint("page_id", "model", name="pk_page_embeddings"),
    )
    for column in ("workspace_id", "document_id", "vectors_sha256"):
        op.create_index(f"ix_page_embeddings_{column}", "page_embeddings", [column])


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS page_vectors")  # made beside the migrations, where there is pgvector
    for table in ("page_embeddings", "turns", "conversations"):
        op.drop_table(table)


def _goes_with(table: str, **parents: str) -> list[sa.ForeignKeyConstraint]:
    """A row goes with what it belongs to."""
    return [
        sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=f"fk_{table}_{column}_{parent}", ondelete="CASCADE")
        for column, parent in parents.items()
    ]
