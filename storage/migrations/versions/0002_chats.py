"""An item may be a chat, which is over no document."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("items") as items:
        items.alter_column("document_id", existing_type=sa.String(32), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM items WHERE document_id IS NULL")
    with op.batch_alter_table("items") as items:
        items.alter_column("document_id", existing_type=sa.String(32), nullable=False)
