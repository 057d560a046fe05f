"""The two doors, and the accounts and grants that open them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from arogya.modules.identity.api import SelfRegistration
from arogya.modules.patients import api
from arogya.modules.patients import ports as patient_ports
from arogya.platform.access import Actor, Context, Scope
from arogya.platform.clock import FixedClock, new_id
from arogya.platform.errors import Conflict, Invalid, NotFound
from arogya.policy import OWN_RECORDS_ONLY, Permission, Role, permissions_of
from tests.factories.patients import a_patient, register_patient
from tests.world import Hospital, World

System = Callable[[Hospital], Any]


def acting(ctx: Context, hospital: Hospital, role: Role, user_id: UUID | None = None) -> Context:
    """The same transaction in the name of a person of this role."""
    scope = Scope(None, role in OWN_RECORDS_ONLY)
    actor = Actor(
        kind="user", organization_id=hospital.organization_id, user_id=user_id or hospital.users[role.value],
        roles=(role.value,), grants={permission.value: scope for permission in permissions_of(role)},
    )  # fmt: skip
    return replace(ctx, actor=actor)


async def test_identify_tells_who_it_is_and_leaves_a_row(system: System, world: World, owner: Any) -> None:
    async with system(world.a) as ctx:
        told = await api.identify(acting(ctx, world.a, Role.CASHIER), world.a.patient)
    assert (told.name, told.mrn, told.phone, told.age_years) == ("Sunita Deshmukh", "TA-000001", "90000 11207", 46)
    (row,) = await owner.fetch("SELECT * FROM audit_entries")
    assert (row["action"], row["patient_id"], row["user_id"]) == ("read", world.a.patient, world.a.users["cashier"])


async def test_identify_hides_whom_the_actor_may_not_know_of(system: System, world: World) -> None:
    async with system(world.a) as ctx:
        cases = [
            (acting(ctx, world.a, Role.PATIENT), world.a.other_patient),
            (acting(ctx, world.a, Role.SUPER_ADMIN, world.super_admin), world.a.patient),
            (acting(ctx, world.a, Role.RECEPTIONIST), world.b.patient),
            (replace(ctx, actor=Actor(kind="device", organization_id=world.a.organization_id)), world.a.patient),
            (ctx, world.b.patient),
            (ctx, new_id()),
        ]
        for seen_by, patient_id in cases:
            with pytest.raises(NotFound):
                await api.identify(seen_by, patient_id)


async def test_names_for_a_list_leave_no_row_and_leave_out_the_hidden(system: System, world: World, owner: Any) -> None:
    everyone = [world.a.patient, world.a.other_patient, world.b.patient]
    async with system(world.a) as ctx:
        assert set(await api.identities(ctx, everyone)) == {world.a.patient, world.a.other_patient}
        assert set(await api.identities(acting(ctx, world.a, Role.PATIENT), everyone)) == {world.a.patient}
        assert await api.identities(ctx, []) == {}
    assert await owner.fetchval("SELECT count(*) FROM audit_entries") == 0


async def test_a_chart_opens_for_its_patient_and_under_a_live_grant_only(
    system: System, world: World, clock: FixedClock, owner: Any
) -> None:
    visit = new_id()
    async with system(world.a) as ctx:
        doctor, own = acting(ctx, world.a, Role.DOCTOR), acting(ctx, world.a, Role.PATIENT)
        with pytest.raises(api.NoRecordGrant):
            await api.open_record(doctor, world.a.patient, "history")
        with pytest.raises(NotFound):
            await api.open_record(own, world.a.other_patient, "history")
        with pytest.raises(NotFound):
            await api.open_record(doctor, world.b.patient, "history")
        await api.open_record(own, world.a.patient, "history")
        until = clock.now() + timedelta(hours=1)
        given_to = world.a.users["doctor"]
        await api.grant(ctx, world.a.patient, given_to, "treatment", source="appointment", source_id=visit, until=until)
        assert (await api.open_record(doctor, world.a.patient, "history")).id == world.a.patient
        with pytest.raises(api.NoRecordGrant):
            await api.open_record(doctor, world.a.other_patient, "history")
        with pytest.raises(api.NoRecordGrant):
            await api.open_record(acting(ctx, world.a, Role.NURSE), world.a.patient, "history")
        clock.advance(timedelta(hours=1))
        with pytest.raises(api.NoRecordGrant):
            await api.open_record(doctor, world.a.patient, "history")
    rows = await owner.fetch("SELECT details FROM audit_entries WHERE entity = 'chart' ORDER BY id")
    assert [row["details"] for row in rows] == [
        '{"ground": "own", "purpose": "history"}',
        '{"ground": "treatment", "purpose": "history"}',
    ]


async def test_a_grant_given_again_moves_its_end(system: System, world: World, clock: FixedClock, owner: Any) -> None:
    visit, given = new_id(), {"source": "appointment", "source_id": new_id()}
    async with system(world.a) as ctx:
        doctor = acting(ctx, world.a, Role.DOCTOR)
        for until in (clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=1)):
            await api.grant(ctx, world.a.patient, world.a.users["doctor"], "treatment", **given, until=until)  # type: ignore[arg-type]
        await api.open_record(doctor, world.a.patient, "history")
        await api.grant(ctx, world.a.patient, world.a.users["doctor"], "treatment", **given, until=clock.now())  # type: ignore[arg-type]
        with pytest.raises(api.NoRecordGrant):
            await api.open_record(doctor, world.a.patient, "history")
        await api.grant(ctx, world.a.patient, world.a.users["doctor"], "consent", source="form", source_id=visit)
        await api.open_record(doctor, world.a.patient, "history")
    assert await owner.fetchval("SELECT count(*) FROM record_grants") == 2


async def test_history_is_gathered_through_its_port_newest_first(
    client: httpx2.AsyncClient, world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, owner: Any
) -> None:
    @dataclass
    class Rooms:
        days: tuple[int, ...]

        async def history(self, _ctx: object, patient_id: UUID, newest: int) -> list[api.HistoryEntry]:
            assert patient_id == world.a.patient
            return [
                api.HistoryEntry("appointment", clock.now() - timedelta(days=n), f"Visit {n}", status="fulfilled")
                for n in self.days[:newest]
            ]

        async def history_counts(self, _ctx: object, patient_ids: Sequence[UUID]) -> dict[UUID, int]:
            return dict.fromkeys(patient_ids, len(self.days))

    monkeypatch.setattr(patient_ports, "_history_sources", [])
    api.add_history_source(Rooms((1, 3)))
    api.add_history_source(Rooms((2, 4)))
    url = f"/api/patients/{world.a.patient}/history"
    own = await client.get(url, headers=world.a.as_("patient"))
    assert [entry["title"] for entry in own.json()["items"]] == ["Visit 1", "Visit 2", "Visit 3", "Visit 4"]
    part = await client.get(f"{url}?skip=1&limit=2", headers=world.a.as_("patient"))
    assert [entry["title"] for entry in part.json()["items"]] == ["Visit 2", "Visit 3"]
    assert (part.json()["total"], part.json()["total_capped"]) == (4, False)
    refused = await client.get(url, headers=world.a.as_("doctor"))
    assert (refused.status_code, refused.json()["code"]) == (403, "no_record_grant")
    denied = await owner.fetchrow("SELECT * FROM audit_entries WHERE outcome = 'denied'")
    assert (denied["entity"], denied["entity_ids"]) == ("chart", [world.a.patient])


async def test_a_guardians_access_lapses_when_the_child_is_of_age(
    system: System, world: World, clock: FixedClock
) -> None:
    user = world.a.users["patient"]
    async with system(world.a) as ctx:
        child = await register_patient(ctx, name="Asha Deshmukh", age_years=None, birth_date=date(2008, 11, 24))
        await api.open_account(ctx, child, user, "guardian")
        assert await api.user_ids_of(ctx.session, child, clock.now()) == [user]
        named = await api.account_patients(ctx.session, user, clock.now())
        assert [(one.name, one.relation) for one in named] == [
            ("Sunita Deshmukh", "self"),
            ("Asha Deshmukh", "guardian"),
        ]
        later = clock.now() + timedelta(days=1)
        assert await api.accounts_of(ctx.session, user, later) == [world.a.patient]
        assert await api.user_ids_of(ctx.session, child, later) == []
        await api.open_account(ctx, child, user, "carer")
        assert set(await api.accounts_of(ctx.session, user, later)) == {world.a.patient, child}


async def test_accounts_end_when_they_end_and_never_reach_another_hospital(
    system: System, world: World, clock: FixedClock
) -> None:
    user = world.a.users["patient"]
    async with system(world.a) as ctx:
        await api.open_account(ctx, world.a.other_patient, user, "carer", until=clock.now() + timedelta(hours=1))
        assert len(await api.accounts_of(ctx.session, user, clock.now())) == 2
        assert await api.accounts_of(ctx.session, user, clock.now() + timedelta(hours=1)) == [world.a.patient]
        assert await api.accounts_of(ctx.session, user, clock.now() - timedelta(days=10)) == []
    async with system(world.b) as ctx:
        assert await api.accounts_of(ctx.session, user, clock.now()) == []


async def test_a_deactivated_record_is_nobodys_to_sign_in_for(client: httpx2.AsyncClient, world: World) -> None:
    url = f"/api/patients/{world.a.patient}"
    await client.delete(url, headers=world.a.as_("hospital_admin"))
    assert (await client.get(url, headers=world.a.as_("patient"))).status_code == 404


def person(name: str = "Asha Bhosale") -> SelfRegistration:
    return SelfRegistration(
        name=name, gender="female", birth_date=date(1990, 4, 2), phone="9000011299", username="asha",
        password="monsoon umbrella", language="hi", privacy_notice_version="2026-01",
    )  # fmt: skip


async def test_who_registers_themselves_signs_in_for_themselves(system: System, world: World) -> None:
    user = world.a.users["pharmacist"]  # any user who has no record yet
    async with system(world.a) as ctx:
        patient_id = await api.register_self(acting(ctx, world.a, Role.PATIENT, user), user, person())
        assert await api.accounts_of(ctx.session, user, ctx.now()) == [patient_id]
        told = await api.identify(acting(ctx, world.a, Role.PATIENT, user), patient_id)
        assert (told.name, told.phone, told.language, told.mrn) == ("Asha Bhosale", "9000011299", "hi", "TA-000003")


async def test_a_name_without_a_letter_registers_nobody(system: System, world: World) -> None:
    async with system(world.a) as ctx:
        with pytest.raises(Invalid) as refused:
            await api.register_self(ctx, world.a.users["patient"], person("..."))
        assert [field.name for field in refused.value.fields] == ["name"]


async def test_whose_a_taken_number_is_stays_hidden_from_those_who_may_not_look(
    client: httpx2.AsyncClient, system: System, world: World
) -> None:
    abha = {"kind": "abha_number", "value": "91500642473341"}
    await client.post("/api/patients", headers=world.a.as_("receptionist"), json=a_patient(identifiers=[abha]))
    blind = Actor(
        kind="user", organization_id=world.a.organization_id, user_id=world.a.users["receptionist"],
        grants={Permission.PATIENT_REGISTER.value: Scope()},
    )  # fmt: skip
    async with system(world.a) as ctx:
        for told in ({"identifiers": [abha]}, {"mrn": "TA-000001"}):
            with pytest.raises(Conflict) as refused:
                await register_patient(replace(ctx, actor=blind), **told)
            assert "patient_id" not in refused.value.extra
            with pytest.raises(Conflict) as told_more:
                await register_patient(acting(ctx, world.a, Role.RECEPTIONIST), **told)
            assert "patient_id" in told_more.value.extra
