"""A user has a version, so that two who edit one see each other; an offer can be answered by a link; quiet hours."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_RULES: tuple[sa.Column[Any], ...] = (
    sa.Column("has_quiet_hours", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    sa.Column("quiet_from", sa.Time(), server_default=sa.text("'21:00'"), nullable=False),
    sa.Column("quiet_until", sa.Time(), server_default=sa.text("'08:00'"), nullable=False),
)


def upgrade() -> None:
    op.add_column("users", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("waitlist_offers", sa.Column("token_hash", sa.LargeBinary(), nullable=True))
    op.create_unique_constraint("uq_waitlist_offers_token", "waitlist_offers", ["organization_id", "token_hash"])
    for column in _RULES:
        op.add_column("booking_rules", column)


def downgrade() -> None:
    for column in reversed(_RULES):
        op.drop_column("booking_rules", column.name)
    op.drop_constraint("uq_waitlist_offers_token", "waitlist_offers")
    op.drop_column("waitlist_offers", "token_hash")
    op.drop_column("users", "version")
