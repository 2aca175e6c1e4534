"""An index with all that counts and sums need of a record: its values as JSON fill a page each, and are left unread."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = ["schema_id", "id", "workspace_id", "document_id", "complete"]
    op.create_index("ix_records_narrow", "records", columns)
    op.drop_index("ix_records_schema_id_id", "records")  # the new one begins with the same


def downgrade() -> None:
    op.create_index("ix_records_schema_id_id", "records", ["schema_id", "id"])
    op.drop_index("ix_records_narrow", "records")
