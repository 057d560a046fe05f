"""Slots are arithmetic: sessions − exceptions − appointments, right on the days when the clocks change."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arogya.modules.scheduling.slots.computing import (
    Closure,
    Plan,
    Session,
    Slot,
    Taken,
    Weekly,
    as_patients_see,
    at_wall,
    extra_lane,
    free_lane,
    overlapping,
    slots_of,
    weekly_sessions,
)

KOLKATA = ZoneInfo("Asia/Kolkata")
NEW_YORK = ZoneInfo("America/New_York")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
EVERY_DAY = range(7)
MINUTE = timedelta(minutes=1)


def plan(
    starts: str = "09:00", ends: str = "13:00", *, zone: ZoneInfo = KOLKATA, minutes: int = 30, places: int = 1,
    kind: str = "slots", valid_from: date = date(2020, 1, 1), valid_to: date | None = None,
    weekdays: Sequence[int] = EVERY_DAY,
) -> Plan:  # fmt: skip
    sessions = [Weekly(day, time.fromisoformat(starts), time.fromisoformat(ends)) for day in weekdays]
    return Plan(uuid4(), uuid4(), uuid4(), zone, kind, "in-person", minutes, places, valid_from, valid_to, sessions)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: ZoneInfo = KOLKATA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def day_of(of: Plan, day: str) -> list[Session]:
    """The sittings that begin on this local day."""
    start, end = local(f"{day}T00:00", of.zone), local(f"{day}T00:00", of.zone) + timedelta(days=1)
    return [s for s in weekly_sessions(of, start, end) if s.starts_at.astimezone(of.zone).date().isoformat() == day]


def slots(
    of: Plan, day: str, closures: Sequence[Closure] = (), taken: Sequence[Taken] = (), now: datetime = LONG_AGO
) -> list[Slot]:
    return list(slots_of(day_of(of, day), closures, sorted(taken, key=lambda t: t.starts_at), now))


def wall_times(found: Sequence[Slot], zone: ZoneInfo) -> list[str]:
    return [s.starts_at.astimezone(zone).strftime("%H:%M") for s in found]


def leave(of: Plan, starts_at: datetime, ends_at: datetime) -> Closure:
    return Closure(starts_at, ends_at, of.practitioner_id, None)


def test_session_is_cut_into_slots_and_a_rest_too_short_is_dropped() -> None:
    found = slots(plan("09:00", "10:50", minutes=30), "2026-11-23")
    assert wall_times(found, KOLKATA) == ["09:00", "09:30", "10:00"]
    assert found[0].starts_at == utc("2026-11-23T03:30")
    assert {s.status for s in found} == {"free"}


def test_only_the_schedules_weekdays_and_period_have_sessions() -> None:
    monday_only = plan(weekdays=[0], valid_from=date(2026, 11, 23), valid_to=date(2026, 11, 30))
    counts = {day: len(day_of(monday_only, f"2026-{day}")) for day in ("11-16", "11-23", "11-24", "11-30", "12-07")}
    assert counts == {"11-16": 0, "11-23": 1, "11-24": 0, "11-30": 1, "12-07": 0}


@pytest.mark.parametrize(("year", "sessions"), [(2028, 1), (2027, 0)])
def test_29_february_is_there_in_leap_years_only(year: int, sessions: int) -> None:
    of = plan(valid_from=date(2024, 2, 29), valid_to=date(2028, 2, 29))
    found = [
        s for s in weekly_sessions(of, utc(f"{year}-02-28T00:00"), utc(f"{year}-03-02T00:00"))
        if s.starts_at.astimezone(KOLKATA).strftime("%m-%d") == "02-29"
    ]  # fmt: skip
    assert len(found) == sessions


def test_schedule_that_ends_on_29_february_sees_patients_that_day_and_not_the_next() -> None:
    of = plan(valid_to=date(2028, 2, 29))
    assert len(slots(of, "2028-02-29")) == 8
    assert slots(of, "2028-03-01") == []


def test_night_session_goes_on_past_midnight() -> None:
    night = plan("22:00", "02:00", weekdays=[0])
    found = slots(night, "2026-11-23")
    assert wall_times(found, KOLKATA) == ["22:00", "22:30", "23:00", "23:30", "00:00", "00:30", "01:00", "01:30"]
    assert found[-1].ends_at == local("2026-11-24T02:00")
    tuesday = weekly_sessions(night, local("2026-11-24T00:00"), local("2026-11-25T00:00"))
    assert [s.starts_at for s in tuesday] == [local("2026-11-23T22:00")], "Monday's sitting is found on Tuesday too"


def test_session_may_end_at_midnight() -> None:
    assert wall_times(slots(plan("23:00", "00:00"), "2026-11-23"), KOLKATA) == ["23:00", "23:30"]


class TestClocksForward:
    """New York, 8 March 2026: 02:00 EST is 03:00 EDT; 02:30 is never shown."""

    def test_session_across_the_jump_is_an_hour_shorter(self) -> None:
        found = slots(plan("01:00", "04:00", zone=NEW_YORK), "2026-03-08")
        assert wall_times(found, NEW_YORK) == ["01:00", "01:30", "03:00", "03:30"]
        assert len({s.starts_at for s in found}) == 4
        assert found[0].starts_at == utc("2026-03-08T06:00")
        assert found[-1].ends_at == utc("2026-03-08T08:00")

    def test_session_that_begins_in_the_missing_hour_begins_when_it_is_over(self) -> None:
        found = slots(plan("02:30", "04:00", zone=NEW_YORK), "2026-03-08")
        assert wall_times(found, NEW_YORK) == ["03:00", "03:30"]

    def test_session_inside_the_missing_hour_is_not_held(self) -> None:
        assert slots(plan("02:00", "03:00", zone=NEW_YORK), "2026-03-08") == []

    def test_sessions_apart_on_the_wall_stay_apart(self) -> None:
        early, late = plan("01:00", "02:30", zone=NEW_YORK), plan("03:00", "05:00", zone=NEW_YORK)
        assert overlapping([*day_of(early, "2026-03-08"), *day_of(late, "2026-03-08")]) is None

    def test_ordinary_morning_is_as_long_as_ever_and_an_hour_earlier_in_utc(self) -> None:
        before, after = (slots(plan(zone=NEW_YORK), day) for day in ("2026-03-07", "2026-03-08"))
        assert (before[0].starts_at, after[0].starts_at) == (utc("2026-03-07T14:00"), utc("2026-03-08T13:00"))
        assert len(before) == len(after) == 8


class TestClocksBack:
    """New York, 1 November 2026: 01:30 is shown twice, first EDT, then EST."""

    def test_session_through_both_equal_hours_is_an_hour_longer(self) -> None:
        found = slots(plan("00:30", "02:30", zone=NEW_YORK), "2026-11-01")
        assert wall_times(found, NEW_YORK) == ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00"]
        assert [b.starts_at - a.starts_at for a, b in pairwise(found)] == [30 * MINUTE] * 5

    def test_session_begins_at_the_first_of_two_equal_times(self) -> None:
        assert slots(plan("01:30", "03:00", zone=NEW_YORK), "2026-11-01")[0].starts_at == utc("2026-11-01T05:30")

    def test_sessions_apart_on_the_wall_stay_apart(self) -> None:
        early, late = plan("00:00", "01:30", zone=NEW_YORK), plan("01:30", "04:00", zone=NEW_YORK)
        assert overlapping([*day_of(early, "2026-11-01"), *day_of(late, "2026-11-01")]) is None


MINUTES = st.times().map(lambda t: t.replace(second=0, microsecond=0))
ZONES = st.sampled_from(
    [NEW_YORK, KOLKATA, ZoneInfo("Europe/London"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Sao_Paulo"),
     ZoneInfo("Pacific/Apia"), ZoneInfo("Africa/Casablanca")]
)  # fmt: skip


@given(zone=ZONES, day=st.dates(date(2005, 1, 1), date(2035, 12, 31)), minute=st.integers(0, 24 * 60 - 2))
def test_wall_time_never_runs_backwards(zone: ZoneInfo, day: date, minute: int) -> None:
    earlier, later = time(minute // 60, minute % 60), time((minute + 1) // 60, (minute + 1) % 60)
    assert at_wall(day, earlier, zone) <= at_wall(day, later, zone)


@given(
    zone=ZONES,
    day=st.dates(date(2015, 1, 1), date(2035, 12, 31)),
    wall=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)
def test_wall_time_that_exists_is_shown_at_that_moment(zone: ZoneInfo, day: date, wall: time) -> None:
    shown = at_wall(day, wall, zone).astimezone(zone).replace(tzinfo=None)
    assert shown >= datetime.combine(day, wall)
    if shown != datetime.combine(day, wall):
        just_before = (at_wall(day, wall, zone) - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
        assert just_before < datetime.combine(day, wall), "the clock jumped over it exactly then"


def test_appointment_takes_its_lane_and_the_last_one_makes_the_slot_busy() -> None:
    of = plan(places=2)
    at = local("2026-11-23T09:30")
    one = slots(of, "2026-11-23", taken=[Taken(at, at + 30 * MINUTE, 1)])[1]
    assert (one.status, one.free, free_lane(one)) == ("free", 1, 2)
    both = slots(of, "2026-11-23", taken=[Taken(at, at + 30 * MINUTE, 1), Taken(at, at + 30 * MINUTE, 2)])[1]
    assert (both.status, both.free, free_lane(both)) == ("busy", 0, None)


def test_override_in_an_extra_lane_takes_none_of_the_places() -> None:
    at = local("2026-11-23T09:30")
    found = slots(plan(), "2026-11-23", taken=[Taken(at, at + 30 * MINUTE, 2)])[1]
    assert (found.status, found.free) == ("free", 1)


def test_appointment_made_under_longer_slots_keeps_every_shorter_one_that_it_touches() -> None:
    at = local("2026-11-23T09:20")
    found = slots(plan(minutes=15), "2026-11-23", taken=[Taken(at, at + 40 * MINUTE, 1)])
    assert [s.status for s in found[:5]] == ["free", "busy", "busy", "busy", "free"]


def test_appointment_that_ends_when_a_slot_begins_does_not_hold_it() -> None:
    at = local("2026-11-23T08:30")
    assert slots(plan(), "2026-11-23", taken=[Taken(at, at + 30 * MINUTE, 1)])[0].status == "free"


def test_what_has_begun_is_past_and_what_begins_now_is_not() -> None:
    found = slots(plan(), "2026-11-23", now=local("2026-11-23T09:30"))
    assert [s.status for s in found[:3]] == ["past", "free", "free"]
    assert found[0].free == 0


def test_leave_closes_the_slots_that_it_touches() -> None:
    of = plan()
    found = slots(of, "2026-11-23", [leave(of, local("2026-11-23T09:45"), local("2026-11-23T10:30"))])
    assert [s.status for s in found[:4]] == ["free", "leave", "leave", "free"]


def test_someone_elses_leave_and_another_branchs_holiday_close_nothing() -> None:
    of = plan()
    day = (local("2026-11-23T00:00"), local("2026-11-24T00:00"))
    others = [Closure(*day, uuid4(), None), Closure(*day, None, uuid4()), Closure(*day, of.practitioner_id, uuid4())]
    assert {s.status for s in slots(of, "2026-11-23", others)} == {"free"}


def test_holiday_of_the_branch_closes_its_sessions_but_not_an_extra_one() -> None:
    of = plan()
    holiday = Closure(local("2026-11-23T00:00"), local("2026-11-24T00:00"), None, of.facility_id)
    assert {s.status for s in slots(of, "2026-11-23", [holiday])} == {"leave"}
    extra = [Session(of, s.starts_at, s.ends_at, is_extra=True) for s in day_of(of, "2026-11-23")]
    assert {s.status for s in slots_of(extra, [holiday], [], LONG_AGO)} == {"free"}
    own = replace(holiday, practitioner_id=of.practitioner_id)
    assert {s.status for s in slots_of(extra, [own], [], LONG_AGO)} == {"leave"}, "the doctor's own leave closes both"


class TestBuffers:
    """Ten minutes are kept free before each visit and five after it."""

    @pytest.fixture
    def kept(self) -> Plan:
        return replace(plan("09:00", "11:00", minutes=20), before=10 * MINUTE, after=5 * MINUTE)

    def test_slots_stand_apart(self, kept: Plan) -> None:
        found = slots(kept, "2026-11-23")
        assert wall_times(found, KOLKATA) == ["09:10", "09:45", "10:20"]
        assert {s.ends_at - s.starts_at for s in found} == {20 * MINUTE}

    def test_visit_from_another_timetable_keeps_the_time_around_a_slot_too(self, kept: Plan) -> None:
        for starts, ends, busy in [
            ("09:31", "09:34", ["09:10"]), ("09:35", "09:40", ["09:45"]), ("09:30", "09:40", ["09:10", "09:45"]),
            ("08:30", "09:00", []), ("08:30", "09:01", ["09:10"]),
        ]:  # fmt: skip
            there = Taken(local(f"2026-11-23T{starts}"), local(f"2026-11-23T{ends}"), 1)
            found = slots(kept, "2026-11-23", taken=[there])
            assert wall_times([s for s in found if s.status == "busy"], KOLKATA) == busy

    def test_leave_in_the_time_between_closes_nothing(self, kept: Plan) -> None:
        away = leave(kept, local("2026-11-23T09:30"), local("2026-11-23T09:45"))
        assert {s.status for s in slots(kept, "2026-11-23", [away])} == {"free"}

    def test_sessions_by_number_have_none(self) -> None:
        numbered = replace(plan(kind="tokens"), before=10 * MINUTE, after=5 * MINUTE)
        [session] = slots(numbered, "2026-11-23")
        assert session.ends_at - session.starts_at == 240 * MINUTE

    @given(before=st.integers(0, 60), after=st.integers(0, 60), minutes=st.integers(5, 60))
    def test_never_closer_than_was_said(self, before: int, after: int, minutes: int) -> None:
        of = replace(plan("09:00", "13:00", minutes=minutes), before=before * MINUTE, after=after * MINUTE)
        [session] = day_of(of, "2026-11-23")
        found = slots(of, "2026-11-23")
        for one, other in pairwise(found):
            assert other.starts_at - one.ends_at == (before + after) * MINUTE
        for slot in found:
            assert session.starts_at <= slot.starts_at - before * MINUTE
            assert slot.ends_at + after * MINUTE <= session.ends_at


class TestWhoSeesWhat:
    def test_extra_places_come_after_the_places(self) -> None:
        of = replace(plan(places=2), extra_places=2)
        start, end = local("2026-11-23T09:00"), local("2026-11-23T09:30")
        full = slots(of, "2026-11-23", taken=[Taken(start, end, lane) for lane in (1, 2, 3)])[0]
        assert (full.status, full.free, full.extra, free_lane(full)) == ("busy", 0, 1, None)
        assert extra_lane(full, 2) == 4
        assert extra_lane(full, 1) is None

    def test_hold_takes_a_place_and_says_whose(self) -> None:
        me, start, end = uuid4(), local("2026-11-23T09:00"), local("2026-11-23T09:30")
        held = slots(plan(places=2), "2026-11-23", taken=[Taken(start, end, 1, me)])[0]
        assert (held.free, held.held, held.holders, free_lane(held)) == (1, 1, (me,), 2)

    def test_patients_get_none_that_is_kept_for_the_desk(self) -> None:
        of = replace(plan(places=3), kept_for_desk=2, extra_places=1)
        seen = as_patients_see(slots(of, "2026-11-23")[0], of, LONG_AGO)
        assert seen is not None
        assert (seen.status, seen.free, seen.extra) == ("free", 1, 0)
        start, end = seen.starts_at, seen.ends_at
        full = as_patients_see(slots(of, "2026-11-23", taken=[Taken(start, end, 1)])[0], of, LONG_AGO)
        assert full is not None
        assert (full.status, full.free) == ("busy", 0)
        assert as_patients_see(seen, replace(of, patients_may_book=False), LONG_AGO) is None
        late = as_patients_see(seen, of, start + MINUTE)
        assert late is not None
        assert (late.status, late.free) == ("busy", 0)


class TestTokenSessions:
    of = plan("09:00", "12:00", kind="tokens", places=3)

    def test_whole_session_is_one_thing_to_book(self) -> None:
        (found,) = slots(self.of, "2026-11-23")
        assert (found.kind, found.places, found.free) == ("token", 3, 3)
        assert (found.starts_at, found.ends_at) == (local("2026-11-23T09:00"), local("2026-11-23T12:00"))

    def test_each_booking_takes_a_place_and_the_last_makes_it_busy(self) -> None:
        start, end = local("2026-11-23T09:00"), local("2026-11-23T12:00")
        (found,) = slots(self.of, "2026-11-23", taken=[Taken(start, end, lane) for lane in (1, 3)])
        assert (found.free, free_lane(found)) == (1, 2)
        (full,) = slots(self.of, "2026-11-23", taken=[Taken(start, end, lane) for lane in (1, 2, 3)])
        assert full.status == "busy"

    def test_numbers_are_given_until_the_session_is_over(self) -> None:
        assert slots(self.of, "2026-11-23", now=local("2026-11-23T11:59"))[0].status == "free"
        assert slots(self.of, "2026-11-23", now=local("2026-11-23T12:00"))[0].status == "past"

    def test_leave_over_the_start_closes_it_and_later_leave_cuts_it_short(self) -> None:
        early = leave(self.of, local("2026-11-23T08:00"), local("2026-11-23T10:00"))
        assert slots(self.of, "2026-11-23", [early])[0].status == "leave"
        late = leave(self.of, local("2026-11-23T11:00"), local("2026-11-23T18:00"))
        (cut,) = slots(self.of, "2026-11-23", [late])
        assert (cut.status, cut.ends_at) == ("free", local("2026-11-23T11:00"))


def test_overlap_is_seen_across_zones_and_touching_is_none() -> None:
    kolkata = plan("18:30", "20:30", weekdays=[0])
    new_york = plan("09:30", "11:30", zone=NEW_YORK, weekdays=[0])
    monday = [*day_of(kolkata, "2026-11-23"), *day_of(new_york, "2026-11-23")]
    assert overlapping(monday) is not None, "20:00 in Kolkata is 09:30 in New York"
    touching = [*day_of(plan("09:00", "10:00"), "2026-11-23"), *day_of(plan("10:00", "11:00"), "2026-11-23")]
    assert overlapping(touching) is None
