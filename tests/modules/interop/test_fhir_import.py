"""FHIR comes in whole: the real bundles, again without doubles, and nothing that is dropped goes unsaid."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from arogya import cli, importing
from arogya.modules.interop.api import Tally, import_folder
from arogya.modules.organizations.api import organization
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.platform.settings import Settings
from tests.world import World

SYNTHEA = Path(__file__).parents[4] / "shared" / "data" / "synthea"
Import = Callable[[Path], Awaitable[Tally]]


@pytest.fixture
def take(world: World, database: Database, clock: FixedClock) -> Import:
    async def into_a(folder: Path) -> Tally:
        async with database.transaction(world.a.organization_id) as session:
            hospital = await organization(session, world.a.organization_id)
        return await import_folder(database, clock, hospital, folder)

    return into_a


def bundle(*resources: dict[str, Any]) -> str:
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": r} for r in resources]})


def person(**told: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient", "id": "p-1", "gender": "female", "birthDate": "1990-04-12",
        "name": [{"family": "Rane", "given": ["Kavita"]}], **told,
    }  # fmt: skip


async def only_patient(owner: Any) -> dict[str, Any]:
    (row,) = await owner.fetch("SELECT * FROM patients WHERE mrn NOT IN ('TA-000001', 'TA-000002') AND mrn LIKE 'TA-%'")
    return dict(row)


async def count(owner: Any, table: str, world: World) -> int:
    found: int = await owner.fetchval(
        f"SELECT count(*) FROM {table} WHERE organization_id = $1", world.a.organization_id
    )
    return found


@pytest.mark.skipif(not SYNTHEA.is_dir(), reason=f"the sample bundles are not there: {SYNTHEA}")
async def test_the_sample_bundles_come_in_whole_and_only_once(
    take: Import, client: httpx2.AsyncClient, world: World, owner: Any
) -> None:
    first = await take(SYNTHEA)
    assert first.is_whole
    assert (first.files, first.added) == (31, {"Patient": 29, "Practitioner": 102})
    assert (first.known, first.kept) == ({"Practitioner": 36}, {"Organization": 138})
    in_files = {
        "Observation": 1703, "Claim": 314, "Encounter": 259, "ExplanationOfBenefit": 259, "Immunization": 212,
        "Condition": 119, "DiagnosticReport": 106, "Procedure": 85, "MedicationRequest": 55, "CarePlan": 31, "Goal": 10,
        "AllergyIntolerance": 3, "ImagingStudy": 2,
    }  # fmt: skip
    assert first.not_understood == in_files
    for path, times in {
        "Patient.extension[us-core-race]": 29, "Patient.maritalStatus": 29, "Patient.name[maiden]": 3,
        "Patient.name.prefix": 29, "Patient.deceasedDateTime": 2, "Patient.address.extension[geolocation]": 29,
        "Patient.telecom.use": 29, "Practitioner.address": 138,
    }.items():  # fmt: skip
        assert first.left_over[path] == times, path
    for kept in ("Patient.birthDate", "Patient.identifier", "Patient.gender", "Patient.communication", "Patient.id"):
        assert not any(path.startswith(kept) for path in first.left_over), kept

    tables = (
        "patients",
        "practitioners",
        "external_organizations",
        "patient_identifiers",
        "patient_phones",
        "outbox_events",
    )
    there = {table: await count(owner, table, world) for table in tables}
    assert (there["patients"], there["practitioners"], there["external_organizations"]) == (2 + 29, 2 + 102, 102)
    assert there["patient_identifiers"] == 29 * 5
    second = await take(SYNTHEA)
    assert (second.added, second.known["Patient"], second.known["Practitioner"]) == ({}, 29, 138)
    assert {table: await count(owner, table, world) for table in tables} == there

    await everyone_is_found(client, world)
    assert (
        await owner.fetchval("SELECT count(*) FROM patients WHERE organization_id = $1", world.b.organization_id) == 2
    )


async def everyone_is_found(client: httpx2.AsyncClient, world: World) -> None:
    """Each patient of the files by name, phone and number, with all that was told of them."""
    desk = world.a.as_("receptionist")
    for path in sorted(SYNTHEA.glob("*_*.json")):
        told = next(
            e["resource"] for e in json.loads(path.read_text())["entry"] if e["resource"]["resourceType"] == "Patient"
        )
        name = next(n for n in told["name"] if n["use"] == "official")
        full = " ".join([*name["given"], name["family"], *name.get("suffix", [])])
        numbers = {one["type"]["coding"][0]["code"]: one["value"] for one in told["identifier"] if "type" in one}
        phone = told["telecom"][0]["value"]
        for typed in (f"{name['family']} {name['given'][0]}", phone, phone[-4:], *numbers.values()):
            found = await client.post("/api/patients/search", headers=desk, json={"search": typed})
            assert full in [row["name"] for row in found.json()["items"]], typed
        (row,) = [row for row in found.json()["items"] if row["name"] == full]
        kept = (await client.get(f"/api/patients/{row['id']}", headers=desk)).json()
        assert (kept["birth_date"], kept["gender"]) == (told["birthDate"], told["gender"])
        assert kept["phones"] == [{"number": phone, "e164": None}]
        assert kept["is_deceased"] == ("deceasedDateTime" in told)
        assert kept["language"] == told["communication"][0]["language"]["coding"][0]["code"]
        where = told["address"][0]
        assert (kept["address_line"], kept["city"], kept["state"], kept["postal_code"], kept["country"]) == (
            ", ".join(where["line"]), where["city"], where["state"], where.get("postalCode"), where["country"],
        )  # fmt: skip
        kinds = {one["kind"]: one["value"] for one in kept["identifiers"] if one["kind"] != "external"}
        assert kinds == {"ssn": numbers["SS"], "driving_licence": numbers["DL"], "passport": numbers["PPN"]}


async def test_a_broken_file_harms_no_other(take: Import, tmp_path: Path, world: World, owner: Any) -> None:
    broken = {
        "a.json": "{", "b.json": "[1, 2]", "c.json": '{"name": "no resource"}', "d.json": "", "e.json": "\xff",
        "f.json": '{"resourceType": "Patient", "resourceType": "Patient"}',
        "g.json": '{"resourceType": "Patient", "x": NaN}',
        "h.json": bundle(person(name=[{"text": "a\u0000b"}])), "i.json": "[" * 100_000,
    }  # fmt: skip
    for name, text in broken.items():
        (tmp_path / name).write_bytes(text.encode("latin-1") if name == "e.json" else text.encode())
    (tmp_path / "good.json").write_text(bundle(person()))
    (tmp_path / "notes.txt").write_text("no JSON")
    tally = await take(tmp_path)
    assert [name for name, _ in tally.skipped] == sorted(broken)
    assert not tally.is_whole
    assert tally.added == {"Patient": 1}
    assert (await only_patient(owner))["name"] == "Kavita Rane"


async def test_a_resource_that_can_not_be_kept_is_named_and_the_rest_comes_in(
    take: Import, tmp_path: Path, owner: Any
) -> None:
    passport = {"system": "urn:passports", "value": "Z1234567", "type": {"coding": [{"code": "PPN"}]}}
    bad: list[dict[str, Any]] = [
        person(id=None, name=[{"text": "Nobody Knows"}]),
        person(id="p-2", gender="F"),
        person(id="p-3", name=[{"text": "..."}]),
        {"resourceType": "Practitioner", "id": "d-1"},
        {"resourceType": "Organization", "name": "No id"},
        person(id="p-4", identifier=[passport]),
        person(id="p-5", identifier=[passport]),
    ]
    (tmp_path / "mixed.json").write_text(
        bundle(*bad, person(id="p-6", name=[{"text": "Asha"}]), {"resourceType": "Device"})
    )
    tally = await take(tmp_path)
    assert [(kind, why) for _, kind, why in tally.refused] == [
        ("Patient", "no id and no identifier"),
        ("Patient", "gender: literal_error"),
        ("Patient", "name: no_word"),
        ("Practitioner", "no name"),
        ("Organization", "no id and no identifier"),
        ("Patient", "identifier_taken"),
    ]
    assert (tally.added, tally.not_understood) == ({"Patient": 2}, {"Device": 1})
    names = await owner.fetch("SELECT name FROM patients WHERE mrn >= 'TA-000003' AND mrn LIKE 'TA-%' ORDER BY mrn")
    assert [row["name"] for row in names] == ["Kavita Rane", "Asha"]


async def test_a_bad_postal_code_costs_the_code_and_not_the_patient(take: Import, tmp_path: Path, owner: Any) -> None:
    told = person(
        address=[{"line": ["1 Road"], "city": "Pune", "postalCode": "<b>", "country": "India"}],
        telecom=[{"system": "phone", "value": "none"}, {"system": "phone", "value": "555-961-9901"},
                 {"system": "email", "value": "nobody"}, {"system": "fax", "value": "1"}],
    )  # fmt: skip
    (tmp_path / "one.json").write_text(json.dumps(told))
    tally = await take(tmp_path)
    kept = await only_patient(owner)
    assert (kept["address_line"], kept["city"], kept["postal_code"], kept["country"]) == ("1 Road", "Pune", None, None)
    assert {path for path in tally.left_over if "refused" in path} == {
        f"Patient: refused {field} (string_pattern_mismatch)" for field in ("email", "postal_code", "country", "phones")
    }
    assert tally.left_over["Patient.telecom[fax]"] == 1
    assert tally.is_whole


async def test_what_fhir_says_of_a_patient_is_understood(
    take: Import, tmp_path: Path, owner: Any, client: httpx2.AsyncClient, world: World
) -> None:
    told = person(
        active=False, birthDate="1990-04", deceasedBoolean=True,
        name=[{"use": "old", "text": "Kavita Joshi"}, {"use": "usual", "text": "Kavi"},
              {"use": "official", "family": "राणे", "given": ["कविता", "सुरेश"], "suffix": ["Jr."]}],
        identifier=[{"system": "https://healthid.ndhm.gov.in", "value": "91-5006-4247-3341"},
                    {"system": "https://healthid.abdm.gov.in", "value": "kavita@abdm"},
                    {"system": "urn:clinic", "value": "77"}, {"value": "of nobody"}],
        communication=[{"language": {"coding": [{"code": "en"}]}},
                       {"language": {"coding": [{"code": "mr"}]}, "preferred": True}],
        contact=[{"name": {"text": "Suresh Rane"}, "relationship": [{"text": "husband"}],
                  "telecom": [{"system": "phone", "value": "90000 11208"}]}],
    )  # fmt: skip
    (tmp_path / "one.json").write_text(json.dumps(told))
    tally = await take(tmp_path)
    row = await only_patient(owner)
    kept = (await client.get(f"/api/patients/{row['id']}", headers=world.a.as_("receptionist"))).json()
    assert (kept["name"], kept["birth_date"], kept["birth_date_precision"]) == (
        "कविता सुरेश राणे Jr.",
        "1990-04-01",
        "month",
    )
    assert (kept["is_active"], kept["is_deceased"], kept["language"]) == (False, True, "mr")
    assert {one["kind"]: one["value"] for one in kept["identifiers"]} == {
        "abha_number": "91500642473341", "abha_address": "kavita@abdm", "external": "77",
    }  # fmt: skip
    assert kept["contacts"][0]["name"] == "Suresh Rane"
    assert (kept["contacts"][0]["relation"], kept["contacts"][0]["phone"]) == ("husband", "90000 11208")
    assert set(tally.left_over) == {
        "Patient.name[old]", "Patient.name[usual]", "Patient.identifier", "Patient.communication",
    }  # fmt: skip


async def test_a_known_number_makes_no_second_patient_even_under_another_id(
    take: Import, tmp_path: Path, owner: Any
) -> None:
    same = [{"system": "urn:clinic", "value": "77"}]
    (tmp_path / "a.json").write_text(json.dumps(person(identifier=same)))
    (tmp_path / "b.json").write_text(json.dumps(person(id="p-2", identifier=same)))
    tally = await take(tmp_path)
    assert (tally.added, tally.known) == ({"Patient": 1}, {"Patient": 1})


async def test_an_import_is_on_record_and_stays_in_its_hospital(
    take: Import, tmp_path: Path, owner: Any, world: World
) -> None:
    (tmp_path / "one.json").write_text(
        bundle(person(), {"resourceType": "Organization", "id": "o-1", "name": "Elsewhere"})
    )
    await take(tmp_path)
    rows = await owner.fetch("SELECT * FROM audit_entries ORDER BY id")
    assert [(row["action"], row["entity"], row["actor_kind"]) for row in rows] == [
        ("create", "patient", "system"),
        ("execute", "fhir_import", "system"),
    ]
    assert {row["organization_id"] for row in rows} == {world.a.organization_id}
    kept = await owner.fetchrow("SELECT * FROM external_organizations")
    assert (kept["organization_id"], kept["source_id"], kept["name"]) == (world.a.organization_id, "o-1", "Elsewhere")
    assert await owner.fetchval("SELECT count(*) FROM organizations") == 2


Typed = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def arogya_import_fhir(config: Settings, world: World, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """The command as it is typed: its exit code and what it says."""
    monkeypatch.setattr(importing, "settings", lambda: config)

    async def typed(*words: str) -> tuple[int, str]:
        done = await asyncio.to_thread(CliRunner().invoke, cli.app, ["import", "fhir", *words])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output

    return typed


async def test_the_command_says_what_came_in_and_what_did_not(arogya_import_fhir: Typed, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(bundle(person(maritalStatus={"text": "M"}), {"resourceType": "Observation"}))
    code, said = await arogya_import_fhir(str(tmp_path), "--organization", "ta")
    assert code == 0, said
    for words in ("Importing into Hospital A of the tests (TA)", "Patient", "Observation", "Patient.maritalStatus"):
        assert words in said, words
    (tmp_path / "two.json").write_text("{")
    code, said = await arogya_import_fhir(str(tmp_path), "--organization", "TA")
    assert (code, "Skipped two.json: The body is not JSON" in said) == (1, True), said


async def test_the_command_asks_in_one_sentence_for_what_is_missing(arogya_import_fhir: Typed, tmp_path: Path) -> None:
    for folder, sentence in ((tmp_path / "nowhere", "There is no folder"), (tmp_path, "There is no JSON file in")):
        code, said = await arogya_import_fhir(str(folder))
        assert (code, sentence in said) == (1, True), said
    (tmp_path / "one.json").write_text(bundle(person()))
    assert await arogya_import_fhir(str(tmp_path)) == (1, "Say into which hospital: --organization TA or TB.\n")
    unknown = await arogya_import_fhir(str(tmp_path), "--organization", "XX")
    assert unknown == (1, "There is no hospital XX; there is TA and TB.\n")
