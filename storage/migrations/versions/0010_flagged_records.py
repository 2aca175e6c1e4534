"""How often rules do not hold in a record, as a column, so that filters, files and views find such records."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("records", sa.Column("flagged", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE records SET flagged = json_array_length(flags) WHERE CAST(flags AS TEXT) <> '[]'")


def downgrade() -> None:
    _drop_views()
    op.drop_column("records", "flagged")


def _drop_views() -> None:
    """Views with the column go before it does; the older version makes them as it knows them."""
    for (views,) in op.get_bind().execute(sa.text("SELECT views FROM schemas WHERE views IS NOT NULL")).all():
        for name in (json.loads(views) if isinstance(views, str) else views).values():
            quoted = op.get_bind().dialect.identifier_preparer.quote_identifier(name)
            op.execute(sa.text(f"DROP VIEW IF EXISTS {quoted}"))
    op.execute("UPDATE schemas SET views = NULL")
