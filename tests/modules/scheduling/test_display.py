"""The waiting room's screen: signed in by a link, shows numbers and initials, and nothing that names a patient."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.patients.models import Patient
from arogya.modules.scheduling.display import initials
from arogya.platform.clock import FixedClock
from tests.factories.scheduling import MONDAY, at
from tests.modules.scheduling.desk import Desk
from tests.world import World

Owner = asyncpg.Connection
InTenant = Callable[..., AbstractAsyncContextManager[AsyncSession]]


@pytest.fixture
async def screen(desk: Desk) -> dict[str, str]:
    """The headers of a screen that hangs at the main branch."""
    return await hang_screen(desk, desk.hospital.main)


async def hang_screen(desk: Desk, facility_id: UUID) -> dict[str, str]:
    link = await desk.as_("hospital_admin").post(
        "/device-links", {"name": "Ground floor", "facility_id": str(facility_id)}
    )
    assert link.status_code == 201, link.text
    token = link.json()["link"].split("#")[1]
    opened = await desk.client.post("/api/auth/device", json={"token": token})
    assert opened.status_code == 200, opened.text
    return {"Authorization": f"Bearer {opened.json()['access_token']}"}


async def shown(desk: Desk, screen: dict[str, str]) -> dict[str, Any]:
    answer = await desk.client.get("/api/display", headers=screen)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def people(world: World, in_tenant: InTenant) -> list[UUID]:
    """Long plain names, of which none may reach the screen."""
    names = ["Fatimabegum Shaikhtest", "Raghavendra Bhattest", "Ananyalakshmi Sentest", "Josephine Dsouzatest"]
    async with in_tenant(world.a.organization_id) as session:
        rows = [
            Patient(mrn=f"D-{n}", name=name, sort_name=name.lower(), gender="other") for n, name in enumerate(names)
        ]
        session.add_all(rows)
        await session.flush()
        return [row.id for row in rows]


async def test_empty_waiting_room(desk: Desk, screen: dict[str, str]) -> None:
    assert await shown(desk, screen) == {
        "hospital_name": "Hospital A of the tests", "facility_name": "Hospital A of the tests, main",
        "time_zone": "Asia/Kolkata", "now": at(MONDAY, "10:00"),
        "calling": None, "rows": [],
    }  # fmt: skip


async def test_call_shows_number_initials_and_room(desk: Desk, screen: dict[str, str], people: list[UUID]) -> None:
    for person in people:
        await desk.walk_in(person)
    called = (await desk.call_next())["called"]
    told = await shown(desk, screen)
    assert told["calling"] == {
        "number": 1, "initials": "F S", "room": "4", "floor": "first floor", "practitioner_name": "Dr Kavita Iyer",
        "called_at": at(MONDAY, "10:00"), "token_id": called["token_id"], "calls": 1,
    }  # fmt: skip
    assert told["rows"] == [
        {
            "room": "4", "practitioner_name": "Dr Kavita Iyer", "specialty": "General medicine",
            "specialty_hi": "सामान्य चिकित्सा", "inside_number": 1, "next_numbers": [2, 3, 4], "wait_minutes": 80,
            "state": "here", "until": None,
        }
    ]  # fmt: skip


async def test_nothing_on_it_names_a_patient(
    desk: Desk, screen: dict[str, str], people: list[UUID], owner: Owner
) -> None:
    for person in people:
        await desk.walk_in(person, reason="Something private")
    await desk.call_next()
    raw = (await desk.client.get("/api/display", headers=screen)).text
    told = {word for row in await owner.fetch("SELECT name FROM patients") for word in row["name"].split()}
    assert told, "the test must have names to look for"
    assert not [word for word in told if word in raw]
    ids = await owner.fetch("SELECT id FROM patients UNION SELECT id FROM appointments")
    assert not [row["id"] for row in ids if str(row["id"]) in raw]
    assert "private" not in raw


async def test_recall_counts_so_that_it_chimes_again(
    desk: Desk, screen: dict[str, str], people: list[UUID], clock: FixedClock
) -> None:
    await desk.walk_in(people[0])
    called = (await desk.call_next())["called"]
    clock.advance(timedelta(minutes=1))
    await desk.moved(called["token_id"], "recall")
    told = (await shown(desk, screen))["calling"]
    assert (told["calls"], told["called_at"]) == (2, at(MONDAY, "10:01"))


async def test_newest_call_of_all_doctors_is_shown(
    desk: Desk, token_desk: Desk, screen: dict[str, str], people: list[UUID], clock: FixedClock
) -> None:
    await desk.walk_in(people[0])
    await token_desk.walk_in(people[1])
    await desk.call_next()
    clock.advance(timedelta(seconds=20))
    await token_desk.call_next()
    told = await shown(desk, screen)
    assert (told["calling"]["practitioner_name"], told["calling"]["initials"]) == ("Dr Arvind Menon", "R B")
    assert [row["room"] for row in told["rows"]] == ["4", "7"]


async def test_call_goes_down_after_the_patient_went_in(
    desk: Desk, screen: dict[str, str], people: list[UUID], clock: FixedClock
) -> None:
    await desk.walk_in(people[0])
    await desk.see(clock, 1)
    assert (await shown(desk, screen))["calling"]["number"] == 1
    clock.advance(timedelta(minutes=2))
    told = await shown(desk, screen)
    assert (told["calling"], told["rows"][0]["inside_number"]) == (None, 1)


async def test_late_doctor_is_announced(desk: Desk, screen: dict[str, str]) -> None:
    await desk.post(
        f"/practitioners-today/{desk.doctor}",
        {"facility_id": str(desk.hospital.main), "state": "late", "until": at(MONDAY, "11:15")},
    )
    (row,) = (await shown(desk, screen))["rows"]
    assert (row["state"], row["until"], row["inside_number"]) == ("late", at(MONDAY, "11:15"), None)


async def test_waits_are_told_in_fives(
    desk: Desk, screen: dict[str, str], people: list[UUID], clock: FixedClock
) -> None:
    await desk.walk_in(people[0])
    await desk.see(clock, 7)
    assert (await shown(desk, screen))["rows"][0]["wait_minutes"] == 15, "thirteen"


async def test_screen_of_another_branch_shows_nothing_of_this_one(desk: Desk, people: list[UUID]) -> None:
    elsewhere = await hang_screen(desk, desk.hospital.branch)
    await desk.walk_in(people[0])
    await desk.call_next()
    told = await shown(desk, elsewhere)
    assert (told["facility_name"], told["calling"], told["rows"]) == ("Hospital A of the tests, branch", None, [])


async def test_looking_writes_no_audit_row(
    desk: Desk, screen: dict[str, str], people: list[UUID], owner: Owner
) -> None:
    await desk.walk_in(people[0])
    await desk.call_next()
    await owner.execute("TRUNCATE audit_entries")
    await shown(desk, screen)
    assert await owner.fetchval("SELECT count(*) FROM audit_entries") == 0


async def test_screen_may_show_and_nothing_else(desk: Desk, screen: dict[str, str], world: World) -> None:
    for path in (f"/api/queue?facility_id={world.a.main}", f"/api/practitioners-today?facility_id={world.a.main}"):
        assert (await desk.client.get(path, headers=screen)).status_code == 403
    assert (await desk.client.post("/api/queue/call-next", json=desk.here, headers=screen)).status_code == 403


@pytest.mark.parametrize("who", ["receptionist", "doctor", "patient", "hospital_admin"])
async def test_people_have_no_such_screen(desk: Desk, who: str) -> None:
    assert (await desk.as_(who).get("/display")).status_code == 403


async def test_stranger_is_refused(desk: Desk) -> None:
    assert (await desk.client.get("/api/display")).status_code == 401


async def test_revoked_screen_goes_dark(desk: Desk, screen: dict[str, str], clock: FixedClock) -> None:
    admin = desk.as_("hospital_admin")
    (link,) = (await admin.get("/device-links")).json()["items"]
    await desk.client.delete(f"/api/device-links/{link['id']}", headers=admin.headers)
    clock.advance(timedelta(seconds=1))
    assert (await desk.client.get("/api/display", headers=screen)).status_code == 401


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Fatima Shaikh", "F S"),
        ("Madonna", "M"),
        ("baby of Sunita Deshmukh", "B O S"),
        ("Unknown male ~40", "U M"),
        ("सुनीता देशमुख", "स द"),
        ("फ़ातिमा शेख़", "फ़ श"),
        ("Élodie d'Souza", "É D"),
        ("  ", ""),
        ("محمد علی", "م ع"),
    ],
)
def test_initials_are_letters_of_any_script(name: str, letters: str) -> None:
    assert initials(name) == letters
