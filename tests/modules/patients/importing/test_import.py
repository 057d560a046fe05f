"""A file of another system's patients: sent, checked, taken in whole or not at all, and taken back."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

from arogya.modules.patients.importing import portions, running
from arogya.modules.patients.importing.reasons import HINDI
from arogya.platform import jobs
from tests.modules.patients.importing.files import HEADINGS, URL, Imports, Jobs, csv_of, person, send
from tests.world import World


@pytest.fixture
def imports(client: httpx2.AsyncClient, world: World, jobs_once: Jobs) -> Imports:
    return Imports(client, world.a, jobs_once)


async def found(client: httpx2.AsyncClient, world: World, typed: str) -> list[dict[str, Any]]:
    answer = await client.post(
        "/api/patients/search", headers=world.a.as_("receptionist"), json={"search": typed, "limit": 20}
    )
    return list(answer.json()["items"])


async def test_what_is_imported_is_found_by_name_phone_and_number_and_reads_as_if_registered(
    imports: Imports, client: httpx2.AsyncClient, world: World
) -> None:
    sent = await imports.send(csv_of(person(1, ABHA="91-0000-0000-0007", Sex="महिला"), person(2)))
    assert sent["mapping"] == {"mrn": 0, "name": 1, "gender": 2, "birth_date": 3, "phone": 4, "abha_number": 5}
    checked = await imports.check()
    assert (checked["status"], checked["lines_total"], checked["taken"], checked["refused"]) == ("checked", 2, 2, 0)
    assert await found(client, world, "importa") == [], "a check writes nobody"
    done = await imports.run()
    assert (done["status"], done["taken"], done["lines_done"], done["refused"]) == ("done", 2, 2, 0)
    for typed in ("importa", "test1 imp", "9000000001", "0001", "OLD-00001", "91000000000007", "impotra"):
        assert "OLD-00001" in [one["mrn"] for one in await found(client, world, typed)], typed
    [row] = await found(client, world, "importa test1")
    record = (await client.get(f"/api/patients/{row['id']}", headers=world.a.as_("receptionist"))).json()
    assert (record["gender"], record["birth_date"], record["birth_date_precision"]) == ("female", "1990-04-13", "day")
    assert record["phones"] == [{"number": "9000000001", "e164": "+919000000001"}]
    assert record["identifiers"] == [{"kind": "abha_number", "system": "", "value": "91000000000007"}]
    assert (record["language"], record["is_active"], record["version"]) == ("en", True, 1)


async def test_the_trail_says_who_took_in_whom_in_one_entry_a_portion_and_the_file_goes(
    imports: Imports, world: World, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "LINES_AT_A_TIME", 3)
    await imports.through(csv_of(*(person(n) for n in range(1, 8))))
    entries = await owner.fetch("SELECT * FROM audit_entries WHERE entity = 'patient' AND action = 'create'")
    assert [len(one["entity_ids"]) for one in sorted(entries, key=lambda one: one["id"])] == [3, 3, 1]
    assert {one["user_id"] for one in entries} == {world.a.users["hospital_admin"]}
    assert {one["actor_kind"] for one in entries} == {"system"}
    by = await owner.fetchval("SELECT DISTINCT created_by FROM patients WHERE mrn LIKE 'OLD-%'")
    assert by == world.a.users["hospital_admin"]
    assert await owner.fetchval("SELECT count(*) FROM patient_import_files") == 0
    events = await owner.fetch("SELECT name, payload::text FROM outbox_events")
    assert [one["name"] for one in events if one["name"].startswith("Patients")] == ["PatientsImported"]
    assert not any(one["name"] == "PatientRegistered" for one in events)


async def test_refused_lines_are_told_with_what_and_why_and_the_rest_is_taken(
    imports: Imports, world: World, owner: asyncpg.Connection
) -> None:
    rows = [
        person(1),
        person(2, Sex="Q"),
        person(3, DOB="31/02/1990"),
        person(4, DOB="03/04/1990"),
        person(5, **{"Mobile No": "none"}),
        person(6, ABHA="12"),
        person(7, UHID="OLD-00001"),
        person(8, UHID="TA-000001"),
        person(9, UHID="a b"),
        person(10, **{"Patient Name": ""}),
        person(11, DOB="13/04/2990"),
        [*person(12), "more"],
        person(13, **{"Patient Name": "#REF!"}),
        person(14, DOB="04/04/04"),
        person(15, ABHA="91-0000-0000-0007"),
        person(16, ABHA="91-0000-0000-0007"),
    ]
    done = await imports.through(csv_of(*rows))
    assert (done["taken"], done["refused"], done["lines_done"]) == (2, 14, 16)
    assert await imports.refused() == {
        3: [("gender", "gender_unreadable")],
        4: [("birth_date", "date_impossible")],
        5: [("birth_date", "date_ambiguous")],
        6: [("phone", "string_pattern_mismatch")],
        7: [("abha_number", "abha_format")],
        8: [("mrn", "twice_in_file")],
        9: [("mrn", "mrn_taken")],
        10: [("mrn", "string_pattern_mismatch")],
        11: [("name", "required")],
        12: [("birth_date", "in_the_future")],
        13: [("", "too_many_cells")],
        14: [("name", "cell_error")],
        15: [("birth_date", "date_short_year")],
        17: [("abha_number", "twice_in_file")],
    }
    mrns = await owner.fetch("SELECT mrn FROM patients WHERE mrn LIKE 'OLD-%' ORDER BY mrn")
    assert [one["mrn"] for one in mrns] == ["OLD-00001", "OLD-00015"]


async def test_dates_are_read_as_one_is_told_to(imports: Imports, owner: asyncpg.Connection) -> None:
    await imports.through(csv_of(person(1, DOB="03/04/1990")), date_order="mdy")
    assert str(await owner.fetchval("SELECT birth_date FROM patients WHERE mrn = 'OLD-00001'")) == "1990-03-04"


async def test_whoever_is_here_already_is_refused_or_where_one_says_so_skipped(imports: Imports) -> None:
    raw = csv_of(person(1), person(2))
    await imports.through(raw)
    again = await imports.through(raw)
    assert (again["taken"], again["refused"], again["skipped"]) == (0, 2, 0)
    assert await imports.refused() == {2: [("mrn", "mrn_taken")], 3: [("mrn", "mrn_taken")]}
    skipped = await imports.through(raw, existing="skip")
    assert (skipped["taken"], skipped["refused"], skipped["skipped"]) == (0, 0, 2)


async def test_without_a_number_the_same_person_is_known_by_name_birth_and_phone(imports: Imports) -> None:
    one, child = person(1, UHID=""), person(1, UHID="", **{"Patient Name": "Importa Child"})
    done = await imports.through(csv_of(one, one, child))
    assert (done["taken"], done["refused"]) == (2, 1)
    assert await imports.refused() == {3: [("name", "same_person_in_file")]}
    again = await imports.through(csv_of(one, child))
    assert await imports.refused() == {2: [("name", "same_person_here")], 3: [("name", "same_person_here")]}
    assert again["taken"] == 0


async def test_lines_without_a_number_get_the_next_ones_past_those_that_are_kept(
    imports: Imports, owner: asyncpg.Connection
) -> None:
    kept = "TA-000004"
    await imports.through(csv_of(person(1, UHID=""), person(2, UHID=kept), person(3, UHID="")))
    rows = await owner.fetch("SELECT name, mrn FROM patients WHERE name LIKE 'Importa%' ORDER BY name")
    numbers = {row["name"]: row["mrn"] for row in rows}
    assert numbers["Importa Test2"] == kept
    assert (numbers["Importa Test1"], numbers["Importa Test3"]) == ("TA-000003", "TA-000005")


async def test_a_line_is_whole_or_not_there(
    imports: Imports, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The portion breaks in its last write: nothing of it stays, and going on makes it whole."""
    monkeypatch.setattr(running, "LINES_AT_A_TIME", 2)
    await imports.send(csv_of(*(person(n) for n in range(1, 6))))
    await imports.check()
    whole = portions._load_terms
    calls = []

    async def breaks_second(*told: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("planted")
        await whole(*told)

    monkeypatch.setattr(portions, "_load_terms", breaks_second)
    await imports.post("run")
    with pytest.raises(RuntimeError, match="planted"):
        await imports.jobs_once()
    stopped = await imports.now()
    assert (stopped["status"], stopped["failure"], stopped["taken"], stopped["lines_done"]) == (
        "failed", "unexpected", 2, 2,
    )  # fmt: skip
    for table in ("patients WHERE mrn LIKE 'OLD-%'", "patient_import_lines"):
        assert await owner.fetchval(f"SELECT count(*) FROM {table}") == 2
    done = await imports.run()
    assert (done["status"], done["taken"], done["lines_done"]) == ("done", 5, 5)
    assert await owner.fetchval("SELECT count(*) FROM patients WHERE mrn LIKE 'OLD-%'") == 5


async def test_a_line_that_repeats_one_of_before_the_break_is_still_told(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "LINES_AT_A_TIME", 1)
    await imports.send(csv_of(person(1), person(2), person(3, UHID="OLD-00001")))
    await imports.check()
    await imports.post("run")
    monkeypatch.setattr(running._Import, "_keep", _stop_after(1))
    await imports.jobs_once()
    assert (await imports.now())["lines_done"] == 1
    monkeypatch.undo()
    await imports.post("cancel")
    await imports.run()
    assert await imports.refused() == {4: [("mrn", "twice_in_file")]}


def _stop_after(count: int) -> Any:
    kept = running._Import._keep
    calls: list[int] = []

    async def keep(self: Any, *told: Any) -> bool:
        calls.append(1)
        return len(calls) <= count and await kept(self, *told)

    return keep


async def test_cancelled_stops_and_goes_on_where_it_stood(
    imports: Imports, monkeypatch: pytest.MonkeyPatch, owner: asyncpg.Connection
) -> None:
    monkeypatch.setattr(running, "LINES_AT_A_TIME", 2)
    await imports.send(csv_of(*(person(n) for n in range(1, 6))))
    await imports.check()
    await imports.post("run")
    assert (await imports.post("cancel")).status_code == 200
    assert await imports.jobs_once() == 1
    assert await owner.fetchval("SELECT count(*) FROM patient_import_lines") == 0
    assert (await imports.run())["taken"] == 5


@pytest.mark.parametrize(
    ("status", "step"),
    [("uploaded", "run"), ("uploaded", "undo"), ("uploaded", "cancel"), ("done", "run"), ("done", "check")],
)
async def test_a_step_out_of_turn_is_refused(imports: Imports, status: str, step: str) -> None:
    raw = csv_of(person(1))
    await (imports.through(raw) if status == "done" else imports.send(raw))
    answer = await imports.post(step, {"mapping": imports.sent["mapping"]} if step == "check" else None)
    assert (answer.status_code, answer.json()["code"]) == (409, "import_not_ready")


async def test_undone_import_leaves_the_lists_and_can_be_sent_again(
    imports: Imports, client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    raw = csv_of(person(1, ABHA="91-0000-0000-0007"), person(2))
    await imports.through(raw)
    assert (await imports.post("undo")).status_code == 200
    await imports.jobs_once()
    undone = await imports.now()
    assert (undone["status"], undone["undone"]) == ("undone", 2)
    assert await found(client, world, "importa") == []
    closed = await owner.fetch("SELECT is_active, mrn FROM patients WHERE name LIKE 'Importa%'")
    assert {one["is_active"] for one in closed} == {False}
    entry = await owner.fetchrow("SELECT * FROM audit_entries WHERE action = 'deactivate'")
    assert (len(entry["entity_ids"]), entry["user_id"]) == (2, world.a.users["hospital_admin"])
    assert (await imports.through(raw))["taken"] == 2


async def test_an_import_that_is_used_is_not_undone(
    imports: Imports, client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    await imports.through(csv_of(person(1), person(2)))
    patient_id = await owner.fetchval("SELECT id FROM patients WHERE mrn = 'OLD-00001'")
    changed = await client.patch(
        f"/api/patients/{patient_id}", headers=world.a.as_("receptionist"), json={"city": "Pune"}
    )
    assert changed.status_code == 200
    answer = await imports.post("undo")
    assert (answer.status_code, answer.json()["code"], answer.json()["used"]) == (409, "import_used", 1)
    assert await owner.fetchval("SELECT count(*) FROM patients WHERE mrn LIKE 'OLD-%' AND is_active") == 2


async def test_who_is_booked_after_the_undo_began_stays(
    imports: Imports, client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    await imports.through(csv_of(person(1), person(2)))
    await imports.post("undo")
    patient_id = await owner.fetchval("SELECT id FROM patients WHERE mrn = 'OLD-00001'")
    token = {"patient_id": str(patient_id), "practitioner_id": str(world.a.other_practitioner),
             "facility_id": str(world.a.main)}  # fmt: skip
    walked_in = await client.post("/api/walk-ins", headers=world.a.as_("receptionist"), json=token)
    assert walked_in.status_code == 201, walked_in.text
    await imports.jobs_once()
    undone = await imports.now()
    assert (undone["status"], undone["undone"]) == ("undone", 1)
    assert await owner.fetchval("SELECT is_active FROM patients WHERE mrn = 'OLD-00001'")


async def test_reopened_record_of_an_undone_import_is_found(
    imports: Imports, client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    await imports.through(csv_of(person(1)))
    await imports.post("undo")
    await imports.jobs_once()
    patient_id = await owner.fetchval("SELECT id FROM patients WHERE name = 'Importa Test1'")
    admin = world.a.as_("hospital_admin")
    assert (await client.post(f"/api/patients/{patient_id}/reactivate", headers=admin)).status_code == 200
    assert len(await found(client, world, "importa")) == 1


async def test_report_of_refused_lines_has_the_lines_as_they_came_and_no_formula(imports: Imports) -> None:
    evil = '=HYPERLINK("https://x.example","click")'
    await imports.send(csv_of(person(1), person(2, **{"Patient Name": evil, "Sex": "Q"})))
    await imports.check()
    report = await imports.client.get(f"{imports.url}/refusals/export", headers=imports.headers)
    assert report.status_code == 200
    head, line = list(csv.reader(io.StringIO(report.content.decode("utf-8-sig"), newline="")))
    assert head == ["Line", "Why not", *HEADINGS]
    assert line[:2] == ["3", "Sex: Write M, F or O"]
    assert line[3] == f"'{evil}"
    book = await imports.client.get(f"{imports.url}/refusals/export?form=xlsx", headers=imports.headers)
    from arogya.platform.sheets.reading import lines

    [_, (_, cells)] = list(lines(book.content))
    assert cells[3] == evil, "in a workbook it is a text, and no formula, by its type"


async def test_report_speaks_the_language_of_who_takes_it(imports: Imports) -> None:
    await imports.send(csv_of(person(1), person(2, Sex="Q")))
    await imports.check()
    headers = imports.headers | {"Accept-Language": "hi-IN,hi;q=0.9,en;q=0.8"}
    report = await imports.client.get(f"{imports.url}/refusals/export", headers=headers)
    head, line = list(csv.reader(io.StringIO(report.content.decode("utf-8-sig"), newline="")))
    assert head == ["पंक्ति", "क्यों नहीं", *HEADINGS]
    assert line[:2] == ["3", "Sex: M, F या O लिखें"]


def test_hindi_reasons_are_the_clients() -> None:
    words = Path(__file__).resolve().parents[4] / "web/src/features/patients/importing/i18n/hi.json"
    assert json.loads(words.read_text())["reason"] == HINDI


async def test_mended_report_is_the_next_file(imports: Imports) -> None:
    await imports.through(csv_of(person(1), person(2, Sex="Q")))
    report = await imports.client.get(f"{imports.url}/refusals/export", headers=imports.headers)
    mended = report.content.replace(b",Q,", b",F,")
    assert (await imports.through(mended))["taken"] == 1


async def test_a_stranger_a_wrong_role_and_another_hospital_get_nothing(
    imports: Imports, client: httpx2.AsyncClient, world: World
) -> None:
    await imports.send(csv_of(person(1)))
    body = {"mapping": {"name": 1}}
    for method, step in [
        ("GET", ""), ("GET", "/preview"), ("POST", "/check"), ("POST", "/run"), ("POST", "/cancel"), ("POST", "/undo"),
        ("GET", "/refusals"), ("GET", "/refusals/export"),
    ]:  # fmt: skip
        ask = {"json": body} if step == "/check" else {}
        url = f"{imports.url}{step}"
        assert (await client.request(method, url, **ask)).status_code == 401
        for role in ("receptionist", "doctor", "patient", "privacy_officer"):
            assert (await client.request(method, url, headers=world.a.as_(role), **ask)).status_code == 403, (role, url)
        theirs = await client.request(method, url, headers=world.b.as_("hospital_admin"), **ask)
        assert theirs.status_code == 404, url
    raw = csv_of(person(1))
    files = {"file": ("p.csv", raw, "text/csv")}
    assert (await client.post(URL, files=files)).status_code == 401
    assert (await client.post(URL, headers=world.a.as_("receptionist"), files=files)).status_code == 403
    assert (await client.get(URL, headers=world.b.as_("hospital_admin"))).json()["items"] == []
    assert len((await client.get(URL, headers=world.a.as_("hospital_admin"))).json()["items"]) == 1


async def test_a_file_sent_twice_with_one_key_is_one_import(client: httpx2.AsyncClient, world: World) -> None:
    raw = csv_of(person(1))
    first, again = [await send(client, world.a, raw, key="k1") for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    other = await send(client, world.a, csv_of(person(2)), key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_files_that_are_no_table_are_refused(client: httpx2.AsyncClient, world: World) -> None:
    for raw, code in [
        (b"", "invalid"), (b"\x00\x01\x02\x03" * 50, "sheet_unreadable"), (b"UHID,Name\r\n", "sheet_unreadable"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "sheet_unreadable"), (b"PK\x03\x04 no zip", "sheet_unreadable"),
        (("A\0B\nC\n" * 900).encode("utf-16-le"), "sheet_unreadable"),
    ]:  # fmt: skip
        answer = await send(client, world.a, raw)
        assert (answer.status_code, answer.json()["code"]) == (422, code), raw[:20]


async def test_a_file_over_the_limit_is_refused(
    client: httpx2.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arogya.modules.patients.importing import service

    monkeypatch.setattr(service, "MAX_BYTES", 10)
    answer = await send(client, world.a, csv_of(person(1)))
    assert (answer.status_code, answer.json()["code"]) == (413, "import_too_large")


async def test_a_file_with_too_many_lines_fails_before_its_first(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MOST_LINES", 2)
    await imports.send(csv_of(*(person(n) for n in range(1, 4))))
    failed = await imports.check()
    assert (failed["status"], failed["failure"], failed["lines_done"]) == ("failed", "too_many_lines", 0)


async def test_columns_that_the_file_has_not_are_refused(imports: Imports) -> None:
    await imports.send(csv_of(person(1)))
    answer = await imports.post("check", {"mapping": {"name": 40}})
    assert (answer.status_code, answer.json()["fields"][0]["name"]) == (422, "mapping.name")
    assert (await imports.post("check", {"mapping": {"mrn": 0}})).status_code == 422


async def test_the_preview_shows_the_first_lines_and_is_recorded(imports: Imports, owner: asyncpg.Connection) -> None:
    await imports.send(csv_of(*(person(n) for n in range(1, 9))))
    answer = await imports.client.get(f"{imports.url}/preview", headers=imports.headers)
    assert answer.json()["samples"] == [person(n) for n in range(1, 6)]
    entry = await owner.fetchrow("SELECT * FROM audit_entries WHERE action = 'read' AND entity = 'patient_import'")
    assert str(entry["entity_ids"][0]) == imports.sent["id"]


async def test_files_and_refused_lines_are_forgotten_after_a_month(
    imports: Imports, owner: asyncpg.Connection, work: jobs.Work, clock: Any
) -> None:
    from datetime import timedelta

    from arogya.modules.patients.jobs import forget_import_files

    await imports.send(csv_of(person(1, Sex="Q")))
    await imports.check()
    clock.advance(timedelta(days=29))
    await forget_import_files(work)
    assert await owner.fetchval("SELECT count(*) FROM patient_import_files") == 1
    clock.advance(timedelta(days=2))
    await forget_import_files(work)
    for table in ("patient_import_files", "patient_import_refusals"):
        assert await owner.fetchval(f"SELECT count(*) FROM {table}") == 0
    clock.advance(-timedelta(days=31))
    answer = await imports.post("run")
    assert (answer.status_code, answer.json()["code"]) == (409, "import_file_gone")
