"""Visits in people's own calendars: read back by a library's reader, and refused to whom they are not for."""

import base64
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import httpx2
import pytest
from icalendar import Calendar

from arogya.modules.scheduling.calendars.ics import Entry, calendar
from arogya.platform.clock import FixedClock
from tests.conftest import NOW
from tests.factories.scheduling import TUESDAY, WEDNESDAY, booked, moment, step
from tests.modules.scheduling.desk import Desk
from tests.world import Hospital, World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection
NEW_YORK = ZoneInfo("America/New_York")


def events(content: bytes) -> list[Any]:
    book = Calendar.from_ical(content.decode())
    assert isinstance(book, Calendar)
    assert (str(book["version"]), str(book["method"])) == ("2.0", "PUBLISH")
    return list(book.walk("VEVENT"))


async def the_file(client: Client, hospital: Hospital, appointment_id: str, who: str = "patient") -> Any:
    answer = await client.get(f"/api/appointments/{appointment_id}/calendar", headers=hospital.as_(who))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    (event,) = events(answer.content)
    return event


async def make(client: Client, hospital: Hospital, of: str = "patient", who: str | None = None) -> str:
    answer = await client.post(
        "/api/calendar-feeds",
        json={"of": of},
        headers=hospital.as_(who or ("patient" if of == "patient" else "doctor")),
    )
    assert answer.status_code == 201, answer.text
    path: str = answer.json()["path"]
    return path


async def subscribed(client: Client, path: str) -> list[Any]:
    """As a calendar program asks: it signs in nowhere."""
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return events(answer.content)


class TestFile:
    async def test_says_when_where_and_with_whom_and_no_more(self, client: Client, world: World) -> None:
        visit = await booked(client, world.a, reason="Test for HIV", notes="came by ambulance")
        answer = await client.get(f"/api/appointments/{visit['id']}/calendar", headers=world.a.as_("patient"))
        (event,) = events(answer.content)
        assert str(event["summary"]) == "Appointment: Dr Kavita Iyer"
        assert str(event["location"]) == "Hospital A of the tests, main, Pune"
        assert (event["dtstart"].dt, event["dtend"].dt) == (moment(TUESDAY, "10:00"), moment(TUESDAY, "10:20"))
        assert event["dtstart"].params["TZID"] == "Asia/Kolkata"
        assert (str(event["status"]), str(event["class"]), event["sequence"]) == ("CONFIRMED", "PRIVATE", 0)
        for secret in (b"HIV", b"ambulance", b"Sunita", b"General medicine", b"TA-000001"):
            assert secret not in answer.content
        assert answer.headers["cache-control"] == "private, no-store"

    async def test_desk_sees_whose_it_is_by_initials(self, client: Client, world: World) -> None:
        visit = await booked(client, world.a)
        event = await the_file(client, world.a, visit["id"], "receptionist")
        assert str(event["summary"]) == "Appointment: Dr Kavita Iyer, S D"

    async def test_pending_is_tentative_and_cancelled_is_cancelled(self, client: Client, world: World) -> None:
        visit = await booked(client, world.a, status="pending")
        before = await the_file(client, world.a, visit["id"])
        await step(client, world.a, "receptionist", visit["id"], "cancel", reason="Feels better")
        after = await the_file(client, world.a, visit["id"])
        assert [str(one["status"]) for one in (before, after)] == ["TENTATIVE", "CANCELLED"]
        assert before["uid"] == after["uid"]
        assert after["sequence"] > before["sequence"]

    async def test_moved_twice_stays_one_entry_that_moves(self, client: Client, world: World) -> None:
        seen = [await booked(client, world.a)]
        for day in (WEDNESDAY, "2026-11-26"):
            moved = await step(
                client, world.a, "receptionist", seen[-1]["id"], "reschedule",
                starts_at=moment(day, "11:00").isoformat(),
            )  # fmt: skip
            seen.append(moved.json())
        entries = [await the_file(client, world.a, visit["id"]) for visit in seen]
        assert len({one["uid"] for one in entries}) == 1
        assert [one["sequence"] for one in entries] == sorted({one["sequence"] for one in entries})
        assert entries[-1]["dtstart"].dt == moment("2026-11-26", "11:00")

    async def test_taking_it_away_is_recorded(self, client: Client, world: World, owner: Owner) -> None:
        visit = await booked(client, world.a)
        await the_file(client, world.a, visit["id"])
        row = await owner.fetchrow("SELECT * FROM audit_entries WHERE action = 'export'")
        assert (row["entity"], row["entity_ids"], row["patient_id"]) == (
            "appointment", [UUID(visit["id"])], world.a.patient,
        )  # fmt: skip

    async def test_who_gets_it(self, client: Client, world: World) -> None:
        visit = await booked(client, world.a, patient_id=world.a.other_patient)
        path = f"/api/appointments/{visit['id']}/calendar"
        for headers, status in [
            (world.a.as_("receptionist"), 200), (world.a.as_("patient"), 404),
            (world.a.as_("branch_receptionist"), 404), (world.a.as_("privacy_officer"), 403),
            (world.b.as_("receptionist"), 404), ({}, 401),
        ]:  # fmt: skip
            assert (await client.get(path, headers=headers)).status_code == status, headers


class TestFeed:
    async def test_patient_reads_their_own_visits_and_nobody_elses(self, client: Client, world: World) -> None:
        await booked(client, world.a)
        await booked(client, world.a, patient_id=world.a.other_patient, starts_at=moment(TUESDAY, "11:00").isoformat())
        (event,) = await subscribed(client, await make(client, world.a))
        assert str(event["summary"]) == "Appointment: Dr Kavita Iyer"

    async def test_doctor_reads_their_own_visits_by_initials(self, client: Client, world: World) -> None:
        await booked(client, world.a, reason="Fever")
        tokens = world.a.other_practitioner
        await booked(client, world.a, practitioner_id=tokens, starts_at=moment(TUESDAY, "09:00").isoformat())
        path = await make(client, world.a, "practitioner")
        answer = await client.get(path)
        (event,) = events(answer.content)
        assert str(event["summary"]) == "Appointment: S D"
        assert b"Sunita" not in answer.content
        assert b"Fever" not in answer.content

    async def test_who_signs_in_for_several_sees_whose_each_is(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        await owner.execute(
            """INSERT INTO patient_accounts (organization_id, id, patient_id, user_id, relation, valid_from)
               VALUES ($1, gen_random_uuid(), $2, $3, 'carer', '2026-01-01')""",
            world.a.organization_id, world.a.other_patient, world.a.users["patient"],
        )  # fmt: skip
        await booked(client, world.a, patient_id=world.a.other_patient)
        (event,) = await subscribed(client, await make(client, world.a))
        assert str(event["summary"]) == "Appointment: Dr Kavita Iyer, M D"

    async def test_move_updates_the_entry_and_to_the_doctor_left_it_is_cancelled(
        self, client: Client, world: World
    ) -> None:
        visit = await booked(client, world.a)
        mine, doctors = await make(client, world.a), await make(client, world.a, "practitioner")
        (before,) = await subscribed(client, doctors)
        await step(
            client, world.a, "receptionist", visit["id"], "reschedule",
            starts_at=moment(WEDNESDAY, "09:00").isoformat(), practitioner_id=str(world.a.other_practitioner),
        )  # fmt: skip
        (patients,) = await subscribed(client, mine)
        (left,) = await subscribed(client, doctors)
        assert (str(patients["status"]), patients["dtstart"].dt) == ("CONFIRMED", moment(WEDNESDAY, "09:00"))
        assert (str(left["status"]), left["uid"]) == ("CANCELLED", before["uid"])
        assert left["uid"] == patients["uid"]
        assert patients["sequence"] > left["sequence"] > before["sequence"]

    async def test_made_anew_the_old_address_is_dead(self, client: Client, world: World) -> None:
        old = await make(client, world.a)
        new = await make(client, world.a)
        assert (await client.get(old)).json()["code"] == "unknown_calendar"
        assert await subscribed(client, new) == []

    async def test_taken_back_it_is_dead(self, client: Client, world: World) -> None:
        path = await make(client, world.a)
        ended = await client.delete("/api/calendar-feeds/patient", headers=world.a.as_("patient"))
        again = await client.delete("/api/calendar-feeds/patient", headers=world.a.as_("patient"))
        assert (ended.status_code, again.status_code, (await client.get(path)).status_code) == (204, 404, 404)

    async def test_only_the_hash_is_kept(self, client: Client, world: World, owner: Owner) -> None:
        token = (await make(client, world.a)).split("/")[-1].removesuffix(".ics")
        kept = await owner.fetchrow("SELECT * FROM calendar_feeds")
        assert token.encode() not in b" ".join(str(value).encode() for value in kept.values())
        assert len(kept["token_hash"]) == 32

    async def test_each_reading_is_an_export_in_the_trail(
        self, client: Client, world: World, owner: Owner, clock: FixedClock
    ) -> None:
        await booked(client, world.a)
        path = await make(client, world.a)
        clock.advance(timedelta(hours=2))
        await subscribed(client, path)
        row = await owner.fetchrow("SELECT * FROM audit_entries WHERE action = 'export'")
        assert (row["entity"], row["user_id"]) == ("calendar_feed", world.a.users["patient"])
        assert row["route"] == "GET /api/calendar/{token}.ics"
        assert str(world.a.patient) in row["details"]
        told = (await client.get("/api/calendar-feeds", headers=world.a.as_("patient"))).json()["items"]
        assert [(one["of"], one["last_read_at"]) for one in told] == [("patient", "2026-11-23T06:30:00Z")]

    @pytest.mark.parametrize(
        "end",
        [
            "UPDATE patient_accounts SET valid_until = '2026-11-23T04:00Z'",
            "UPDATE memberships SET valid_until = '2026-11-23T04:00Z' WHERE role = 'patient'",
            "UPDATE users SET is_active = false WHERE name LIKE 'patient of%'",
            "UPDATE organizations SET status = 'suspended'",
        ],
    )
    async def test_who_may_no_longer_read_reads_no_more(
        self, client: Client, world: World, owner: Owner, end: str
    ) -> None:
        path = await make(client, world.a)
        assert await subscribed(client, path) == []
        await owner.execute(end)
        assert (await client.get(path)).status_code == 404

    async def test_doctor_who_left_reads_no_more(self, client: Client, world: World, owner: Owner) -> None:
        path = await make(client, world.a, "practitioner")
        await owner.execute("UPDATE memberships SET valid_until = '2026-11-23T04:00Z' WHERE role = 'doctor'")
        assert (await client.get(path)).status_code == 404

    async def test_who_may_have_which(self, client: Client, world: World) -> None:
        for who, of, status in [
            ("patient", "patient", 201), ("patient", "practitioner", 422), ("doctor", "practitioner", 201),
            ("doctor", "patient", 422), ("receptionist", "practitioner", 422), ("privacy_officer", "patient", 403),
        ]:  # fmt: skip
            answer = await client.post("/api/calendar-feeds", json={"of": of}, headers=world.a.as_(who))
            assert answer.status_code == status, (who, of)
        assert (await client.get("/api/calendar-feeds")).status_code == 401
        mine = await client.get("/api/calendar-feeds", headers=world.a.as_("receptionist"))
        assert mine.json() == {"items": []}

    async def test_nobodys_address_and_another_hospitals_name_on_it(self, client: Client, world: World) -> None:
        token = (await make(client, world.a)).split("/")[-1].removesuffix(".ics")
        secret = base64.urlsafe_b64decode(token)[16:]
        elsewhere = base64.urlsafe_b64encode(world.b.organization_id.bytes + secret).decode()
        for wrong in (elsewhere, "A" * 64, token.swapcase()):
            assert (await client.get(f"/api/calendar/{wrong}.ics")).status_code == 404
        assert (await client.get("/api/calendar/short.ics")).status_code == 422

    async def test_visits_long_past_and_walk_ins_are_left_out(
        self, client: Client, world: World, clock: FixedClock, desk: Desk
    ) -> None:
        await booked(client, world.a)
        await desk.walk_in(world.a.patient)
        path = await make(client, world.a)
        assert len(await subscribed(client, path)) == 1
        clock.advance(timedelta(days=32))
        assert await subscribed(client, path) == []


def entry(day: str, wall: str, *, fold: int = 0) -> Entry:
    starts_at = moment(day, wall, NEW_YORK) + timedelta(hours=fold)
    return Entry(
        uid="x@arogya", sequence=3, status="CONFIRMED", starts_at=starts_at, ends_at=starts_at + timedelta(minutes=20),
        zone=NEW_YORK, summary="Appointment: Dr Kavita Iyer; ward, 2\nX-EVIL:1", location="New York branch",
        changed_at=NOW,
    )  # fmt: skip


class TestFormat:
    @pytest.mark.parametrize(
        ("day", "wall", "fold"),
        [
            ("2027-03-14", "00:30", 0), ("2027-03-14", "03:00", 0), ("2027-07-01", "09:00", 0),
            ("2027-11-07", "01:30", 0), ("2027-11-07", "01:30", 1), ("2027-11-07", "09:00", 0),
        ],
    )  # fmt: skip
    def test_both_days_of_a_clock_change_come_back_as_the_same_moment(self, day: str, wall: str, fold: int) -> None:
        given = entry(day, wall, fold=fold)
        content = calendar("Appointments", [given], NOW)
        (event,) = events(content)
        # In UTC: Python calls a moment of the repeated hour unequal to any in another zone.
        assert [event[name].dt.astimezone(UTC) for name in ("dtstart", "dtend")] == [given.starts_at, given.ends_at]
        assert b"\r\nBEGIN:VTIMEZONE" in content or fold

    def test_second_of_two_equal_wall_times_is_written_in_utc(self) -> None:
        """A wall time that comes twice means the first (RFC 5545, 3.3.5): named by its zone it would be an hour off."""
        assert b"DTSTART:20271107T063000Z" in calendar("Appointments", [entry("2027-11-07", "01:30", fold=1)], NOW)
        assert b"DTSTART;TZID=America/New_York:20271107T013000" in calendar(
            "Appointments", [entry("2027-11-07", "01:30")], NOW
        )

    def test_rules_of_the_zone_come_along_and_say_the_same_as_ours(self) -> None:
        """A program without a zone table of its own reckons by these: offsets on both sides of both changes."""
        content = calendar("Appointments", [entry("2027-03-14", "03:00"), entry("2027-11-07", "09:00")], NOW)
        book = Calendar.from_ical(content.decode())
        (zone,) = [one.to_tz(lookup_tzid=False) for one in book.walk("VTIMEZONE")]
        for day, wall in (
            ("2027-03-13", "12:00"),
            ("2027-03-14", "12:00"),
            ("2027-11-06", "12:00"),
            ("2027-11-07", "12:00"),
        ):
            at = moment(day, wall, NEW_YORK).astimezone(NEW_YORK)
            assert at.replace(tzinfo=zone).utcoffset() == at.utcoffset(), day

    def test_text_can_neither_break_a_line_nor_run_too_long(self) -> None:
        content = calendar("Appointments", [entry("2027-07-01", "09:00")], NOW)
        lines = content.split(b"\r\n")
        assert not any(line.startswith(b"X-EVIL") for line in lines)
        assert all(len(line) <= 75 for line in lines)
        assert str(events(content)[0]["summary"]) == "Appointment: Dr Kavita Iyer; ward, 2\nX-EVIL:1"
