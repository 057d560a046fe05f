"""Text messages: to whom, in which language, and once."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import httpx2
import pytest

from arogya.modules.notifications.schemas import Template
from arogya.modules.notifications.texts import _WORDS
from arogya.platform.clock import FixedClock
from tests.conftest import Sent
from tests.factories.scheduling import MONDAY, TUESDAY, WEDNESDAY, at, booked, change_rules, moment, step
from tests.world import Hospital, World

Once = Callable[[], Awaitable[Any]]
Owner = asyncpg.Connection
Client = httpx2.AsyncClient


@pytest.fixture
async def deliver(relay_once: Once, jobs_once: Once) -> Once:
    async def run() -> None:
        await relay_once()
        await jobs_once()

    return run


async def leave(client: Client, hospital: Hospital, action: str) -> None:
    """The doctor is away on Tuesday; everybody moves to what is proposed first, or is cancelled."""
    body = {
        "leave": {
            "kind": "leave", "practitioner_id": str(hospital.practitioner), "starts_at": at(TUESDAY, "00:00"),
            "ends_at": at(WEDNESDAY, "00:00"),
        }
    }  # fmt: skip
    headers = hospital.as_("hospital_admin")
    items = (await client.post("/api/leave-cascades/preview", json=body, headers=headers)).json()["items"]
    decisions = [
        {
            "appointment_id": one["appointment"]["id"], "action": action,
            **({k: one["options"][0][k] for k in PLACE} if action == "move" else {}),
        }
        for one in items
    ]  # fmt: skip
    done = await client.post("/api/leave-cascades", json={**body, "decisions": decisions}, headers=headers)
    assert done.status_code == 201, done.text


PLACE = ("practitioner_id", "facility_id", "starts_at")


async def test_who_has_no_account_is_told_by_text_of_leave(
    client: Client, world: World, deliver: Once, sent: Sent, owner: Owner
) -> None:
    await booked(client, world.a, starts_at=at(TUESDAY, "10:00"))
    await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(TUESDAY, "10:20"))
    await leave(client, world.a, "move")
    await deliver()
    assert [one.to for one in sent.texts] == ["+919000011207"], "only the one who doesn't sign in"
    words = sent.texts[0].body
    assert words.startswith("Mahesh: your visit with Dr Kavita Iyer on 24 Nov 10:20 is moved"), words
    assert "25 Nov 10:20" in words
    assert "Deshmukh" not in words, "the first name is enough"
    told = await owner.fetch("SELECT template FROM notifications WHERE user_id = $1", world.a.users["patient"])
    assert "appointment.rescheduled" in {row["template"] for row in told}
    assert await owner.fetchval("SELECT count(*) FROM text_notices WHERE sent_at IS NOT NULL") == 1
    audited = await owner.fetchval("SELECT count(*) FROM audit_entries WHERE entity = 'text_notice'")
    assert audited == 1


async def test_in_hindi_where_the_patient_reads_it(
    client: Client, world: World, deliver: Once, sent: Sent, owner: Owner
) -> None:
    await owner.execute("UPDATE patients SET language = 'hi' WHERE id = $1", world.a.other_patient)
    await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(TUESDAY, "10:20"))
    await leave(client, world.a, "cancel")
    await deliver()
    (text,) = sent.texts
    assert "रद्द" in text.body
    assert "24 नव" in text.body


async def test_sent_once_though_the_job_runs_again(
    client: Client, world: World, deliver: Once, sent: Sent, owner: Owner, work: Any
) -> None:
    from arogya.modules.notifications.jobs import send_text

    await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(TUESDAY, "10:20"))
    await leave(client, world.a, "move")
    await deliver()
    notice_id = await owner.fetchval("SELECT id FROM text_notices")
    await send_text(work, str(world.a.organization_id), str(notice_id))
    assert len(sent.texts) == 1


async def test_nobody_writes_to_the_dead(client: Client, world: World, deliver: Once, sent: Sent, owner: Owner) -> None:
    await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(TUESDAY, "10:20"))
    await owner.execute("UPDATE patients SET is_deceased = true WHERE id = $1", world.a.other_patient)
    await leave(client, world.a, "cancel")
    await deliver()
    assert sent.texts == []


async def offered(client: Client, world: World, owner: Owner, patient_id: Any) -> None:
    """A place of Tuesday is offered to this patient: the day's other slots don't matter, they would do, too."""
    body = {
        "patient_id": str(patient_id), "practitioner_id": str(world.a.practitioner), "facility_id": str(world.a.main),
        "first_day": TUESDAY, "last_day": TUESDAY,
    }  # fmt: skip
    done = await client.post("/api/waitlist", json=body, headers=world.a.as_("receptionist"))
    assert done.status_code == 201, done.text


async def test_offer_comes_to_the_screen_and_by_text_with_its_link(
    client: Client, world: World, deliver: Once, sent: Sent, owner: Owner
) -> None:
    await offered(client, world, owner, world.a.patient)
    await deliver()
    told = await owner.fetch("SELECT template, params FROM notifications WHERE user_id = $1", world.a.users["patient"])
    assert [row["template"] for row in told] == ["place.offered"]
    (text,) = sent.texts
    assert "24 Nov 09:00" in text.body
    assert "until 10:15" in text.body
    assert re.search(r"To take it call the hospital, or open http://localhost:8000/my/offer#[\w-]{43}$", text.body)


async def test_offer_to_who_has_no_account_has_the_link_and_says_whom_to_call(
    client: Client, world: World, deliver: Once, sent: Sent, owner: Owner
) -> None:
    await owner.execute("UPDATE facilities SET phone = '020 5550 0100' WHERE id = $1", world.a.main)
    await offered(client, world, owner, world.a.other_patient)
    await deliver()
    (text,) = sent.texts
    assert "To take it call 020 5550 0100, or open http://localhost:8000/my/offer#" in text.body
    assert "Mahesh" not in text.body.split("http")[1]


async def test_offer_that_lapsed_before_the_message_went_is_not_sent(
    client: Client, world: World, relay_once: Once, jobs_once: Once, sent: Sent, owner: Owner, clock: FixedClock
) -> None:
    await offered(client, world, owner, world.a.other_patient)
    await relay_once()
    clock.advance(timedelta(minutes=16))
    await jobs_once()
    assert sent.texts == []


async def test_moved_queue_is_told(client: Client, world: World, deliver: Once, sent: Sent, owner: Owner) -> None:
    for patient in (world.a.patient, world.a.other_patient):
        body = {
            "patient_id": str(patient), "practitioner_id": str(world.a.practitioner), "facility_id": str(world.a.main)
        }  # fmt: skip
        assert (await client.post("/api/walk-ins", json=body, headers=world.a.as_("receptionist"))).status_code == 201
    whom = {
        "from_practitioner_id": str(world.a.practitioner), "to_practitioner_id": str(world.a.other_practitioner),
        "facility_id": str(world.a.main),
    }  # fmt: skip
    done = await client.post("/api/queue-handovers", json=whom, headers=world.a.as_("receptionist"))
    assert done.status_code == 201, done.text
    await deliver()
    told = await owner.fetch("SELECT template FROM notifications WHERE user_id = $1", world.a.users["patient"])
    assert "visit.handed-over" in {row["template"] for row in told}
    assert "appointment.cancelled" not in {row["template"] for row in told}, "it was moved, not cancelled"
    (text,) = sent.texts
    assert text.body == (
        "Mahesh: Dr Kavita Iyer had to leave. Dr Arvind Menon sees you instead, room 7; your new number is 2."
    )


async def test_cancelling_by_the_desk_sends_no_text(client: Client, world: World, deliver: Once, sent: Sent) -> None:
    made = await booked(client, world.a, patient_id=world.a.other_patient)
    await step(client, world.a, "receptionist", made["id"], "cancel", reason="Asked for it")
    await deliver()
    assert sent.texts == []


def test_every_text_is_there_in_both_languages() -> None:
    assert set(_WORDS["en"]) == set(_WORDS["hi"])
    assert Template.PLACE_OFFERED in _WORDS["en"]


class TestAtNight:
    """Leave is entered late on Monday evening."""

    @pytest.fixture
    def late(self, clock: FixedClock) -> FixedClock:
        clock.at = moment(MONDAY, "22:00")
        return clock

    async def test_text_waits_for_the_morning_and_goes_once(
        self, client: Client, world: World, deliver: Once, sent: Sent, owner: Owner, late: FixedClock
    ) -> None:
        await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(TUESDAY, "12:00"))
        await leave(client, world.a, "cancel")
        await deliver()
        assert sent.texts == []
        late.at = moment(TUESDAY, "07:59")
        await deliver()
        assert sent.texts == []
        assert await owner.fetchval("SELECT scheduled_at FROM procrastinate_jobs") == moment(TUESDAY, "08:00")
        late.at = moment(TUESDAY, "08:00")
        await deliver()
        (text,) = sent.texts
        assert "24 Nov 12:00 is cancelled" in text.body
        late.advance(timedelta(days=1))
        await deliver()
        assert len(sent.texts) == 1

    async def test_who_would_come_early_is_told_at_once(
        self, client: Client, world: World, deliver: Once, sent: Sent, late: FixedClock
    ) -> None:
        await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(TUESDAY, "10:40"))
        await leave(client, world.a, "cancel")
        await deliver()
        assert len(sent.texts) == 1

    async def test_hospital_may_send_at_night(
        self, client: Client, world: World, deliver: Once, sent: Sent, late: FixedClock
    ) -> None:
        await change_rules(client, world.a, has_quiet_hours=False)
        await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(TUESDAY, "12:00"))
        await leave(client, world.a, "cancel")
        await deliver()
        assert len(sent.texts) == 1

    async def test_night_is_the_branchs_own(
        self, client: Client, world: World, deliver: Once, sent: Sent, owner: Owner, late: FixedClock
    ) -> None:
        """22:00 in Kolkata is half past eleven in the morning in New York."""
        await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(TUESDAY, "12:00"))
        await owner.execute("UPDATE facilities SET time_zone = 'America/New_York' WHERE id = $1", world.a.main)
        await leave(client, world.a, "cancel")
        await deliver()
        assert len(sent.texts) == 1

    async def test_code_to_sign_in_goes_at_any_hour(
        self, client: Client, world: World, deliver: Once, sent: Sent, owner: Owner, late: FixedClock
    ) -> None:
        asked = await client.post("/api/auth/code", json={"phone": "9000011207", "language": "en"})
        assert asked.status_code == 202, asked.text
        await deliver()
        assert len(sent.texts) == 1
