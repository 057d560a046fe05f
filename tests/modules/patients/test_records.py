"""Reading and changing a record: versions, what a change touches, and the trail that it leaves."""

import asyncio
from typing import Any

import asyncpg
import httpx2
import pytest

from tests.factories.patients import a_patient
from tests.world import World


@pytest.fixture
def desk(world: World) -> dict[str, str]:
    return world.a.as_("receptionist")


@pytest.fixture
async def patient(client: httpx2.AsyncClient, desk: dict[str, str]) -> dict[str, Any]:
    told = a_patient(phones=["90000 33333"], identifiers=[{"kind": "abha_number", "value": "91500642473341"}])
    answer: dict[str, Any] = (await client.post("/api/patients", headers=desk, json=told)).json()
    return answer


async def patch(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any], version: str | None = None, **told: Any
) -> httpx2.Response:
    headers = desk | ({"If-Match": version} if version else {})
    return await client.patch(f"/api/patients/{patient['id']}", headers=headers, json=told)


async def found_by(client: httpx2.AsyncClient, desk: dict[str, str], typed: str, **told: Any) -> list[str]:
    answer = await client.post("/api/patients/search", headers=desk, json={"search": typed, **told})
    return [row["mrn"] for row in answer.json()["items"]]


async def test_what_is_sent_changes_and_the_rest_stays(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any]
) -> None:
    answer = await patch(client, desk, patient, name="Kavita Suresh Rane", city="Pune", email=None)
    changed = answer.json()
    assert (changed["name"], changed["city"], changed["version"]) == ("Kavita Suresh Rane", "Pune", 2)
    assert (changed["phones"], changed["identifiers"]) == (patient["phones"], patient["identifiers"])
    assert answer.headers["ETag"] == '"2"'
    emptied = await patch(client, desk, patient, city=None)
    assert emptied.json()["city"] is None


async def test_a_list_replaces_the_list_and_moves_the_version(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any]
) -> None:
    changed = (await patch(client, desk, patient, phones=["90000 44444", "90000 33333"])).json()
    assert [phone["number"] for phone in changed["phones"]] == ["90000 44444", "90000 33333"]
    assert changed["version"] == 2
    contacts = [{"name": "Suresh", "relation": "husband"}, {"name": "Asha", "relation": "mother", "is_guardian": True}]
    changed = (await patch(client, desk, patient, contacts=contacts)).json()
    assert [(one["name"], one["is_guardian"]) for one in changed["contacts"]] == [("Suresh", False), ("Asha", True)]
    changed = (await patch(client, desk, patient, contacts=None, phones=None)).json()
    assert (changed["contacts"], changed["phones"], changed["version"]) == ([], [], 4)


async def test_the_search_follows_what_changed(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any]
) -> None:
    await patch(client, desk, patient, name="Meenal Rane", phones=["90000 44444"], identifiers=[], mrn="OLD-77")
    assert await found_by(client, desk, "meenal") == ["OLD-77"]
    assert await found_by(client, desk, "9000044444") == ["OLD-77"]
    assert await found_by(client, desk, "old-77") == ["OLD-77"]
    for gone in ("kavita", "9000033333", "91500642473341", patient["mrn"]):
        assert await found_by(client, desk, gone) == [], gone


async def test_who_read_an_older_version_is_told(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any]
) -> None:
    assert (await patch(client, desk, patient, '"1"', city="Pune")).status_code == 200
    late = await patch(client, desk, patient, '"1"', city="Nagpur")
    assert (late.status_code, late.json()["code"], late.headers["ETag"]) == (412, "changed_meanwhile", '"2"')
    assert (await patch(client, desk, patient, '"2"', city="Nagpur")).json()["city"] == "Nagpur"
    assert (await patch(client, desk, patient, "yesterday", city="Pune")).status_code == 422


async def test_of_two_editors_with_one_version_one_is_told(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any]
) -> None:
    edits = [patch(client, desk, patient, '"1"', phones=[f"90000 5555{n}"]) for n in range(6)]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*edits))
    assert statuses == [200, 412, 412, 412, 412, 412]
    assert len((await client.get(f"/api/patients/{patient['id']}", headers=desk)).json()["phones"]) == 1


async def test_another_patients_numbers_are_refused(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any], world: World
) -> None:
    other = {"id": world.a.patient}
    taken = await patch(client, desk, other, identifiers=[{"kind": "abha_number", "value": "91500642473341"}])
    assert (taken.status_code, taken.json()["code"], taken.json()["patient_id"]) == (
        409, "identifier_taken", patient["id"],
    )  # fmt: skip
    taken = await patch(client, desk, other, mrn=patient["mrn"])
    assert (taken.status_code, taken.json()["patient_id"]) == (409, patient["id"])
    own = await patch(client, desk, patient, mrn=patient["mrn"], identifiers=patient["identifiers"])
    assert own.status_code == 200


async def test_a_number_that_stays_keeps_its_row(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any], owner: Any
) -> None:
    (before,) = await owner.fetch("SELECT id FROM patient_identifiers")
    more = [*patient["identifiers"], {"kind": "passport", "value": "Z1234567"}]
    assert len((await patch(client, desk, patient, identifiers=more)).json()["identifiers"]) == 2
    after = await owner.fetch("SELECT id FROM patient_identifiers ORDER BY id")
    assert after[0] == before
    left = (await patch(client, desk, patient, identifiers=more[1:])).json()["identifiers"]
    assert [one["value"] for one in left] == ["Z1234567"]


async def test_edits_without_a_version_wait_for_each_other(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any]
) -> None:
    edits = [patch(client, desk, patient, city=f"City {n}") for n in range(6)]
    assert {answer.status_code for answer in await asyncio.gather(*edits)} == {200}
    assert (await client.get(f"/api/patients/{patient['id']}", headers=desk)).json()["version"] == 7


async def test_what_may_not_be_empty_is_refused(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any]
) -> None:
    for name in ("name", "gender", "mrn", "language", "birth_date", "is_unknown", "is_deceased"):
        answer = await patch(client, desk, patient, **{name: None})
        assert (answer.status_code, answer.json()["fields"][0]["name"]) == (422, name)
    assert (await patch(client, desk, patient, mother_id=patient["id"])).status_code == 422
    assert (await patch(client, desk, patient, relative_kind="W/o")).status_code == 422
    assert (await patch(client, desk, patient, birth_date="2030-01-01")).status_code == 422
    assert (await patch(client, desk, patient, is_active=False)).status_code == 422


async def test_an_age_replaces_a_date_and_a_date_an_age(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any]
) -> None:
    aged = (await patch(client, desk, patient, age_years=40)).json()
    assert (aged["birth_date"], aged["birth_date_precision"]) == ("1986-11-23", "year")
    dated = (await patch(client, desk, patient, birth_date="1986-02-03")).json()
    assert (dated["birth_date"], dated["birth_date_precision"]) == ("1986-02-03", "day")


async def test_the_newest_consent_of_a_purpose_counts_and_the_older_stay_on_file(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any], clock: Any, owner: Any
) -> None:
    asked = {"privacy_notice": {"version": "1", "language": "hi"}, "consents": [{"purpose": "sms", "is_given": True}]}
    assert (await patch(client, desk, patient, **asked)).json()["consents"][0]["is_given"] is True
    clock.at = clock.at.replace(hour=5)
    withdrawn = (await patch(client, desk, patient, consents=[{"purpose": "sms", "is_given": False}])).json()
    assert [(one["purpose"], one["is_given"]) for one in withdrawn["consents"]] == [("sms", False)]
    kept = await owner.fetch("SELECT is_given, notice_version, notice_language FROM patient_consents ORDER BY id")
    assert [tuple(row) for row in kept] == [(True, "1", "hi"), (False, "1", "hi")]


async def test_deactivating_hides_and_reactivating_brings_back(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any], world: World
) -> None:
    admin, url = world.a.as_("hospital_admin"), f"/api/patients/{patient['id']}"
    for _ in range(2):
        assert (await client.delete(url, headers=admin)).status_code == 204
    assert (await client.get(url, headers=desk)).json()["is_active"] is False
    assert await found_by(client, desk, "kavita") == []
    assert await found_by(client, desk, "kavita", is_active=False) == [patient["mrn"]]
    assert await found_by(client, desk, "kavita", all=True) == [patient["mrn"]]
    listed = await client.get("/api/patients", headers=desk, params={"is_active": False})
    assert [row["id"] for row in listed.json()["items"]] == [patient["id"]]
    listed = await client.get("/api/patients", headers=desk)
    assert patient["id"] not in listed.text
    back = await client.post(f"{url}/reactivate", headers=admin)
    assert (back.status_code, back.json()["is_active"]) == (200, True)
    assert await found_by(client, desk, "kavita") == [patient["mrn"]]


async def test_an_edit_of_a_deactivated_patient_keeps_it_hidden(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any], world: World
) -> None:
    await client.delete(f"/api/patients/{patient['id']}", headers=world.a.as_("hospital_admin"))
    await patch(client, desk, patient, name="Meenal Rane")
    assert await found_by(client, desk, "meenal") == []
    assert await found_by(client, desk, "meenal", is_active=False) == [patient["mrn"]]


async def test_each_read_and_write_leaves_one_row_and_no_value(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any], world: World,
    owner: "asyncpg.Connection[Any]",
) -> None:  # fmt: skip
    admin, url = world.a.as_("hospital_admin"), f"/api/patients/{patient['id']}"
    await client.get(url, headers=desk)
    await patch(client, desk, patient, city="Secretpur", phones=["90000 99999"])
    await client.delete(url, headers=admin)
    await client.post(f"{url}/reactivate", headers=admin)
    rows = await owner.fetch("SELECT * FROM audit_entries ORDER BY id")
    assert [(row["action"], row["entity"], str(row["patient_id"])) for row in rows] == [
        (action, "patient", patient["id"]) for action in ("create", "read", "update", "deactivate", "reactivate")
    ]
    assert rows[2]["details"] == '{"fields": ["city", "phones"]}'
    assert not any(word in str(dict(row)) for row in rows for word in ("Secretpur", "99999", "Kavita"))
    assert {row["user_id"] for row in rows} == {world.a.users["receptionist"], world.a.users["hospital_admin"]}


async def test_others_hear_that_a_patient_came_or_changed(
    client: httpx2.AsyncClient, desk: dict[str, str], patient: dict[str, Any], world: World, owner: Any
) -> None:
    await patch(client, desk, patient, city="Pune")
    await patch(client, desk, patient, gender="unheard-of")
    await client.delete(f"/api/patients/{patient['id']}", headers=world.a.as_("hospital_admin"))
    told = await owner.fetch("SELECT name, topic, payload->>'patient_id' AS id FROM outbox_events ORDER BY id")
    assert [tuple(row) for row in told] == [
        ("PatientRegistered", "patients", patient["id"]),
        ("PatientChanged", "patients", patient["id"]),
        ("PatientChanged", "patients", patient["id"]),
    ]


async def test_what_is_no_id_is_refused(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    assert (await client.get("/api/patients/7", headers=desk)).status_code == 422
    missing = await client.get("/api/patients/01a20793-6213-704d-93c2-4d1394ff8ab5", headers=desk)
    assert missing.status_code == 404
