"""The queue of values that need a review, and corrections that are taken back as if never made."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_QUEUE = ["patience", "record_id", "field", "row"]
_INDEXES = {"ix_record_values_review": "workspace_id", "ix_record_values_review_schema": "schema_id"}


def upgrade() -> None:
    op.add_column("record_values", sa.Column("patience", sa.Double(), nullable=True))
    # Until a record is made anew, which weighs its fields.
    op.execute("UPDATE record_values SET patience = coalesce(confidence, 0) - 1 WHERE decision = 'needs_review'")
    where = sa.text("decision = 'needs_review'")
    for name, of in _INDEXES.items():
        op.create_index(name, "record_values", [of, *_QUEUE], sqlite_where=where, postgresql_where=where)
    op.add_column("corrections", sa.Column("takes_back", sa.String(32), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM corrections WHERE takes_back IS NOT NULL")
    op.drop_column("corrections", "takes_back")
    for name in _INDEXES:
        op.drop_index(name, "record_values")
    op.drop_column("record_values", "patience")
