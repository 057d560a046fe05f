"""The table of private calendar addresses."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.base import Recorded, TenantOwned


class CalendarFeed(Recorded, TenantOwned):
    """A private address at which calendar programs read a person's visits. Only its hash is kept.

    of: whose visits, those of the patients for whom the user signs in, or of the practitioner who they are.
    """

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        CheckConstraint('"of" IN (\'patient\', \'practitioner\')', name="of"),
        UniqueConstraint("organization_id", "token_hash", name="uq_calendar_feeds_token"),
        Index(
            "uq_calendar_feeds_live", "organization_id", "user_id", "of", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    of: Mapped[str]
    token_hash: Mapped[bytes]
    last_read_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was taken back, or another was made in its place."""
