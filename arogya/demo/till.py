"""What visits cost, and the receipts for it: numbered by branch and financial year, without gaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Literal

from arogya.demo.moment import MINUTE, Moment
from arogya.demo.people import Person
from arogya.demo.visits import Visit

_PAY_AT_ONCE = 0.85
_BY_UPI = 0.58


@dataclass(frozen=True, slots=True)
class Payment:
    visit: Visit
    paid_at: datetime
    method: Literal["cash", "upi"]
    utr: str | None


class Till:
    """payments: in the order in which they were taken."""

    def __init__(self, moment: Moment, draw: Random, revisit_days: int) -> None:
        self._moment = moment
        self._draw = draw
        self._revisit_days = revisit_days
        self._last_paid: dict[tuple[Person, str], date] = {}
        self.payments: list[Payment] = []

    def settle(self, visits: Iterable[Visit]) -> None:
        """visits: as the diary has them, those of the past by time."""
        for visit in visits:
            self._charge(visit)
            if visit.arrived_at and visit.fee_paise:
                self._take(visit, visit.arrived_at)
        self.payments.sort(key=lambda payment: payment.paid_at)

    def _charge(self, visit: Visit) -> None:
        day, doctor = visit.session.day, visit.session.doctor
        paid = self._last_paid.get((visit.patient, doctor.username))
        visit.is_free_revisit = paid is not None and 0 <= (day - paid).days <= self._revisit_days
        visit.fee_paise = 0 if visit.is_free_revisit else doctor.fee_rupees * 100

    def _take(self, visit: Visit, came_at: datetime) -> None:
        """At the desk, when they come; of today's some have yet to pay."""
        paid_at = came_at + self._draw.randrange(1, 5) * MINUTE
        pays_at_once, chance, number = self._draw.random() < _PAY_AT_ONCE, self._draw.random(), self._draw.random()
        is_today = visit.session.day == self._moment.today
        if paid_at > self._moment.now or (is_today and not pays_at_once):
            return
        by_upi = chance < _BY_UPI or visit.session.hours.mode == "video"
        utr = f"9000{int(number * 10**8):08d}" if by_upi else None
        self.payments.append(Payment(visit, paid_at, "upi" if by_upi else "cash", utr))
        self._last_paid[visit.patient, visit.session.doctor.username] = visit.session.day


def by_time(visits: Sequence[Visit], moment: Moment) -> list[Visit]:
    """Past ones by their coming, then those ahead, today's last."""

    def when(visit: Visit) -> tuple[bool, datetime]:
        return visit.session.day == moment.today, visit.arrived_at or visit.starts_at

    return sorted(visits, key=when)
