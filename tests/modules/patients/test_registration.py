"""Registering: what a hospital asks, keeps, computes and refuses."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from arogya.platform.clock import FixedClock
from tests.factories.patients import a_patient
from tests.world import World


@pytest.fixture
def desk(world: World) -> dict[str, str]:
    return world.a.as_("receptionist")


async def register(client: httpx2.AsyncClient, desk: dict[str, str], **told: Any) -> dict[str, Any]:
    answer = await client.post("/api/patients", headers=desk, json=a_patient(**told))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def refused(
    client: httpx2.AsyncClient, desk: dict[str, str], body: dict[str, Any], status: int = 422
) -> dict[str, Any]:
    answer = await client.post("/api/patients", headers=desk, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def fields(problem: dict[str, Any]) -> dict[str, str]:
    return {field["name"]: field["code"] for field in problem["fields"]}


async def test_everything_that_was_told_is_kept(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    told = {
        "name": "Kavita Rane",
        "name_local": "कविता राणे",
        "relative_kind": "W/o",
        "relative_name": "Suresh Rane",
        "birth_date": "1990-04-12",
        "gender": "female",
        "blood_group": "B+",
        "email": "kavita.rane@example.in",
        "language": "mr",
        "address_line": "12, Test Road",
        "city": "Pune",
        "district": "Pune",
        "state": "Maharashtra",
        "postal_code": "411001",
        "country": "IN",
    }
    kept = await register(
        client, desk, **told, phones=["90000 11207", "+1 202-555-0123"], is_medico_legal=True,
        identifiers=[{"kind": "abha_number", "value": "91-5006-4247-3341"}, {"kind": "aadhaar_last4", "value": "1234"}],
        contacts=[{"name": "Suresh Rane", "relation": "husband", "phone": "90000 11208", "is_guardian": False}],
        privacy_notice={"version": "2026-01", "language": "mr"},
        consents=[{"purpose": "research", "is_given": False}, {"purpose": "reminders", "is_given": True}],
    )  # fmt: skip
    assert {name: kept[name] for name in told} == told
    assert kept["mrn"] == "TA-000003"  # the world's two patients have the first two
    assert kept["phones"] == [
        {"number": "90000 11207", "e164": "+919000011207"},
        {"number": "+1 202-555-0123", "e164": "+12025550123"},
    ]
    assert kept["identifiers"] == [
        {"kind": "abha_number", "system": "", "value": "91500642473341"},
        {"kind": "aadhaar_last4", "system": "", "value": "1234"},
    ]
    assert kept["contacts"] == [
        {
            "name": "Suresh Rane",
            "relation": "husband",
            "phone": "90000 11208",
            "is_emergency": True,
            "is_guardian": False,
        }
    ]
    assert (kept["age_years"], kept["age_months"], kept["birth_date_precision"]) == (36, 7, "day")
    assert kept["privacy_notice_version"] == "2026-01"
    assert kept["privacy_notice_at"] == "2026-11-23T04:30:00Z"
    assert [(one["purpose"], one["is_given"]) for one in kept["consents"]] == [("reminders", True), ("research", False)]
    assert (kept["is_medico_legal"], kept["is_active"], kept["has_photo"], kept["version"]) == (True, True, False, 1)
    assert kept["warnings"] == []
    again = await client.get(f"/api/patients/{kept['id']}", headers=desk)
    assert again.json() == {name: value for name, value in kept.items() if name != "warnings"}
    assert again.headers["ETag"] == '"1"'


async def test_a_single_name_is_enough(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    kept = await register(client, desk, name="Ramu")
    assert kept["name"] == "Ramu"


NAMES = ["आरती शर्मा", "ಲಕ್ಷ್ಮೀ", "محمد\u200f علي", "Zoë O'Brien", "Zoe\u0308", "Ravi 👨‍👩‍👧", "क\u094d\u200dष", "李 雷"]


async def test_names_of_every_script_come_back_exactly_and_are_found(
    client: httpx2.AsyncClient, desk: dict[str, str]
) -> None:
    for name in NAMES:
        kept = await register(client, desk, name=name)
        assert kept["name"] == name
        found = await client.post("/api/patients/search", headers=desk, json={"search": name})
        assert name in [row["name"] for row in found.json()["items"]]


async def test_an_age_becomes_a_birth_date_that_is_known_to_the_year(
    client: httpx2.AsyncClient, desk: dict[str, str]
) -> None:
    kept = await register(client, desk, birth_date=None, age_years=62)
    assert (kept["birth_date"], kept["birth_date_precision"]) == ("1964-11-23", "year")
    assert (kept["age_years"], kept["age_months"]) == (62, None)


async def test_an_age_in_months_is_known_to_the_month(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    kept = await register(client, desk, birth_date=None, age_years=1, age_months=7)
    assert (kept["birth_date"], kept["birth_date_precision"]) == ("2025-04-23", "month")
    assert (kept["age_years"], kept["age_months"]) == (1, 7)


async def test_a_birthday_begins_at_midnight_in_the_hospital(
    client: httpx2.AsyncClient, desk: dict[str, str], clock: FixedClock
) -> None:
    clock.advance(timedelta(hours=14))  # 18:30 in Greenwich, the 24th in Kolkata
    kept = await register(client, desk, birth_date="2000-11-24")
    assert kept["age_years"] == 26
    clock.advance(-timedelta(minutes=1))
    again = await client.get(f"/api/patients/{kept['id']}", headers=desk)
    assert again.json()["age_years"] == 25


async def test_an_unknown_patient_needs_neither_name_nor_age(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    one = await client.post("/api/patients", headers=desk, json={"gender": "male", "is_unknown": True, "age_years": 40})
    other = await client.post("/api/patients", headers=desk, json={"gender": "unknown", "is_unknown": True})
    assert one.json()["name"] == "Unknown male ~40"
    assert other.json()["name"] == "Unknown person"
    assert other.json()["age_years"] is None


async def test_a_baby_is_named_after_the_mother(client: httpx2.AsyncClient, desk: dict[str, str], world: World) -> None:
    born = {"gender": "female", "mother_id": str(world.a.patient), "age_years": 0, "age_months": 0}
    baby = (await client.post("/api/patients", headers=desk, json=born)).json()
    assert baby["name"] == "Baby of Sunita Deshmukh"
    assert baby["mother_id"] == str(world.a.patient)


async def test_a_mother_in_another_hospital_is_no_mother(
    client: httpx2.AsyncClient, desk: dict[str, str], world: World
) -> None:
    for told in ({}, {"name": "Baby"}):
        body = {"gender": "female", "mother_id": str(world.b.patient), "age_months": 0, **told}
        assert fields(await refused(client, desk, body)) == {"mother_id": "not_found"}


IMPOSSIBLE: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "  "}, "name", "string_too_short"),
    ({"name": None}, "name", "required"),
    ({"name": "..."}, "name", "no_word"),
    ({"name": "A\nB"}, "name", "value_error"),
    ({"name": "x" * 121}, "name", "string_too_long"),
    ({"name": 5}, "name", "string_type"),
    ({"gender": "F"}, "gender", "literal_error"),
    ({"birth_date": "2026-11-24"}, "birth_date", "in_the_future"),
    ({"birth_date": "1890-01-01"}, "birth_date", "too_long_ago"),
    ({"birth_date": "1990-02-30"}, "birth_date", "date_parsing"),
    ({"birth_date": None}, "birth_date", "required"),
    ({"birth_date": None, "age_years": -1}, "age_years", "greater_than_equal"),
    ({"birth_date": None, "age_years": 131}, "age_years", "less_than_equal"),
    ({"birth_date": None, "age_years": 1.5}, "age_years", "int_type"),
    ({"age_years": 36}, "body", "birth_date_or_age"),
    ({"blood_group": "C+"}, "blood_group", "literal_error"),
    ({"email": "kavita@example"}, "email", "string_pattern_mismatch"),
    ({"email": "<script>@example.in"}, "email", "string_pattern_mismatch"),
    ({"phones": ["none"]}, "phones.0", "string_pattern_mismatch"),
    ({"phones": ["1"] * 11}, "phones", "too_long"),
    ({"language": "हिन्दी"}, "language", "string_pattern_mismatch"),
    ({"relative_kind": "S/o"}, "relative_name", "required"),
    ({"relative_name": "Suresh"}, "relative_kind", "required"),
    ({"mrn": "../1"}, "mrn", "string_pattern_mismatch"),
    ({"mother_id": "x"}, "mother_id", "uuid_parsing"),
    ({"identifiers": [{"kind": "abha_number", "value": "91-5006-4247-334"}]}, "identifiers.0", "abha_format"),
    ({"identifiers": [{"kind": "abha_address", "value": "kavita"}]}, "identifiers.0", "abha_address_format"),
    ({"identifiers": [{"kind": "aadhaar_last4", "value": "123412341234"}]}, "identifiers.0", "aadhaar_last4"),
    ({"identifiers": [{"kind": "passport", "value": "A-1"}]}, "identifiers.0", "passport_format"),
    ({"identifiers": [{"kind": "external", "value": "7"}]}, "identifiers.0", "system_required"),
    ({"consents": [{"purpose": "research", "is_given": True}]}, "privacy_notice", "required"),
    ({"is_admin": True}, "is_admin", "extra_forbidden"),
]  # fmt: skip


async def test_what_can_not_be_is_refused_by_field(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    for told, field, code in IMPOSSIBLE:
        problem = await refused(client, desk, a_patient(**told))
        assert (problem["code"], fields(problem).get(field)) == ("invalid", code), told


async def test_two_consents_to_one_purpose_are_refused(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    twice = [{"purpose": "research", "is_given": True}, {"purpose": "research", "is_given": False}]
    body = a_patient(consents=twice, privacy_notice={"version": "1", "language": "en"})
    assert fields(await refused(client, desk, body)) == {"consents": "duplicate"}


async def test_a_family_shares_a_phone_and_an_address(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    shared = {"phones": ["90000 55555"], "email": "family@example.in"}
    one = await register(client, desk, **shared)
    other = await register(client, desk, name="Suresh Rane", birth_date="1988-01-01", **shared)
    assert one["id"] != other["id"]
    assert other["warnings"] == []


async def test_an_unreadable_phone_is_kept_as_it_came(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    kept = await register(client, desk, phones=["555-961-9901", "ext. 12 (ward)"])
    assert kept["phones"] == [{"number": "555-961-9901", "e164": None}, {"number": "ext. 12 (ward)", "e164": None}]


async def test_a_failed_check_digit_only_warns(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    kept = await register(client, desk, identifiers=[{"kind": "abha_number", "value": "91-5006-4247-3342"}])
    assert [warning["code"] for warning in kept["warnings"]] == ["abha_check_digit"]
    assert kept["identifiers"][0]["value"] == "91500642473342"


async def test_a_probable_duplicate_is_registered_with_a_warning(
    client: httpx2.AsyncClient, desk: dict[str, str], owner: Any
) -> None:
    first = await register(client, desk, phones=["90000 66666"])
    second = await register(client, desk, name="Kavitha Rane")
    assert second["warnings"] == [
        {"code": "possible_duplicate", "patient_id": first["id"], "because": ["name", "birth_date"]}
    ]
    shown = await owner.fetchval("SELECT entity_ids FROM audit_entries WHERE action = 'search'")
    assert [str(one) for one in shown] == [first["id"]]


async def test_numbers_go_up_one_by_one(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    given = [(await register(client, desk, name=f"Test {n}"))["mrn"] for n in range(3)]
    assert given == ["TA-000003", "TA-000004", "TA-000005"]


async def test_a_given_number_is_kept_and_leapt_over(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    kept = [(await register(client, desk, name=f"Test {n}", mrn=f"TA-00000{n}"))["mrn"] for n in (3, 4, 6)]
    assert kept == ["TA-000003", "TA-000004", "TA-000006"]
    counted = [(await register(client, desk, name=f"Test {n}"))["mrn"] for n in (7, 8)]
    assert counted == ["TA-000005", "TA-000007"]
    foreign = await register(client, desk, name="Test 9", mrn="OLD/77-b")
    assert foreign["mrn"] == "OLD/77-B"


async def test_each_hospital_counts_by_itself(client: httpx2.AsyncClient, desk: dict[str, str], world: World) -> None:
    await register(client, desk)
    there = await client.post("/api/patients", headers=world.b.as_("receptionist"), json=a_patient(mrn="TA-000001"))
    counted = await client.post("/api/patients", headers=world.b.as_("receptionist"), json=a_patient())
    assert there.json()["mrn"] == "TA-000001"
    assert counted.json()["mrn"] == "TB-000003"


async def test_a_taken_number_says_whose_it_is(client: httpx2.AsyncClient, desk: dict[str, str], world: World) -> None:
    problem = await refused(client, desk, a_patient(mrn="TA-000001"), 409)
    assert problem["code"] == "mrn_taken"
    assert problem["patient_id"] == str(world.a.patient)
    assert "Sunita" not in str(problem)


async def test_small_letters_make_no_other_number(
    client: httpx2.AsyncClient, desk: dict[str, str], world: World
) -> None:
    problem = await refused(client, desk, a_patient(mrn="ta-000001"), 409)
    assert (problem["code"], problem["patient_id"]) == ("mrn_taken", str(world.a.patient))
    one = f"/api/patients/{world.a.other_patient}"
    assert (await client.patch(one, headers=desk, json={"mrn": "ta-000001"})).status_code == 409


async def test_a_taken_abha_number_says_whose_it_is_however_it_is_typed(
    client: httpx2.AsyncClient, desk: dict[str, str]
) -> None:
    first = await register(client, desk, identifiers=[{"kind": "abha_number", "value": "91500642473341"}])
    passport, abha = {"kind": "passport", "value": "Z1234567"}, {"kind": "abha_number", "value": "91 5006 4247 3341"}
    body = a_patient(name="Else", identifiers=[passport, abha])
    problem = await refused(client, desk, body, 409)
    assert (problem["code"], problem["kind"], problem["patient_id"]) == ("identifier_taken", "abha_number", first["id"])
    assert fields(problem) == {"identifiers.1.value": "identifier_taken"}
    # Nothing is half done: the passport of the refused one is free.
    await register(client, desk, name="Else", identifiers=[passport])


async def test_a_deactivated_patient_keeps_the_numbers(
    client: httpx2.AsyncClient, desk: dict[str, str], world: World
) -> None:
    first = await register(client, desk, identifiers=[{"kind": "abha_number", "value": "91500642473341"}])
    await client.delete(f"/api/patients/{first['id']}", headers=world.a.as_("hospital_admin"))
    body = a_patient(identifiers=[{"kind": "abha_number", "value": "91500642473341"}])
    assert (await refused(client, desk, body, 409))["patient_id"] == first["id"]


async def test_the_same_abha_number_in_another_hospital_is_nobodys_business(
    client: httpx2.AsyncClient, desk: dict[str, str], world: World
) -> None:
    body = a_patient(identifiers=[{"kind": "abha_number", "value": "91500642473341"}])
    assert (await client.post("/api/patients", headers=desk, json=body)).status_code == 201
    assert (await client.post("/api/patients", headers=world.b.as_("receptionist"), json=body)).status_code == 201


async def test_of_two_desks_with_one_abha_number_one_is_told_whose_it_is(
    client: httpx2.AsyncClient, desk: dict[str, str]
) -> None:
    body = a_patient(identifiers=[{"kind": "abha_number", "value": "91500642473341"}])
    answers = await asyncio.gather(*(client.post("/api/patients", headers=desk, json=body) for _ in range(8)))
    won = [answer.json() for answer in answers if answer.status_code == 201]
    lost = [answer.json() for answer in answers if answer.status_code == 409]
    assert (len(won), len(lost)) == (1, 7)
    assert {problem["patient_id"] for problem in lost} == {won[0]["id"]}


async def test_desks_at_once_get_different_numbers(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    bodies = [a_patient(name=f"Racer {n}") for n in range(12)]
    answers = await asyncio.gather(*(client.post("/api/patients", headers=desk, json=body) for body in bodies))
    assert sorted(answer.json()["mrn"] for answer in answers) == [f"TA-{n:06d}" for n in range(3, 15)]


async def test_a_given_and_a_counted_number_at_once_never_collide(
    client: httpx2.AsyncClient, desk: dict[str, str]
) -> None:
    bodies = [a_patient(name=f"Racer {n}", mrn="TA-000005" if n == 5 else None) for n in range(10)]
    answers = await asyncio.gather(*(client.post("/api/patients", headers=desk, json=body) for body in bodies))
    numbers = [answer.json()["mrn"] for answer in answers if answer.status_code == 201]
    assert len(set(numbers)) == len(numbers) >= 9
    assert all(a.status_code == 201 or a.json()["code"] == "mrn_taken" for a in answers)


async def test_a_nervous_finger_registers_once(client: httpx2.AsyncClient, world: World) -> None:
    headers = world.a.as_("receptionist", key="finger-1")
    answers = await asyncio.gather(*(client.post("/api/patients", headers=headers, json=a_patient()) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
