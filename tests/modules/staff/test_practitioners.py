"""Practitioners: who reads them, who edits them, and what there can be only one of."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from sqlalchemy import select

from arogya.modules.staff import api as staff
from arogya.modules.staff.models import Practitioner
from arogya.platform.access import Context
from arogya.platform.errors import NotFound
from tests.factories.staff import practitioner_body
from tests.world import Hospital, World

CALLS = [
    ("GET", ""), ("POST", ""), ("GET", "/{id}"), ("PATCH", "/{id}"), ("DELETE", "/{id}"), ("POST", "/{id}/reactivate"),
]  # fmt: skip
System = Callable[[Hospital], AbstractAsyncContextManager[Context]]


async def add(client: httpx2.AsyncClient, at: Hospital, who: str = "hospital_admin", **facts: Any) -> httpx2.Response:
    return await client.post("/api/practitioners", json=practitioner_body(**facts), headers=at.as_(who))


async def test_admin_adds_a_practitioner_whole(client: httpx2.AsyncClient, world: World) -> None:
    a = world.a
    made = await add(
        client, a, name="मीरा राव", department_id=str(a.department),
        facilities=[{"facility_id": str(a.main), "room": "9", "floor": "second floor"}],
        qualifications=[{"degree": "MD", "institution": "Test College", "year": 2016}], consultation_fee_paise=75_000,
    )  # fmt: skip
    assert made.status_code == 201, made.text
    read = await client.get(f"/api/practitioners/{made.json()['id']}", headers=a.as_("receptionist"))
    assert read.json() == made.json()
    assert read.headers["etag"] == '"1"'
    body = read.json()
    assert body["name"] == "मीरा राव"
    assert body["department_name"] == "General medicine"
    assert body["department_name_hi"] == "सामान्य चिकित्सा"
    assert body["facilities"] == [{"facility_id": str(a.main), "room": "9", "floor": "second floor"}]
    assert body["qualifications"] == [{"degree": "MD", "institution": "Test College", "year": 2016}]
    assert body["consultation_fee_paise"] == 75_000
    assert body["is_active"] is True


@pytest.mark.parametrize("call", CALLS)
async def test_stranger_is_asked_to_sign_in(client: httpx2.AsyncClient, world: World, call: tuple[str, str]) -> None:
    method, path = call
    refused = await client.request(method, f"/api/practitioners{path.format(id=world.a.practitioner)}", json={})
    assert refused.status_code == 401


@pytest.mark.parametrize("who", ["receptionist", "doctor", "patient", "privacy_officer"])
async def test_only_the_administrator_edits(client: httpx2.AsyncClient, world: World, who: str) -> None:
    a, url = world.a, f"/api/practitioners/{world.a.practitioner}"
    for method, path, body in [
        ("POST", "/api/practitioners", practitioner_body()),
        ("PATCH", url, {"consultation_fee_paise": 0}),
        ("DELETE", url, None),
        ("POST", f"{url}/reactivate", None),
    ]:
        refused = await client.request(method, path, json=body, headers=a.as_(who))
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), (method, path)


async def test_other_hospitals_practitioner_is_not_there(client: httpx2.AsyncClient, world: World) -> None:
    url = f"/api/practitioners/{world.b.practitioner}"
    for method, path, body in [
        ("GET", url, None),
        ("PATCH", url, {"consultation_fee_paise": 0}),
        ("DELETE", url, None),
        ("POST", f"{url}/reactivate", None),
    ]:
        refused = await client.request(method, path, json=body, headers=world.a.as_("hospital_admin"))
        assert refused.status_code == 404, (method, path)
    listed = await client.get("/api/practitioners?all=true", headers=world.a.as_("hospital_admin"))
    assert {p["id"] for p in listed.json()["items"]} == {str(world.a.practitioner), str(world.a.other_practitioner)}
    mine = await client.get(url, headers=world.b.as_("hospital_admin"))
    assert mine.status_code == 200


async def test_patients_read_no_private_contact(client: httpx2.AsyncClient, world: World) -> None:
    a = world.a
    made = (await add(client, a, phone="+91 90000 11208", email="meera@hospital.example")).json()
    for url in (f"/api/practitioners/{made['id']}", "/api/practitioners?search=meera"):
        for who, sees in (("patient", None), ("receptionist", "+91 90000 11208")):
            body = (await client.get(url, headers=a.as_(who))).json()
            one = body["items"][0] if "items" in body else body
            assert one["phone"] == sees
            assert (one["email"] is None) == (sees is None)
    known = (await client.get(f"/api/practitioners/{a.practitioner}", headers=a.as_("receptionist"))).json()
    hidden = (await client.get(f"/api/practitioners/{a.practitioner}", headers=a.as_("patient"))).json()
    assert known["user_id"] == str(a.users["doctor"])
    assert hidden["user_id"] is None
    assert hidden["registration_number"] == known["registration_number"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("kav", {"Kavita Iyer"}),
        ("IYER", {"Kavita Iyer"}),
        ("dr iy kav", {"Kavita Iyer"}),
        ("cardio", {"Arvind Menon"}),
        ("ta-1002", {"Arvind Menon"}),
        ("vita", set()),
        ("kav menon", set()),
        ("k%", set()),
        ("_avita", set()),
        ("\\", set()),
        ("", {"Kavita Iyer", "Arvind Menon"}),
    ],
)
async def test_search_begins_words(client: httpx2.AsyncClient, world: World, search: str, found: set[str]) -> None:
    listed = await client.get("/api/practitioners", params={"search": search}, headers=world.a.as_("nurse"))
    assert {p["name"] for p in listed.json()["items"]} == found


async def test_filters_by_branch_and_department(client: httpx2.AsyncClient, world: World) -> None:
    a = world.a
    made = (await add(client, a, facilities=[{"facility_id": str(a.branch)}])).json()

    async def ids(**params: str) -> set[str]:
        listed = await client.get("/api/practitioners", params=params, headers=a.as_("receptionist"))
        return {p["id"] for p in listed.json()["items"]}

    assert await ids(facility_id=str(a.branch)) == {made["id"]}
    assert await ids(facility_id=str(a.main)) == {str(a.practitioner), str(a.other_practitioner)}
    assert await ids(department_id=str(a.department)) == {str(a.practitioner), str(a.other_practitioner)}
    assert await ids(facility_id=str(world.b.main)) == set()


async def test_deactivated_are_listed_when_asked_for(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    a, url = world.a, f"/api/practitioners/{world.a.practitioner}"
    admin = a.as_("hospital_admin")
    for _ in range(2):
        assert (await client.delete(url, headers=admin)).status_code == 204

    async def ids(query: str) -> set[str]:
        listed = (await client.get(f"/api/practitioners{query}", headers=admin)).json()
        assert listed["total"] == len(listed["items"])
        return {p["id"] for p in listed["items"]}

    assert await ids("") == {str(a.other_practitioner)}
    assert await ids("?is_active=false") == {str(a.practitioner)}
    assert await ids("?all=true") == {str(a.practitioner), str(a.other_practitioner)}
    assert (await client.get(url, headers=admin)).json()["is_active"] is False
    assert await owner.fetchval("SELECT count(*) FROM outbox_events WHERE name = 'PractitionerChanged'") == 1
    again = await client.post(f"{url}/reactivate", headers=admin)
    assert again.json()["is_active"] is True
    actions = await owner.fetch("SELECT action FROM audit_entries WHERE entity = 'practitioner' ORDER BY id")
    assert [row["action"] for row in actions] == ["deactivate", "reactivate"]


async def test_one_registration_number_a_council(client: httpx2.AsyncClient, world: World) -> None:
    a = world.a
    same = {"registration_number": "ta-1001", "registration_council": "mmc"}
    refused = await add(client, a, **same)
    assert (refused.status_code, refused.json()["code"]) == (409, "registration_taken")
    assert refused.json()["fields"][0]["name"] == "registration_number"
    assert (await add(client, a, registration_number="TA-1001", registration_council="DMC")).status_code == 201
    assert (await add(client, world.b, **same)).status_code == 201
    without_council = [await add(client, a, registration_number="77") for _ in range(2)]
    assert [made.status_code for made in without_council] == [201, 409]
    assert [(await add(client, a)).status_code for _ in range(2)] == [201, 201]
    moved = await client.patch(f"/api/practitioners/{a.other_practitioner}", json=same, headers=a.as_("hospital_admin"))
    assert moved.json()["code"] == "registration_taken"


async def test_two_desks_cannot_give_one_registration_number_twice(client: httpx2.AsyncClient, world: World) -> None:
    made = await asyncio.gather(*(add(client, world.a, registration_number="TA-9") for _ in range(8)))
    assert sorted(answer.status_code for answer in made) == [201] + [409] * 7


async def test_edit_keeps_what_was_not_sent_and_tells_of_it(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    a, url, admin = world.a, f"/api/practitioners/{world.a.practitioner}", world.a.as_("hospital_admin")
    before = (await client.get(url, headers=admin)).json()
    changed = await client.patch(
        url, json={"consultation_fee_paise": 70_000, "department_id": None}, headers={**admin, "If-Match": '"1"'}
    )
    assert changed.status_code == 200, changed.text
    assert changed.headers["etag"] == '"2"'
    expected = {**before, "consultation_fee_paise": 70_000, "department_id": None, "department_name": None,
                "department_name_hi": None, "version": 2}  # fmt: skip
    assert changed.json() == expected
    entry = await owner.fetchrow("SELECT * FROM audit_entries WHERE entity = 'practitioner'")
    assert (entry["action"], entry["entity_ids"], entry["user_id"]) == (
        "update", [a.practitioner], a.users["hospital_admin"]
    )  # fmt: skip
    assert "consultation_fee_paise" in entry["details"]
    assert "70000" not in entry["details"]
    event = await owner.fetchrow("SELECT * FROM outbox_events WHERE name = 'PractitionerChanged'")
    assert str(a.practitioner) in event["payload"]
    assert event["topic"] == "organization"


async def test_second_editor_is_told_that_it_changed_meanwhile(client: httpx2.AsyncClient, world: World) -> None:
    url, admin = f"/api/practitioners/{world.a.practitioner}", world.a.as_("hospital_admin")
    rooms = {"facilities": [{"facility_id": str(world.a.main), "room": "12"}]}
    first = await client.patch(url, json=rooms, headers={**admin, "If-Match": '"1"'})
    assert first.headers["etag"] == '"2"', "a room is part of the record: its version must move"
    late = await client.patch(url, json={"specialty": "Surgery"}, headers={**admin, "If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert (await client.get(url, headers=admin)).json()["specialty"] == "General medicine"


async def test_branches_are_replaced_whole(client: httpx2.AsyncClient, world: World) -> None:
    a, url, admin = world.a, f"/api/practitioners/{world.a.practitioner}", world.a.as_("hospital_admin")
    two = [
        {"facility_id": str(a.main), "room": "4", "floor": None},
        {"facility_id": str(a.branch), "room": None, "floor": "ground floor"},
    ]
    assert (await client.patch(url, json={"facilities": two}, headers=admin)).json()["facilities"] == two
    assert (await client.patch(url, json={"facilities": two[1:]}, headers=admin)).json()["facilities"] == two[1:]
    assert (await client.patch(url, json={"facilities": []}, headers=admin)).json()["facilities"] == []


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"consultation_fee_paise": -1}, "consultation_fee_paise"),
        ({"consultation_fee_paise": 600.5}, "consultation_fee_paise"),
        ({"consultation_fee_paise": "600"}, "consultation_fee_paise"),
        ({"consultation_fee_paise": 10**12}, "consultation_fee_paise"),
        ({"consultation_fee_paise": True}, "consultation_fee_paise"),
        ({"name": "  "}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"gender": "f"}, "gender"),
        ({"phone": "call me"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"practising_since": 12}, "practising_since"),
        ({"languages": ["en", "EN"]}, "languages"),
        ({"qualifications": [{"degree": ""}]}, "qualifications.0.degree"),
        ({"salary": 1}, "salary"),
    ],
)
async def test_what_can_not_be_is_refused(
    client: httpx2.AsyncClient, world: World, facts: dict[str, Any], field: str
) -> None:
    refused = await add(client, world.a, **facts)
    assert refused.status_code == 422
    assert [f["name"] for f in refused.json()["fields"]] == [field]


@pytest.mark.parametrize("name", ["name", "title", "gender", "facilities", "qualifications", "consultation_fee_paise"])
async def test_what_every_record_has_can_not_be_emptied(client: httpx2.AsyncClient, world: World, name: str) -> None:
    refused = await client.patch(
        f"/api/practitioners/{world.a.practitioner}", json={name: None}, headers=world.a.as_("hospital_admin")
    )
    assert (refused.status_code, refused.json()["fields"][0]["name"]) == (422, name)


async def test_only_what_is_in_this_hospital_can_be_named(client: httpx2.AsyncClient, world: World) -> None:
    a, b = world.a, world.b
    for facts, field, code in [
        ({"department_id": str(b.department)}, "department_id", "no_such_department"),
        ({"facilities": [{"facility_id": str(b.main)}]}, "facilities.0.facility_id", "no_such_facility"),
        ({"user_id": str(b.users["doctor"])}, "user_id", "no_such_user"),
        ({"user_id": str(uuid4())}, "user_id", "no_such_user"),
    ]:
        for refused in (
            await add(client, a, **facts),
            await client.patch(
                f"/api/practitioners/{a.other_practitioner}", json=facts, headers=a.as_("hospital_admin")
            ),
        ):
            assert refused.status_code == 422, facts
            assert (refused.json()["fields"][0]["name"], refused.json()["fields"][0]["code"]) == (field, code)
    twice = [{"facility_id": str(a.main)}] * 2
    assert (await add(client, a, facilities=twice)).status_code == 422


async def test_one_practitioner_a_user(client: httpx2.AsyncClient, world: World) -> None:
    a = world.a
    refused = await add(client, a, user_id=str(a.users["doctor"]))
    assert (refused.status_code, refused.json()["code"]) == (409, "user_taken")
    linked = await add(client, a, user_id=str(a.users["branch_doctor"]))
    assert linked.json()["user_id"] == str(a.users["branch_doctor"])


async def test_branch_administrator_edits_who_works_there_only(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    a = world.a
    await owner.execute(
        "UPDATE memberships SET role = 'hospital_admin' WHERE user_id = $1", a.users["branch_receptionist"]
    )
    here, there = {"facility_id": str(a.branch)}, {"facility_id": str(a.main)}
    local = "branch_receptionist"
    made = await add(client, a, local, facilities=[here])
    assert made.status_code == 201, made.text
    for places in ([there], [here, there], []):
        assert (await add(client, a, local, facilities=places)).status_code == 403
    own, foreign = f"/api/practitioners/{made.json()['id']}", f"/api/practitioners/{a.practitioner}"
    headers = a.as_(local)
    assert (await client.patch(own, json={"specialty": "ENT"}, headers=headers)).status_code == 200
    assert (await client.patch(own, json={"facilities": [there]}, headers=headers)).status_code == 403
    assert (await client.patch(foreign, json={"specialty": "ENT"}, headers=headers)).status_code == 403
    assert (await client.delete(foreign, headers=headers)).status_code == 403
    assert (await client.get(foreign, headers=headers)).json()["is_active"] is True


async def test_card_is_what_other_modules_read(system: System, world: World) -> None:
    a = world.a
    async with system(a) as ctx:
        card = await staff.practitioner(ctx, a.practitioner)
        assert card.display_name == "Dr Kavita Iyer"
        assert (card.department_name, card.consultation_fee_paise) == ("General medicine", 60_000)
        assert card.qualifications == (staff.Qualification("MBBS", "Test College", 2012),)
        place = card.at(a.main)
        assert place is not None
        assert (place.room, place.floor) == ("4", "first floor")
        assert card.at(a.branch) is None
        assert set(await staff.practitioners(ctx, facility_id=a.main)) == {a.practitioner, a.other_practitioner}
        assert set(await staff.practitioners(ctx, [a.practitioner, world.b.practitioner])) == {a.practitioner}
        assert await staff.practitioners(ctx, []) == {}
        with pytest.raises(NotFound):
            await staff.practitioner(ctx, world.b.practitioner)
        assert await staff.practitioner_of_user(ctx.session, a.users["doctor"]) == a.practitioner
        assert await staff.practitioner_of_user(ctx.session, a.users["nurse"]) is None


async def test_imported_practitioner_is_kept_once_and_never_overwritten(system: System, world: World) -> None:
    async with system(world.a) as ctx:
        first, is_new = await staff.keep_external_practitioner(ctx, "fhir", "p-1", name="Lilliana Brakus", title="Dr")
        assert is_new
    async with system(world.a) as ctx:
        person = await ctx.session.scalar(select(Practitioner).where(Practitioner.id == first))
        assert person is not None
        person.name = "Liliana Brakus"
    async with system(world.a) as ctx:
        second, is_new = await staff.keep_external_practitioner(ctx, "fhir", "p-1", name="Lilliana Brakus", title="Dr")
        assert (second, is_new) == (first, False)
        assert (await staff.practitioner(ctx, first)).name == "Liliana Brakus"
        other, is_new = await staff.keep_external_practitioner(ctx, "other", "p-1", name="Someone Else")
        assert is_new
        assert other != first


async def test_linking_a_user_does_not_take_a_place_from_another(system: System, world: World) -> None:
    a = world.a
    async with system(a) as ctx:
        await staff.link_user(ctx, a.other_practitioner, a.users["branch_doctor"])
    async with system(a) as ctx:
        assert await staff.practitioner_of_user(ctx.session, a.users["branch_doctor"]) == a.other_practitioner
        with pytest.raises(Exception, match="Another user signs in"):
            await staff.link_user(ctx, a.practitioner, a.users["nurse"])


async def test_practitioner_who_left_signs_in_as_nobody(
    client: httpx2.AsyncClient, system: System, world: World
) -> None:
    a = world.a
    await client.delete(f"/api/practitioners/{a.practitioner}", headers=a.as_("hospital_admin"))
    async with system(a) as ctx:
        assert await staff.practitioner_of_user(ctx.session, a.users["doctor"]) is None
