"""The UPI link: as payment apps read it, and only where something is due."""

import re
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from xml.etree import ElementTree as Xml

import asyncpg
import pytest
import segno

from arogya.modules.scheduling.upi import payment_uri, qr_svg
from tests.modules.scheduling.desk import Desk
from tests.world import World

Owner = asyncpg.Connection
REFERENCE = UUID("0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4b")


def test_link_reads_as_the_specification_says() -> None:
    uri = payment_uri(
        address="nirmal.kothrud@upi", payee="Nirmal Hospital, Kothrud", amount_paise=60_050, note="Consultation fee",
        reference=REFERENCE,
    )  # fmt: skip
    assert uri == (
        "upi://pay?pa=nirmal.kothrud@upi&pn=Nirmal%20Hospital%2C%20Kothrud&am=600.50&cu=INR&tn=Consultation%20fee"
        "&tr=0198f4a26c1e7b3a9d550c9d1e2f3a4b&mc=0000"
    )


@pytest.mark.parametrize(
    ("paise", "told"), [(1, "0.01"), (100, "1.00"), (60_000, "600.00"), (123_456_789, "1234567.89")]
)
def test_amount_has_two_decimals(paise: int, told: str) -> None:
    uri = payment_uri(address="a@b", payee="P", amount_paise=paise, note="N", reference=REFERENCE)
    assert parse_qs(urlsplit(uri).query)["am"] == [told]


def test_payees_name_can_add_no_parameter() -> None:
    uri = payment_uri(address="a@b", payee="A&am=1 & Sons=पुणे", amount_paise=500, note="N", reference=REFERENCE)
    told = parse_qs(urlsplit(uri).query)
    assert (told["am"], told["pn"]) == (["5.00"], ["A&am=1 & Sons=पुणे"])
    assert "+" not in uri
    assert " " not in uri


def test_long_names_are_cut_and_the_reference_fits() -> None:
    told = parse_qs(
        urlsplit(payment_uri(address="a@b", payee="x" * 90, amount_paise=1, note="N", reference=REFERENCE)).query
    )
    assert len(told["pn"][0]) == 50
    assert re.fullmatch(r"[0-9a-f]{32}", told["tr"][0]), "letters and digits, 35 at most"


def test_qr_code_is_drawn_as_one_svg_that_holds_the_link() -> None:
    uri = payment_uri(address="a@b", payee="P", amount_paise=100, note="N", reference=REFERENCE)
    drawn = Xml.fromstring(qr_svg(uri))
    code = segno.make_qr(uri, error="m")
    assert drawn.tag.endswith("svg")
    assert drawn.get("viewBox") == "0 0 {0} {0}".format(code.symbol_size(border=4)[0])
    assert "script" not in qr_svg(uri)


async def test_fee_that_is_due_can_be_paid(desk: Desk, world: World) -> None:
    visit = await desk.walk_in(world.a.patient)
    told = (await desk.get(f"/appointments/{visit['id']}/upi")).json()
    asked = parse_qs(urlsplit(told["uri"]).query)
    assert (asked["pa"], asked["am"], asked["tr"]) == (["test@upi"], ["600.00"], [UUID(visit["id"]).hex])
    assert told["qr_svg"].startswith("<svg ")
    assert "Sunita" not in told["uri"]


async def test_each_visit_has_its_own_reference(desk: Desk, world: World) -> None:
    visits = [await desk.walk_in(person) for person in (world.a.patient, world.a.other_patient)]
    uris = [(await desk.get(f"/appointments/{visit['id']}/upi")).json()["uri"] for visit in visits]
    assert len({parse_qs(urlsplit(uri).query)["tr"][0] for uri in uris}) == 2


async def test_patient_pays_from_their_own_phone(desk: Desk, world: World) -> None:
    own, other = await desk.walk_in(world.a.patient), await desk.walk_in(world.a.other_patient)
    assert (await desk.as_("patient").get(f"/appointments/{own['id']}/upi")).status_code == 200
    assert (await desk.as_("patient").get(f"/appointments/{other['id']}/upi")).status_code == 404


async def test_paid_visit_has_no_link(desk: Desk, world: World) -> None:
    visit = await desk.walk_in(world.a.patient)
    await desk.post(f"/appointments/{visit['id']}/receipt", {"method": "cash"})
    answer = await desk.get(f"/appointments/{visit['id']}/upi")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_paid")


async def test_nothing_due_has_no_link(desk: Desk, world: World, owner: Owner) -> None:
    visit = await desk.walk_in(world.a.patient)
    await owner.execute("UPDATE appointments SET fee_paise = 0")
    answer = await desk.get(f"/appointments/{visit['id']}/upi")
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_to_pay")


async def test_branch_without_an_address_says_so(desk: Desk, world: World, owner: Owner) -> None:
    visit = await desk.walk_in(world.a.patient)
    await owner.execute("UPDATE facilities SET upi_vpa = NULL")
    answer = await desk.get(f"/appointments/{visit['id']}/upi")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_upi_address")


async def test_another_branch_and_hospital_see_no_link(desk: Desk, world: World) -> None:
    visit = await desk.walk_in(world.a.patient)
    assert (await desk.as_("branch_receptionist").get(f"/appointments/{visit['id']}/upi")).status_code == 404
    assert (
        await Desk(desk.client, world.b, world.b.practitioner).get(f"/appointments/{visit['id']}/upi")
    ).status_code == 404
    assert (await desk.client.get(f"/api/appointments/{visit['id']}/upi")).status_code == 401
