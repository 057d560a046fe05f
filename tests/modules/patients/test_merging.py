"""Two records of one person: merged by a link, and parted again exactly."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from asyncpg import Connection
from sqlalchemy import text

from arogya.modules.patients.api import accounts_of, accounts_of_all
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from tests.factories.patients import a_patient
from tests.factories.scheduling import TUESDAY, WEDNESDAY, at, booked
from tests.modules.scheduling.desk import Desk
from tests.world import Hospital, World

Client = httpx2.AsyncClient


class Merging:
    """What an administrator does."""

    def __init__(self, client: Client, hospital: Hospital) -> None:
        self.client, self.hospital, self.headers = client, hospital, hospital.as_("hospital_admin")

    async def merge(self, survivor: Any, merged: Any, key: str | None = None) -> httpx2.Response:
        headers = self.hospital.as_("hospital_admin", key)
        return await self.client.post(
            f"/api/patients/{survivor}/merges", json={"merged_id": str(merged)}, headers=headers
        )

    async def merged(self, survivor: Any, merged: Any) -> dict[str, Any]:
        answer = await self.merge(survivor, merged)
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def undo(self, patient: Any, merge_id: str) -> httpx2.Response:
        return await self.client.post(f"/api/patients/{patient}/merges/{merge_id}/undo", headers=self.headers)

    async def undone(self, patient: Any, merge_id: str) -> dict[str, Any]:
        answer = await self.undo(patient, merge_id)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def record(self, patient: Any) -> dict[str, Any]:
        answer = await self.client.get(f"/api/patients/{patient}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def found(self, typed: str, **more: Any) -> list[str]:
        body = {"search": typed, **more}
        answer = await self.client.post("/api/patients/search", json=body, headers=self.headers)
        return [row["mrn"] for row in answer.json()["items"]]

    async def register(self, **told: Any) -> str:
        answer = await self.client.post("/api/patients", json=a_patient(**told), headers=self.headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


@pytest.fixture
def merging(client: Client, world: World) -> Merging:
    return Merging(client, world.a)


@pytest.fixture
def sunita(world: World) -> UUID:
    return world.a.patient


@pytest.fixture
def mahesh(world: World) -> UUID:
    return world.a.other_patient


_ROWS = """
    SELECT to_jsonb(p) - '{version,updated_at,updated_by}'::text[] FROM patients p WHERE id = $1
"""
_OWNED = (
    "patient_phones",
    "patient_identifiers",
    "patient_contacts",
    "patient_accounts",
    "record_grants",
    "patient_terms",
)


async def everything_of(owner: Connection, patient: Any) -> dict[str, Any]:
    """The row of a record, and the rows that hang on it."""
    told: dict[str, Any] = {"patients": await owner.fetchval(_ROWS, UUID(str(patient)))}
    for table in _OWNED:
        rows = await owner.fetch(f"SELECT to_jsonb(t) FROM {table} t WHERE patient_id = $1", UUID(str(patient)))
        told[table] = sorted(row[0] for row in rows)
    return told


async def test_the_old_id_and_number_lead_to_the_survivor(merging: Merging, sunita: UUID, mahesh: UUID) -> None:
    told = await merging.merged(sunita, mahesh)
    assert (told["survivor"]["mrn"], told["merged"]["mrn"], told["undone_at"]) == ("TA-000001", "TA-000002", None)
    assert told["merged_by_name"] == "hospital_admin of TA"
    record = await merging.record(mahesh)
    assert (record["id"], record["mrn"], record["name"]) == (str(sunita), "TA-000001", "Sunita Deshmukh")
    assert record["merged_records"] == [{"id": str(mahesh), "mrn": "TA-000002", "name": "Mahesh Deshmukh"}]
    assert await merging.found("TA-000002") == ["TA-000001"]


async def test_search_finds_the_survivor_by_all_that_the_merged_one_was_known_by(
    merging: Merging, sunita: UUID
) -> None:
    number = [{"kind": "abha_number", "value": "91-0000-0000-0007"}]
    merged = await merging.register(name="Lakshmi Iyer", name_local="लक्ष्मी", phones=["90000 44444"], identifiers=number)
    mrn = (await merging.record(merged))["mrn"]
    await merging.merged(sunita, merged)
    for typed in ("lakshmi", "iyer lakshmi", "लक्ष्मी", "9000044444", "4444", "91000000000007", mrn, "sunita iyer"):
        assert await merging.found(typed) == ["TA-000001"], typed
    assert mrn not in await merging.found("", all=True, limit=200)
    assert await merging.found("lakshmi", is_active=False) == []


async def test_a_row_of_the_list_names_what_was_merged(
    merging: Merging, client: Client, sunita: UUID, mahesh: UUID
) -> None:
    await merging.merged(sunita, mahesh)
    answer = await client.post("/api/patients/search", json={"search": "mahesh"}, headers=merging.headers)
    (row,) = answer.json()["items"]
    assert row["name"] == "Sunita Deshmukh"
    assert row["merged_records"] == [{"id": str(mahesh), "mrn": "TA-000002", "name": "Mahesh Deshmukh"}]


async def test_undoing_restores_both_exactly(
    merging: Merging, owner: Connection, sunita: UUID, clock: FixedClock
) -> None:
    number = [{"kind": "abha_number", "value": "91-0000-0000-0007"}]
    merged = await merging.register(name="Lakshmi Iyer", phones=["90000 44444"], identifiers=number)
    # What the world wrote by hand is written as registration does.
    await merging.client.patch(f"/api/patients/{sunita}", json={"name": "Sunita Deshmukh"}, headers=merging.headers)
    before = [await everything_of(owner, one) for one in (sunita, merged)]
    told = await merging.merged(sunita, merged)
    assert (await everything_of(owner, merged))["patient_terms"] == []
    clock.advance(timedelta(hours=1))
    assert (await merging.undone(sunita, told["id"]))["undone_at"] == "2026-11-23T05:30:00Z"
    assert [await everything_of(owner, one) for one in (sunita, merged)] == before
    assert (await merging.record(merged))["id"] == merged
    assert await merging.found("lakshmi") == [(await merging.record(merged))["mrn"]]


async def test_who_was_inactive_is_inactive_again(merging: Merging, sunita: UUID, mahesh: UUID) -> None:
    await merging.client.delete(f"/api/patients/{mahesh}", headers=merging.headers)
    told = await merging.merged(sunita, mahesh)
    await merging.undone(mahesh, told["id"])
    record = await merging.record(mahesh)
    assert (record["id"], record["is_active"], record["merged_into_id"]) == (str(mahesh), False, None)


async def test_chains_follow_and_part_in_any_order(merging: Merging, owner: Connection) -> None:
    one, two, three = [await merging.register(name=f"Person {word}") for word in ("Ek", "Do", "Teen")]
    lower = await merging.merged(two, three)
    upper = await merging.merged(one, two)
    assert {(await merging.record(x))["id"] for x in (one, two, three)} == {one}
    assert await merging.found("teen") == [(await merging.record(one))["mrn"]]
    await merging.undone(one, upper["id"])
    assert [(await merging.record(x))["id"] for x in (one, two, three)] == [one, two, two]
    upper = await merging.merged(one, two)
    await merging.undone(two, lower["id"])
    assert [(await merging.record(x))["id"] for x in (one, two, three)] == [one, one, three]
    assert await owner.fetchval("SELECT count(*) FROM patients WHERE merged_into_id IS NOT NULL") == 1


async def test_nobody_is_merged_with_himself_in_circles_or_twice(merging: Merging, sunita: UUID, mahesh: UUID) -> None:
    third = await merging.register()
    itself = await merging.merge(sunita, sunita)
    assert (itself.status_code, itself.json()["code"]) == (409, "same_patient")
    await merging.merged(sunita, mahesh)
    for survivor, merged in ((mahesh, sunita), (third, mahesh), (sunita, mahesh)):
        refused = await merging.merge(survivor, merged)
        assert (refused.status_code, refused.json()["code"]) == (409, "patient_merged"), (survivor, merged)
        assert refused.json()["patient_id"] == str(sunita)


async def test_nobody_is_merged_across_hospitals(merging: Merging, world: World, sunita: UUID) -> None:
    for survivor, merged in ((sunita, world.b.patient), (world.b.patient, sunita), (sunita, uuid4())):
        assert (await merging.merge(survivor, merged)).status_code == 404, (survivor, merged)


async def test_an_inactive_record_survives_nobody(merging: Merging, sunita: UUID, mahesh: UUID) -> None:
    await merging.client.delete(f"/api/patients/{mahesh}", headers=merging.headers)
    refused = await merging.merge(mahesh, sunita)
    assert (refused.status_code, refused.json()["code"]) == (409, "survivor_inactive")


async def test_two_who_are_both_with_a_doctor_are_two(
    merging: Merging, world: World, sunita: UUID, mahesh: UUID
) -> None:
    desks = [
        Desk(merging.client, world.a, world.a.practitioner),
        Desk(merging.client, world.a, world.a.other_practitioner),
    ]
    for desk, patient in zip(desks, (sunita, mahesh), strict=True):
        await desk.walk_in(patient)
        called = (await desk.call_next())["called"]
        await desk.moved(called["token_id"], "start")
    refused = await merging.merge(sunita, mahesh)
    assert (refused.status_code, refused.json()["code"]) == (409, "both_in_consultation")
    compared = await merging.client.get(
        f"/api/patients/{sunita}/comparison", params={"other_id": str(mahesh)}, headers=merging.headers
    )
    assert compared.json()["hindrance"] == "both_in_consultation"
    await desks[1].call_next()
    await merging.merged(sunita, mahesh)


async def test_only_who_may_merge_merges_and_parts(merging: Merging, world: World, sunita: UUID, mahesh: UUID) -> None:
    told = await merging.merged(sunita, mahesh)
    third = await merging.register()
    for who in ("receptionist", "doctor", "nurse", "cashier", "privacy_officer", "patient"):
        headers = world.a.as_(who)
        tries = [
            merging.client.post(f"/api/patients/{sunita}/merges", json={"merged_id": third}, headers=headers),
            merging.client.post(f"/api/patients/{sunita}/merges/{told['id']}/undo", headers=headers),
            merging.client.get(f"/api/patients/{sunita}/comparison", params={"other_id": third}, headers=headers),
        ]
        assert {(await one).status_code for one in tries} == {403}, who
    elsewhere = world.b.as_("hospital_admin")
    assert (await merging.client.get(f"/api/patients/{sunita}/merges", headers=elsewhere)).status_code == 404
    undo = await merging.client.post(f"/api/patients/{world.b.patient}/merges/{told['id']}/undo", headers=elsewhere)
    assert undo.status_code == 404
    assert (await merging.undo(third, told["id"])).status_code == 404


async def test_the_desk_sees_what_was_merged_a_patient_no_stranger(
    merging: Merging, world: World, sunita: UUID, mahesh: UUID
) -> None:
    told = await merging.merged(sunita, mahesh)
    await merging.undone(sunita, told["id"])
    desk, patient = world.a.as_("receptionist"), world.a.as_("patient")
    seen = await merging.client.get(f"/api/patients/{sunita}/merges", headers=desk)
    assert [one["merged"]["mrn"] for one in seen.json()["items"]] == ["TA-000002"]
    assert (await merging.client.get(f"/api/patients/{sunita}/merges", headers=patient)).json() == {"items": []}


async def test_undone_is_undone_once(merging: Merging, sunita: UUID, mahesh: UUID) -> None:
    told = await merging.merged(sunita, mahesh)
    await merging.undone(sunita, told["id"])
    again = await merging.undo(sunita, told["id"])
    assert (again.status_code, again.json()["code"]) == (409, "merge_undone")
    assert (await merging.merge(sunita, mahesh)).status_code == 201


async def test_a_merged_record_is_changed_under_the_survivor_only(merging: Merging, sunita: UUID, mahesh: UUID) -> None:
    await merging.merged(sunita, mahesh)
    tries = [
        merging.client.patch(f"/api/patients/{mahesh}", json={"city": "Pune"}, headers=merging.headers),
        merging.client.delete(f"/api/patients/{mahesh}", headers=merging.headers),
        merging.client.post(f"/api/patients/{mahesh}/reactivate", headers=merging.headers),
        merging.client.delete(f"/api/patients/{mahesh}/photo", headers=merging.headers),
    ]
    for refused in [await one for one in tries]:
        assert (refused.status_code, refused.json()["code"]) == (409, "patient_merged")
        assert refused.json()["patient_id"] == str(sunita)


async def test_visits_of_both_are_seen_through_the_survivor(
    merging: Merging, world: World, sunita: UUID, mahesh: UUID
) -> None:
    theirs = await Desk(merging.client, world.a, world.a.practitioner).walk_in(mahesh)
    doctor = world.a.as_("doctor")  # whom the walk-in gives a part in the care
    assert (await merging.client.get(f"/api/patients/{sunita}/history", headers=doctor)).status_code == 403
    await merging.merged(sunita, mahesh)
    later = await booked(merging.client, world.a, patient_id=mahesh, starts_at=at(WEDNESDAY, "10:00"))
    assert later["patient_id"] == str(sunita)
    for asked in (sunita, mahesh):
        listed = await merging.client.get(
            "/api/appointments", params={"patient_id": str(asked)}, headers=merging.headers
        )
        assert [one["id"] for one in listed.json()["items"]] == [theirs["id"], later["id"]]
        assert {one["patient"]["mrn"] for one in listed.json()["items"]} == {"TA-000001"}
    told = await merging.client.get(f"/api/patients/{sunita}/history", headers=doctor)
    assert {entry["record_id"] for entry in told.json()["items"]} == {str(sunita), str(mahesh)}


async def test_what_was_booked_in_between_stays_where_it_was_booked(
    merging: Merging, world: World, sunita: UUID, mahesh: UUID, clock: FixedClock
) -> None:
    await booked(merging.client, world.a, patient_id=mahesh)
    clock.advance(timedelta(minutes=5))
    told = await merging.merged(sunita, mahesh)
    clock.advance(timedelta(minutes=5))
    between = await booked(merging.client, world.a, patient_id=mahesh, starts_at=at(WEDNESDAY, "10:00"))
    clock.advance(timedelta(minutes=5))
    undone = await merging.undone(sunita, told["id"])
    assert [(one["id"], one["patient_id"]) for one in undone["booked_meanwhile"]] == [(between["id"], str(sunita))]
    for patient in (sunita, mahesh):
        seen = await merging.client.get(f"/api/patients/{patient}/merges", headers=merging.headers)
        assert [one["id"] for one in seen.json()["items"][0]["booked_meanwhile"]] == [between["id"]]
    listed = await merging.client.get("/api/appointments", params={"patient_id": str(mahesh)}, headers=merging.headers)
    assert between["id"] not in [one["id"] for one in listed.json()["items"]]


async def test_one_person_is_not_booked_twice_at_one_time_through_two_records(
    merging: Merging, world: World, sunita: UUID, mahesh: UUID
) -> None:
    await booked(merging.client, world.a, patient_id=mahesh)
    await merging.merged(sunita, mahesh)
    body = {
        "patient_id": str(sunita), "practitioner_id": str(world.a.other_practitioner),
        "starts_at": at(TUESDAY, "09:00"),
    }  # fmt: skip
    beside = await merging.client.post("/api/appointments", json=body, headers=world.a.as_("receptionist"))
    assert [one["code"] for one in beside.json()["warnings"]] == ["overlapping_visit"]
    desk = Desk(merging.client, world.a, world.a.practitioner)
    other = await merging.register(name="Second Record")
    await desk.walk_in(UUID(other))
    await merging.merged(sunita, other)
    again = await desk.post("/walk-ins", {"patient_id": str(sunita), **desk.here})
    assert (again.status_code, again.json()["code"]) == (409, "already_waiting")


async def test_a_paid_visit_of_either_record_makes_the_revisit_free(
    merging: Merging, world: World, sunita: UUID, mahesh: UUID
) -> None:
    desk = Desk(merging.client, world.a, world.a.practitioner)
    visit = await desk.walk_in(mahesh)
    paid = await desk.post(f"/appointments/{visit['id']}/receipt", {"method": "cash"})
    assert paid.status_code == 201, paid.text
    ask = {"patient_id": str(sunita), "practitioner_id": str(world.a.practitioner)}
    fee = await merging.client.get("/api/fees", params=ask, headers=merging.headers)
    assert fee.json()["is_free_revisit"] is False
    await merging.merged(sunita, mahesh)
    fee = await merging.client.get("/api/fees", params=ask, headers=merging.headers)
    assert fee.json()["is_free_revisit"] is True


async def test_an_account_of_either_record_reaches_both(
    merging: Merging, world: World, sunita: UUID, mahesh: UUID
) -> None:
    patient = world.a.as_("patient")
    theirs = await booked(merging.client, world.a, patient_id=mahesh)
    assert (await merging.client.get(f"/api/patients/{mahesh}", headers=patient)).status_code == 404
    told = await merging.merged(mahesh, sunita)
    for asked in (sunita, mahesh):
        mine = await merging.client.get(f"/api/patients/{asked}", headers=patient)
        assert (mine.status_code, mine.json()["id"]) == (200, str(mahesh))
    seen = await merging.client.get(f"/api/appointments/{theirs['id']}", headers=patient)
    assert seen.status_code == 200
    assert (await merging.client.get(f"/api/patients/{sunita}/history", headers=patient)).status_code == 200
    me = (await merging.client.get("/api/me", headers=patient)).json()
    assert [one["id"] for one in me["patients"]] == [str(mahesh)]
    await merging.undone(mahesh, told["id"])
    assert (await merging.client.get(f"/api/patients/{mahesh}", headers=patient)).status_code == 404
    assert (await merging.client.get(f"/api/patients/{sunita}", headers=patient)).json()["id"] == str(sunita)
    assert (await merging.client.get(f"/api/appointments/{theirs['id']}", headers=patient)).status_code == 404


async def test_the_desk_sees_and_ends_an_account_of_either_record(
    merging: Merging, world: World, sunita: UUID, mahesh: UUID
) -> None:
    path, desk = f"/api/patients/{mahesh}/accounts", world.a.as_("receptionist")
    assert (await merging.client.get(path, headers=desk)).json()["items"] == []
    await merging.merged(mahesh, sunita)
    [one] = (await merging.client.get(path, headers=desk)).json()["items"]
    assert (await merging.client.delete(f"{path}/{one['id']}", headers=desk)).status_code == 204
    assert (await merging.client.get(path, headers=desk)).json()["items"] == []
    gone = await merging.client.get(f"/api/patients/{mahesh}", headers=world.a.as_("patient"))
    assert gone.status_code in {403, 404}


async def test_an_open_socket_is_told_of_the_same_records_as_a_new_one(
    merging: Merging, world: World, database: Database, clock: FixedClock, sunita: UUID, mahesh: UUID
) -> None:
    await merging.merged(mahesh, sunita)
    async with database.transaction(world.a.organization_id) as session:
        user_id = await session.scalar(text("SELECT user_id FROM patient_accounts"))
        assert user_id is not None
        of_one = await accounts_of(session, user_id, clock.now())
        assert set(of_one) == {sunita, mahesh}
        assert await accounts_of_all(session, [user_id], clock.now()) == {user_id: {sunita, mahesh}}


async def test_merging_stands_in_the_trail_of_both(
    merging: Merging, world: World, owner: Connection, sunita: UUID, mahesh: UUID
) -> None:
    told = await merging.merged(sunita, mahesh)
    await merging.undone(sunita, told["id"])
    rows = await owner.fetch(
        "SELECT patient_id, action FROM audit_entries WHERE entity = 'patient_merge' ORDER BY at, id"
    )
    assert sorted((row["action"], row["patient_id"]) for row in rows) == sorted(
        (action, one) for action in ("create", "update") for one in (sunita, mahesh)
    )
    await merging.merged(sunita, mahesh)
    trail = await merging.client.get(
        "/api/audit", params={"patient_id": str(sunita), "limit": 200}, headers=world.a.as_("privacy_officer")
    )
    assert {row["patient_id"] for row in trail.json()["items"]} == {str(sunita), str(mahesh)}


async def test_the_same_key_merges_once(merging: Merging, sunita: UUID, mahesh: UUID) -> None:
    first, second = [await merging.merge(sunita, mahesh, key="one-press") for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]


@pytest.mark.usefixtures("fifty_connections")
async def test_of_many_who_merge_at_once_the_links_stay_a_tree(merging: Merging, owner: Connection) -> None:
    """Each into each other, at once: nobody ends in a circle, and every record leads to one that is not merged."""
    people = [await merging.register(name=f"Person {n}", phones=[]) for n in range(6)]
    pairs = [(one, other) for one in people for other in people if one != other]
    answers = await asyncio.gather(*(merging.merge(*pair) for pair in pairs))
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    assert len(made) == len(people) - 1
    assert await wrong_links(owner) == 0
    undone = await asyncio.gather(*(merging.undo(link["survivor_id"], str(link["id"])) for link in await links(owner)))
    assert {answer.status_code for answer in undone} == {200}
    assert await wrong_links(owner) == 0
    assert await owner.fetchval("SELECT count(*) FROM patients WHERE merged_into_id IS NOT NULL") == 0
    assert await owner.fetchval("SELECT count(*) FROM patients WHERE NOT is_active") == 0


@pytest.mark.usefixtures("fifty_connections")
async def test_an_edit_and_a_merge_at_once_lose_nothing(merging: Merging, owner: Connection) -> None:
    for n in range(5):
        one, other = [await merging.register(name=f"Pair {n}", phones=[]) for _ in range(2)]
        edit = merging.client.patch(f"/api/patients/{other}", json={"city": "Pune"}, headers=merging.headers)
        merged, edited = await asyncio.gather(merging.merge(one, other), edit)
        assert merged.status_code == 201, merged.text
        assert edited.status_code in {200, 409}, edited.text
        city = await owner.fetchval("SELECT city FROM patients WHERE id = $1", UUID(other))
        assert city == ("Pune" if edited.status_code == 200 else None)


async def links(owner: Connection) -> list[Any]:
    return list(await owner.fetch("SELECT id, survivor_id, merged_id FROM patient_merges WHERE undone_at IS NULL"))


async def wrong_links(owner: Connection) -> int:
    """Records that lead to one that is merged itself, or elsewhere than their links do."""
    by_link = {row["merged_id"]: row["survivor_id"] for row in await links(owner)}
    wrong = 0
    for row in await owner.fetch("SELECT id, merged_into_id FROM patients"):
        end = row["id"]
        for _ in range(20):
            end = by_link.get(end, end)
        wrong += end in by_link or (row["merged_into_id"] or row["id"]) != end
    return wrong


async def test_the_database_itself_refuses_a_record_merged_into_itself(owner: Connection, sunita: UUID) -> None:
    with pytest.raises(Exception, match="ck_patients_merged"):
        await owner.execute("UPDATE patients SET merged_into_id = id, is_active = false WHERE id = $1", sunita)


async def test_comparing_shows_both_and_is_on_record(
    merging: Merging, world: World, owner: Connection, sunita: UUID, mahesh: UUID
) -> None:
    await booked(merging.client, world.a, patient_id=mahesh)
    answer = await merging.client.get(
        f"/api/patients/{sunita}/comparison", params={"other_id": str(mahesh)}, headers=merging.headers
    )
    told = answer.json()
    assert (told["one"]["record"]["mrn"], told["one"]["visits"]) == ("TA-000001", 0)
    assert (told["other"]["record"]["mrn"], told["other"]["visits"]) == ("TA-000002", 1)
    assert told["hindrance"] is None
    rows = await owner.fetch("SELECT patient_id FROM audit_entries WHERE route LIKE '%comparison'")
    assert {row["patient_id"] for row in rows} == {sunita, mahesh}
