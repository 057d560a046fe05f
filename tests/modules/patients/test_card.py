"""The UHID card: what stands on it, for whom, and that it is on record."""

import io
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from asyncpg import Connection
from PIL import Image
from pypdf import PdfReader

from arogya.modules.patients import uhid_card as card
from tests.factories.patients import a_patient
from tests.world import World

Client = httpx2.AsyncClient
MM = 72 / 25.4


@pytest.fixture
def desk(world: World) -> dict[str, str]:
    return world.a.as_("receptionist")


async def printed(client: Client, headers: dict[str, str], patient: Any) -> PdfReader:
    answer = await client.get(f"/api/patients/{patient}/card", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "private, no-store"
    return PdfReader(io.BytesIO(answer.content))


def text_of(pdf: PdfReader) -> str:
    return " ".join(pdf.pages[0].extract_text().split())


async def register(client: Client, desk: dict[str, str], **told: Any) -> str:
    answer = await client.post("/api/patients", json=a_patient(**told), headers=desk)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_the_card_says_who_it_is_on_a_bank_cards_size(client: Client, desk: dict[str, str]) -> None:
    patient = await register(client, desk, phones=["90000 11207"], blood_group="B+", birth_date="1990-04-12")
    pdf = await printed(client, desk, patient)
    assert len(pdf.pages) == 1
    box = pdf.pages[0].mediabox
    assert (round(box.width / MM, 1), round(box.height / MM, 1)) == (85.6, 54.0)
    text = text_of(pdf)
    for fact in ("Hospital A of the tests", "Kavita Rane", "TA-000003", "36 y / F", "B+", "12 Apr 1990", "•••• 1207"):
        assert fact in text, fact
    assert "90000" not in text
    assert list(pdf.pages[0].images) == []


async def test_the_longest_names_stay_on_one_card(client: Client, desk: dict[str, str], world: World) -> None:
    told = {"name": "Venkata Subramanya " * 6, "name_local": "वेंकट सुब्रमण्य " * 6, "language": "hi"}
    patient = await register(client, desk, **{key: value.strip()[:120] for key, value in told.items()})
    assert len((await printed(client, desk, patient)).pages) == 1
    baby = await register(client, desk, name="X", birth_date="2026-11-20", mrn="A" * 40)
    pdf = await printed(client, desk, baby)
    assert len(pdf.pages) == 1
    assert "0 m / F" in text_of(pdf)
    assert world


async def test_the_photo_is_on_it(client: Client, desk: dict[str, str], world: World) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (400, 500), "teal").save(picture, "JPEG")
    files = {"file": ("face.jpg", picture.getvalue(), "image/jpeg")}
    kept = await client.put(f"/api/patients/{world.a.patient}/photo", files=files, headers=desk)
    assert kept.status_code == 204, kept.text
    assert len((await printed(client, desk, world.a.patient)).pages[0].images) == 1


async def test_printing_is_on_record(client: Client, desk: dict[str, str], world: World, owner: Connection) -> None:
    await printed(client, desk, world.a.patient)
    row = await owner.fetchrow("SELECT entity, patient_id, details FROM audit_entries WHERE action = 'print'")
    assert row is not None
    assert (row["entity"], row["patient_id"]) == ("patient", world.a.patient)
    assert json.loads(row["details"]) == {"paper": "card"}


async def test_who_may_print_it(client: Client, world: World) -> None:
    path = f"/api/patients/{world.a.patient}/card"
    for who, status in (("patient", 200), ("nurse", 200), ("cashier", 403), ("privacy_officer", 403)):
        assert (await client.get(path, headers=world.a.as_(who))).status_code == status, who
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers=world.b.as_("receptionist"))).status_code == 404
    other = f"/api/patients/{world.a.other_patient}/card"
    assert (await client.get(other, headers=world.a.as_("patient"))).status_code == 404


def test_both_languages_have_the_same_words() -> None:
    words = json.loads((Path(card.__file__).parent / "print" / "words.json").read_text(encoding="utf-8"))
    assert words["en"].keys() == words["hi"].keys()
    assert words["en"]["sexes"].keys() == words["hi"]["sexes"].keys()
