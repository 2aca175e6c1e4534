"""A small index of pages known by hidden words alone: they count as read by nobody, without a look at all readings."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    hidden = sa.text("source = 'hidden'")
    columns = ["workspace_id", "document_id"]
    op.create_index("ix_readings_hidden", "readings", columns, sqlite_where=hidden, postgresql_where=hidden)


def downgrade() -> None:
    op.drop_index("ix_readings_hidden", "readings")
