"""Records from before values were typed are marked, so that workers make them anew and filters find them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stale_records",
        sa.Column("record_id", sa.String(32), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        _of("records", "record_id"),
        _of("workspaces", "workspace_id"),
        sa.PrimaryKeyConstraint("record_id", name="pk_stale_records"),
    )
    op.create_index("ix_stale_records_workspace_id", "stale_records", ["workspace_id"])
    op.execute(
        "INSERT INTO stale_records (record_id, workspace_id) SELECT id, workspace_id FROM records "
        "WHERE NOT EXISTS (SELECT 1 FROM record_values WHERE record_values.record_id = records.id)"
    )


def downgrade() -> None:
    op.drop_table("stale_records")


def _of(parent: str, column: str) -> sa.ForeignKeyConstraint:
    """A row goes with the row that it belongs to."""
    name = f"fk_stale_records_{column}_{parent}"
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE")
