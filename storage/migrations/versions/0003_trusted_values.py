"""Values typed, checked, corrected and calibrated; records that can be queried by their values."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATE = sa.String(32)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _add_columns()
    _add_record_values()
    _add_corrections()
    op.create_table(
        "document_names",
        sa.Column("document_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        _of("document_names", "documents", "document_id"),
        _of("document_names", "workspaces", "workspace_id"),
        sa.PrimaryKeyConstraint("document_id", "name", name="pk_document_names"),
    )
    op.create_index("ix_document_names_workspace_id", "document_names", ["workspace_id"])
    op.execute(
        "INSERT INTO document_names (document_id, name, workspace_id, created_at) "
        "SELECT id, name, workspace_id, created_at FROM documents"
    )
    op.create_table(
        "calibrations",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("meant", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("values_seen", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        _of("calibrations", "workspaces", "workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_calibrations"),
        sa.UniqueConstraint("workspace_id", "model", "kind", name="uq_calibrations_workspace_id_model_kind"),
    )


def downgrade() -> None:
    _drop_views()
    for table in ("calibrations", "document_names", "corrections", "record_values"):
        op.drop_table(table)
    op.drop_index("ix_records_schema_id_updated_at_id", "records")
    op.drop_column("workspaces", "expires_at")
    op.drop_column("schemas", "views")  # not in a batch: that makes the table anew, and its rows take others with them
    op.drop_index("ix_inferences_model", "inferences")
    for table, columns in (
        ("values", ("verified", "layer", "seen")),
        ("records", ("tables", "flags", "receipt", "unsure")),
        ("inferences", ("lines", "table")),
    ):
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column)


def _add_columns() -> None:
    with op.batch_alter_table("values") as values:
        values.add_column(sa.Column("verified", sa.Boolean(), nullable=True))
        values.add_column(sa.Column("layer", _STATE, nullable=True))
        values.add_column(sa.Column("seen", sa.Text(), nullable=True))
    with op.batch_alter_table("records") as records:
        records.add_column(sa.Column("tables", sa.JSON(), nullable=False, server_default="{}"))
        records.add_column(sa.Column("flags", sa.JSON(), nullable=False, server_default="[]"))
        records.add_column(sa.Column("receipt", sa.JSON(), nullable=False, server_default="{}"))
        records.add_column(sa.Column("unsure", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_records_schema_id_updated_at_id", "records", ["schema_id", "updated_at", "id"])
    op.add_column("schemas", sa.Column("views", sa.JSON(), nullable=True))
    op.add_column("workspaces", sa.Column("expires_at", _MOMENT, nullable=True))
    with op.batch_alter_table("inferences") as inferences:
        inferences.add_column(sa.Column("lines", sa.JSON(), nullable=True))
        inferences.add_column(sa.Column("table", sa.JSON(), nullable=True))
    op.create_index("ix_inferences_model", "inferences", ["workspace_id", "model", "created_at"])


def _add_record_values() -> None:
    op.create_table(
        "record_values",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("record_id", sa.String(32), nullable=False),
        sa.Column("document_id", sa.String(32), nullable=False),
        sa.Column("schema_id", sa.String(32), nullable=False),
        sa.Column("field", sa.String(500), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("kind", _STATE, nullable=False),
        sa.Column("state", _STATE, nullable=False),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("folded", _bytewise(200), nullable=True),
        sa.Column("number", sa.Double(), nullable=True),
        sa.Column("millionths", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.Column("date", _bytewise(10), nullable=True),
        sa.Column("problem", sa.String(64), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("decision", _STATE, nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=True),
        sa.Column("corrected", sa.Boolean(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("box", sa.JSON(), nullable=True),
        _of("record_values", "workspaces", "workspace_id"),
        _of("record_values", "records", "record_id"),
        sa.PrimaryKeyConstraint("id", name="pk_record_values"),
        sa.UniqueConstraint("record_id", "field", "row", name="uq_record_values_record_id_field_row"),
    )
    op.create_index("ix_record_values_workspace_id", "record_values", ["workspace_id"])
    op.create_index("ix_record_values_document_id", "record_values", ["document_id"])
    for column in ("number", "date", "folded"):
        op.create_index(f"ix_record_values_{column}", "record_values", ["schema_id", "field", column, "record_id"])


def _add_corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("document_id", sa.String(32), nullable=False),
        sa.Column("schema_name", sa.String(100), nullable=False),
        sa.Column("field", sa.String(500), nullable=False),
        sa.Column("state", _STATE, nullable=False),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("box", sa.JSON(), nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(100), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        _of("corrections", "workspaces", "workspace_id"),
        _of("corrections", "documents", "document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_document_id_schema_name", "corrections", ["document_id", "schema_name"])
    op.create_index("ix_corrections_workspace_id_id", "corrections", ["workspace_id", "id"])


def _drop_views() -> None:
    """The views of schema versions go before what they look at."""
    for (views,) in op.get_bind().execute(sa.text("SELECT views FROM schemas WHERE views IS NOT NULL")).all():
        for name in (json.loads(views) if isinstance(views, str) else views).values():
            quoted = op.get_bind().dialect.identifier_preparer.quote_identifier(name)
            op.execute(sa.text(f"DROP VIEW IF EXISTS {quoted}"))


def _bytewise(length: int) -> sa.String:
    """Text in the order of its code points on every database."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _of(table: str, parent: str, column: str) -> sa.ForeignKeyConstraint:
    """A row goes with the row that it belongs to."""
    name = f"fk_{table}_{column}_{parent}"
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE")
