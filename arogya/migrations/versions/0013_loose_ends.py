"""A user has a version, so that two who edit one see each other; an offer can be answered by a link."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("waitlist_offers", sa.Column("token_hash", sa.LargeBinary(), nullable=True))
    op.create_unique_constraint("uq_waitlist_offers_token", "waitlist_offers", ["organization_id", "token_hash"])


def downgrade() -> None:
    op.drop_constraint("uq_waitlist_offers_token", "waitlist_offers")
    op.drop_column("waitlist_offers", "token_hash")
    op.drop_column("users", "version")
