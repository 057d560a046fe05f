"""The order of a queue and the waits that follow from it: pure rules, said once each."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from arogya.modules.scheduling.queue.waits import expected_calls, minutes_until, pace, roughly
from arogya.modules.scheduling.slots.computing import Plan, Session, Weekly, weekly_sessions
from arogya.modules.scheduling.tokens.order import (
    PLACES_LOST,
    Place,
    appointment_due,
    calling_order,
    due_behind_next,
    number_due,
    waiting_here,
    walk_in_due,
)
from arogya.modules.scheduling.tokens.sittings import Sitting, sitting_at

NINE = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
TEN_MINUTES = timedelta(minutes=10)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def place(number: int, due: float, status: str = "waiting", *, here: bool = True, **more: Any) -> Place:
    return Place(uuid4(), number, status, at(due), here, **more)


def numbers(places: list[Place]) -> list[int | None]:
    return [p.number for p in places]


def test_appointments_go_in_by_their_slots_however_early_they_came() -> None:
    assert numbers(calling_order([place(1, 40), place(2, 0), place(3, 20)])) == [2, 3, 1]


def test_called_go_before_priority_and_priority_before_everyone() -> None:
    called = place(9, 60, "called", called_at=at(5))
    assert numbers(calling_order([place(1, 0), place(2, 30, is_priority=True), called])) == [9, 2, 1]


def test_the_first_called_goes_in_first() -> None:
    late, early = place(1, 0, "called", called_at=at(6)), place(2, 10, "called", called_at=at(5))
    assert numbers(calling_order([late, early])) == [2, 1]


def test_appointment_goes_before_a_walk_in_of_the_same_minute() -> None:
    assert numbers(calling_order([place(1, 0, is_walk_in=True), place(2, 0)])) == [2, 1]


def test_the_lower_number_goes_first_among_equals() -> None:
    assert numbers(calling_order([place(5, 0), place(4, 0)])) == [4, 5]


def test_who_is_only_expected_stands_behind_those_here_and_cannot_be_called() -> None:
    places = [place(1, 0, here=False), place(2, 20)]
    assert numbers(calling_order(places)) == [2, 1]
    assert numbers(waiting_here(places)) == [2]


def test_who_is_inside_stands_first_and_who_is_over_last() -> None:
    places = [place(1, 0, "left"), place(2, 0, "done"), place(3, 0, "skipped"), place(4, 50, "in-consultation")]
    assert numbers(calling_order([*places, place(5, 10)])) == [4, 5, 3, 2, 1]


def test_skipped_stands_behind_the_next_three() -> None:
    waiting = [place(n, n * 10) for n in range(2, 8)]
    due = due_behind_next(waiting, at(10))
    back = Place(uuid4(), 1, "waiting", due, True)
    assert numbers(calling_order([*waiting, back])) == [2, 3, 4, 1, 5, 6, 7]
    assert PLACES_LOST == 3


def test_skipped_stands_last_where_fewer_wait() -> None:
    waiting = [place(2, 20)]
    back = Place(uuid4(), 1, "waiting", due_behind_next(waiting, at(10)), True)
    assert numbers(calling_order([*waiting, back])) == [2, 1]


def test_skipped_keeps_their_place_where_nobody_waits() -> None:
    assert due_behind_next([place(2, 20, here=False), place(3, 30, "done")], at(10)) == at(10)


def test_priority_patients_are_no_places_lost() -> None:
    waiting = [place(2, 90, is_priority=True), place(3, 20), place(4, 30), place(5, 40), place(6, 50)]
    back = Place(uuid4(), 1, "waiting", due_behind_next(waiting, at(10)), True)
    assert numbers(calling_order([*waiting, back])) == [2, 3, 4, 5, 1, 6]


def test_losing_places_never_moves_one_forward() -> None:
    assert due_behind_next([place(2, 0)], at(30)) == at(30)


def test_walk_in_is_due_when_they_came_but_not_before_the_session() -> None:
    assert walk_in_due(at(25), at(0), None, TEN_MINUTES) == at(25)
    assert walk_in_due(at(-30), at(0), None, TEN_MINUTES) == at(0)
    assert walk_in_due(at(25), None, None, TEN_MINUTES) == at(25)


def test_walk_ins_and_appointments_go_in_by_turns() -> None:
    appointments = [place(n, (n - 1) * 10) for n in (1, 2, 3)]
    last, walk_ins = None, []
    for number in (11, 12, 13):
        last = walk_in_due(at(-30), at(0), last, TEN_MINUTES)
        walk_ins.append(Place(uuid4(), number, "waiting", last, True, is_walk_in=True))
    assert numbers(calling_order([*walk_ins, *appointments])) == [1, 11, 2, 12, 3, 13]


def test_numbers_of_a_token_session_are_a_consultation_apart() -> None:
    assert number_due(at(0), 1, TEN_MINUTES) == at(0)
    assert number_due(at(0), 12, TEN_MINUTES) == at(110)


def test_pace_is_the_median_of_the_newest_consultations() -> None:
    minutes = [timedelta(minutes=m) for m in (4, 60, 6, 5, 7)]
    assert pace(minutes, TEN_MINUTES) == timedelta(minutes=6)
    assert pace([timedelta(minutes=5)] * 8 + [timedelta(hours=2)] * 20, TEN_MINUTES) == timedelta(minutes=5)


def test_pace_is_the_slot_until_three_are_seen() -> None:
    assert pace([timedelta(minutes=2)] * 2, TEN_MINUTES) == TEN_MINUTES
    assert pace([], timedelta(minutes=25)) == timedelta(minutes=25)


def test_taps_in_quick_succession_make_no_pace_of_nothing() -> None:
    assert pace([timedelta(0)] * 5, TEN_MINUTES) == timedelta(minutes=1)


def test_waits_follow_the_order_at_the_pace() -> None:
    first, second = place(1, 0), place(2, 10)
    assert expected_calls([second, first], at(15), TEN_MINUTES) == {first.key: at(15), second.key: at(25)}


def test_who_was_called_goes_in_before_those_who_wait() -> None:
    called, waiting = place(1, 0, "called", called_at=at(14)), place(2, 10)
    assert expected_calls([called, waiting], at(15), TEN_MINUTES)[waiting.key] == at(25)


def test_who_is_expected_is_counted_from_when_they_are_due() -> None:
    """At nine one walk-in of 9:20 waits behind the 9:10 appointment that has not come yet, not behind the 9:30."""
    walk_in, soon, later = place(3, 20, is_walk_in=True), place(1, 10, here=False), place(2, 30, here=False)
    busy = place(9, 0)
    calls = expected_calls([walk_in, soon, later, busy], at(0), TEN_MINUTES)
    assert calls == {busy.key: at(0), soon.key: at(10), walk_in.key: at(20), later.key: at(30)}


def test_who_should_have_come_is_not_waited_for() -> None:
    absent, here = place(1, 0, here=False), place(2, 30)
    calls = expected_calls([absent, here], at(20), TEN_MINUTES)
    assert calls == {here.key: at(20)}


def test_a_quiet_hour_before_the_next_appointment_is_jumped() -> None:
    later = place(1, 60, here=False)
    assert expected_calls([later], at(0), TEN_MINUTES) == {later.key: at(60)}


def test_minutes_are_begun_ones_and_never_negative() -> None:
    assert minutes_until(at(0.1), at(0)) == 1
    assert minutes_until(at(0), at(0)) == 0
    assert minutes_until(at(-5), at(0)) == 0


def test_the_waiting_room_is_told_in_fives() -> None:
    assert [roughly(m) for m in (0, 1, 5, 6, 14)] == [0, 5, 5, 10, 15]


KOLKATA = ZoneInfo("Asia/Kolkata")
MONDAY = date(2026, 11, 23)


def sessions(*spans: tuple[str, str]) -> list[Session]:
    """Every day's, from Sunday 22 to Tuesday 24 November."""
    weekly = [Weekly(day, time.fromisoformat(a), time.fromisoformat(b)) for day in range(7) for a, b in spans]
    plan = Plan(uuid4(), uuid4(), uuid4(), KOLKATA, "slots", "in-person", 20, 1, date(2020, 1, 1), None, weekly)
    start = datetime(2026, 11, 22, tzinfo=KOLKATA)
    return sorted(weekly_sessions(plan, start, start + timedelta(days=3)), key=lambda one: one.starts_at)


def sitting(wall: str, *spans: tuple[str, str]) -> tuple[date, str]:
    moment = datetime.combine(MONDAY, time.fromisoformat(wall), KOLKATA)
    found: Sitting = sitting_at(sessions(*spans), moment, KOLKATA)
    return found.day, found.name


@pytest.mark.parametrize(
    ("wall", "name"),
    [
        ("00:30", "09:00"),
        ("08:30", "09:00"),
        ("09:00", "09:00"),
        ("12:59", "09:00"),
        ("13:05", "09:00"),
        ("14:40", "16:00"),
        ("16:00", "16:00"),
        ("23:59", "16:00"),
    ],
)
def test_who_comes_between_sessions_belongs_to_the_nearer(wall: str, name: str) -> None:
    assert sitting(wall, ("09:00", "13:00"), ("16:00", "19:00")) == (MONDAY, name)


@pytest.mark.parametrize(
    ("wall", "day", "name"),
    [
        ("01:59", 22, "22:00"),
        ("03:59", 22, "22:00"),
        ("04:00", 23, "09:00"),
        ("22:00", 23, "22:00"),
        ("21:30", 23, "22:00"),
    ],
)
def test_a_nights_queue_is_the_day_on_which_it_began(wall: str, day: int, name: str) -> None:
    assert sitting(wall, ("09:00", "13:00"), ("22:00", "02:00")) == (MONDAY.replace(day=day), name)


def test_a_morning_session_goes_before_the_last_nights_overrun() -> None:
    assert sitting("02:30", ("02:15", "05:00"), ("22:00", "02:00")) == (MONDAY, "02:15")


def test_without_sessions_the_whole_day_is_one_queue() -> None:
    assert sitting("10:00") == (MONDAY, "day")


def test_appointments_first_lets_walk_ins_wait_behind_and_goes_by_coming() -> None:
    assert walk_in_due(at(25), at(0), at(60), TEN_MINUTES, order="appointments-first") == at(25)
    walk_in = place(1, 0, is_walk_in=True, stands_behind=True)
    assert numbers(calling_order([walk_in, place(2, 90)])) == [2, 1]
    urgent = place(3, 50, is_walk_in=True, stands_behind=True, is_priority=True)
    assert numbers(calling_order([walk_in, place(2, 90), urgent])) == [3, 2, 1]


def test_by_arrival_everybody_is_due_when_they_came() -> None:
    assert walk_in_due(at(-30), at(0), at(60), TEN_MINUTES, order="by-arrival") == at(-30)
    assert appointment_due(at(40), at(50), at(5), order="by-arrival") == at(5)
    assert appointment_due(at(40), at(50), None, order="by-arrival") == at(40)
    assert appointment_due(at(40), at(50), at(5)) == at(40)
    assert appointment_due(at(40), at(50), at(50)) == at(50), "a late-comer"
