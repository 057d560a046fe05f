from datetime import time
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.base import Edited, TenantOwned


class BookingRules(Edited, TenantOwned):
    """How this hospital books. One row an organization; its id is the organization's."""

    __tablename__ = "booking_rules"
    __table_args__ = (
        CheckConstraint("token_given_at IN ('booking', 'arrival', 'check-in')", name="token_given_at"),
        CheckConstraint("days_ahead BETWEEN 0 AND 366 AND revisit_days BETWEEN 0 AND 366", name="days"),
        CheckConstraint("queue_order IN ('by-turns', 'appointments-first', 'by-arrival')", name="queue_order"),
        CheckConstraint("noshow_marking IN ('by-hand', 'after-session', 'after-minutes')", name="noshow_marking"),
        CheckConstraint(
            "revisit_fee_paise >= 0 AND min_notice_minutes >= 0 AND noshow_minutes >= 0 AND noshow_limit >= 0 "
            "AND noshow_days >= 1",
            name="amounts",
        ),
    )

    patient_bookings_need_confirming: Mapped[bool] = mapped_column(default=True)
    days_ahead: Mapped[int] = mapped_column(default=30)
    cancel_until_minutes: Mapped[int] = mapped_column(default=120)
    """How long before its start a patient may still cancel or move a visit."""
    open_per_patient: Mapped[int] = mapped_column(default=5)
    revisit_days: Mapped[int] = mapped_column(default=14)
    """A visit to the same doctor within so many days of a paid one costs `revisit_fee_paise`."""
    token_given_at: Mapped[str] = mapped_column(default="arrival")
    slip_valid_days: Mapped[int] = mapped_column(default=7)
    first_visits_need_confirming: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    confirm_practitioner_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default=text("'{}'"))
    confirm_department_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default=text("'{}'"))
    min_notice_minutes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    revisit_fee_paise: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    queue_order: Mapped[str] = mapped_column(default="by-turns", server_default=text("'by-turns'"))
    noshow_marking: Mapped[str] = mapped_column(default="by-hand", server_default=text("'by-hand'"))
    noshow_minutes: Mapped[int] = mapped_column(default=60, server_default=text("60"))
    noshow_limit: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """So many no-shows within `noshow_days`: the desk confirms what the patient books. 0: however many."""
    noshow_days: Mapped[int] = mapped_column(default=90, server_default=text("90"))
    has_quiet_hours: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    """Messages that answer nothing the person just did wait from `quiet_from` to `quiet_until`."""
    quiet_from: Mapped[time] = mapped_column(default=time(21), server_default=text("'21:00'"))
    quiet_until: Mapped[time] = mapped_column(default=time(8), server_default=text("'08:00'"))
