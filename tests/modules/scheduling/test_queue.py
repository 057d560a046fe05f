"""The queue at work: who is called, what each step does, who may press what."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.scheduling.tokens.service import MOVES
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from tests.factories.scheduling import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    at,
    change_rules,
    make_patients,
    moment,
    step,
)
from tests.modules.scheduling.desk import Desk
from tests.statements import statements
from tests.world import World

Owner = asyncpg.Connection
InTenant = Callable[..., AbstractAsyncContextManager[AsyncSession]]


@pytest.fixture
async def people(world: World, in_tenant: InTenant) -> list[UUID]:
    async with in_tenant(world.a.organization_id) as session:
        return await make_patients(session, 6)


def monday(wall: str) -> Any:
    return moment(MONDAY, wall)


# Calling the next


async def test_next_is_called_by_the_order(desk: Desk, people: list[UUID]) -> None:
    for person in people[:2]:
        await desk.walk_in(person)
    answer = await desk.call_next()
    assert answer["finished"] is None
    called = answer["called"]
    assert (called["number"], called["status"], called["calls"]) == (1, "called", 1)
    assert called["called_at"] == "2026-11-23T04:30:00Z"
    assert called["appointment"]["patient_id"] == str(people[0])


async def test_calling_the_next_finishes_the_one_inside(desk: Desk, people: list[UUID], clock: FixedClock) -> None:
    for person in people[:2]:
        await desk.walk_in(person)
    first = await desk.see(clock, 12)
    answer = await desk.call_next()
    assert (answer["finished"], answer["called"]["number"]) == (first["token_id"], 2)
    visit = (await desk.get(f"/appointments/{first['appointment']['id']}")).json()
    assert (visit["status"], visit["fulfilled_at"]) == ("fulfilled", "2026-11-23T04:42:00Z")
    done = (await desk.queue(is_open=False))[0]
    assert (done["status"], done["ended_at"]) == ("done", "2026-11-23T04:42:00Z")


async def test_last_one_is_finished_and_nobody_called(desk: Desk, people: list[UUID], clock: FixedClock) -> None:
    await desk.walk_in(people[0])
    first = await desk.see(clock, 5)
    assert await desk.call_next() == {"finished": first["token_id"], "called": None}


async def test_empty_queue_calls_nobody(desk: Desk) -> None:
    assert await desk.call_next() == {"finished": None, "called": None}


@pytest.mark.usefixtures("fifty_connections")
async def test_two_desks_pressing_at_once_call_one_patient(
    desk: Desk, people: list[UUID], clock: FixedClock, owner: Owner
) -> None:
    for person in people:
        await desk.walk_in(person)
    inside = await desk.see(clock, 10)
    answers = await asyncio.gather(*(desk.call_next() for _ in range(10)))
    assert {answer["called"]["number"] for answer in answers} == {2}
    assert [answer["finished"] for answer in answers if answer["finished"]] == [inside["token_id"]]
    assert await owner.fetchval("SELECT count(*) FROM queue_tokens WHERE status = 'called'") == 1
    assert await owner.fetchval("SELECT count(*) FROM outbox_events WHERE name = 'TokenCalled'") == 2


@pytest.mark.usefixtures("fifty_connections")
async def test_two_desks_that_open_the_day_at_once_call_one_patient(
    desk: Desk, people: list[UUID], owner: Owner
) -> None:
    for person in people:
        await desk.walk_in(person)
    answers = await asyncio.gather(*(desk.call_next() for _ in range(10)))
    assert {answer["called"]["number"] for answer in answers} == {1}
    assert await owner.fetchval("SELECT count(*) FROM outbox_events WHERE name = 'TokenCalled'") == 1


@pytest.mark.usefixtures("fifty_connections")
async def test_whatever_is_pressed_at_once_nobody_waits_for_another_for_ever(
    desk: Desk, people: list[UUID], owner: Owner
) -> None:
    visits = [await desk.walk_in(person) for person in people]
    steps = [desk.post("/queue/call-next", desk.here) for _ in range(6)]
    for visit in visits:
        token = visit["token"]["id"]
        steps += [desk.move(token, name) for name in ("call", "start", "skip", "leave")]
        steps += [
            desk.post(f"/queue/{token}/priority", {"is_priority": True}),
            desk.post(f"/appointments/{visit['id']}/cancel", {"reason": "Went home"}),
            desk.as_("doctor").post(f"/appointments/{visit['id']}/fulfil"),
        ]
    answers = await asyncio.gather(*steps)
    assert {answer.status_code for answer in answers} <= {200, 409}, {answer.text for answer in answers}
    odd = await owner.fetch(
        "SELECT a.status, t.status AS token FROM appointments a JOIN queue_tokens t ON t.appointment_id = a.id "
        "WHERE (a.status = 'fulfilled') <> (t.status = 'done') OR (a.status = 'cancelled') <> (t.status = 'left')"
    )
    assert odd == []


async def test_who_was_called_stays_the_next_to_go_in(desk: Desk, people: list[UUID]) -> None:
    for person in people[:2]:
        await desk.walk_in(person)
    first = await desk.call_next()
    again = await desk.call_next()
    assert (again["called"]["token_id"], again["called"]["calls"]) == (first["called"]["token_id"], 1)


async def test_named_number_is_finished_though_nobody_said_it_went_in(
    desk: Desk, people: list[UUID], clock: FixedClock
) -> None:
    for person in people[:2]:
        await desk.walk_in(person)
    first = (await desk.call_next())["called"]
    clock.advance(timedelta(minutes=9))
    answer = await desk.call_next(finishing=first["token_id"])
    assert (answer["finished"], answer["called"]["number"]) == (first["token_id"], 2)
    done = (await desk.queue(is_open=False))[0]
    assert done["started_at"] == first["called_at"]


async def test_named_number_that_another_desk_finished_finishes_nobody_else(
    desk: Desk, people: list[UUID], clock: FixedClock
) -> None:
    for person in people[:3]:
        await desk.walk_in(person)
    first = await desk.see(clock, 5)
    second = (await desk.call_next(finishing=first["token_id"]))["called"]
    await desk.moved(second["token_id"], "start")
    answer = await desk.call_next(finishing=first["token_id"])
    assert (answer["finished"], answer["called"]["token_id"]) == (None, second["token_id"])
    assert answer["called"]["status"] == "in-consultation"


async def test_number_of_another_queue_cannot_be_finished_here(
    desk: Desk, token_desk: Desk, people: list[UUID]
) -> None:
    other = await token_desk.walk_in(people[0])
    answer = await desk.post("/queue/call-next", {**desk.here, "finishing": other["token"]["id"]})
    assert answer.status_code == 404


async def test_who_has_not_arrived_is_passed_over(desk: Desk, world: World, people: list[UUID]) -> None:
    await change_rules(desk.client, world.a, token_given_at="booking")
    await desk.book(people[0], monday("10:20"))
    late = await desk.book(people[1], monday("10:40"))
    await desk.arrive(late)
    assert (await desk.call_next())["called"]["number"] == 2


# When a number is given, and where it stands


@pytest.mark.parametrize(
    ("given_at", "when"), [("booking", "booked"), ("arrival", "arrived"), ("check-in", "checked-in")]
)
async def test_number_is_given_when_the_hospital_says(
    desk: Desk, world: World, people: list[UUID], given_at: str, when: str
) -> None:
    await change_rules(desk.client, world.a, token_given_at=given_at)
    visit = await desk.book(people[0], monday("10:20"))
    seen = {"booked": visit["token"]}
    seen["arrived"] = (await desk.arrive(visit))["token"]
    seen["checked-in"] = (await desk.post(f"/appointments/{visit['id']}/check-in")).json()["token"]
    states = ["booked", "arrived", "checked-in"]
    before, after = states[: states.index(when)], states[states.index(when) :]
    assert all(seen[state] is None for state in before)
    assert all(seen[state]["number"] == 1 for state in after)


async def test_booking_that_waits_for_the_desk_has_no_number(desk: Desk, world: World) -> None:
    await change_rules(desk.client, world.a, token_given_at="booking")
    body = {"patient_id": str(world.a.patient), **desk.here, "starts_at": at(TUESDAY, "10:00"), "status": "pending"}
    visit = (await desk.post("/appointments", body)).json()
    assert visit["token"] is None
    assert (await desk.post(f"/appointments/{visit['id']}/confirm")).json()["token"]["number"] == 1


async def test_appointment_of_an_earlier_slot_goes_before_who_came_first(desk: Desk, people: list[UUID]) -> None:
    later, sooner = await desk.book(people[0], monday("10:40")), await desk.book(people[1], monday("10:20"))
    await desk.arrive(later)
    await desk.arrive(sooner)
    assert await desk.numbers() == [2, 1]


async def test_late_comer_stands_where_they_came(desk: Desk, people: list[UUID], clock: FixedClock) -> None:
    """A 10:20 who comes at 11:10 stands behind the 11:00, before the 11:20 who is here already."""
    late = await desk.book(people[0], monday("10:20"))
    for person, wall in ((people[1], "11:00"), (people[2], "11:20")):
        await desk.arrive(await desk.book(person, monday(wall)))
    clock.advance(timedelta(minutes=70))
    await desk.arrive(late)
    assert await desk.numbers() == [1, 3, 2]


async def test_late_comer_with_a_number_from_booking_stands_where_they_came(
    desk: Desk, world: World, people: list[UUID], clock: FixedClock
) -> None:
    await change_rules(desk.client, world.a, token_given_at="booking")
    late, on_time = await desk.book(people[0], monday("10:20")), await desk.book(people[1], monday("11:00"))
    await desk.arrive(on_time)
    clock.advance(timedelta(minutes=70))
    await desk.arrive(late)
    assert await desk.numbers() == [2, 1]


async def test_who_comes_inside_their_slot_keeps_their_place(desk: Desk, people: list[UUID], clock: FixedClock) -> None:
    visit = await desk.book(people[0], monday("10:00"))
    clock.advance(timedelta(minutes=15))
    await desk.walk_in(people[1])
    await desk.arrive(visit)
    assert await desk.numbers() == [2, 1]


async def test_numbers_of_a_token_session_go_in_as_given(
    token_desk: Desk, world: World, people: list[UUID], clock: FixedClock
) -> None:
    await change_rules(token_desk.client, world.a, token_given_at="booking")
    visits = [await token_desk.book(person, moment(TUESDAY, "09:00")) for person in people[:3]]
    clock.advance(timedelta(hours=23))
    walk_in = await token_desk.walk_in(people[3])
    assert walk_in["token"]["number"] == 4
    for visit in reversed(visits):
        await token_desk.arrive(visit)
    assert await token_desk.numbers() == [1, 2, 3, 4]


async def test_number_that_was_passed_stands_behind_the_next_three(
    token_desk: Desk, world: World, people: list[UUID], clock: FixedClock
) -> None:
    await change_rules(token_desk.client, world.a, token_given_at="booking")
    visits = [await token_desk.book(person, moment(TUESDAY, "09:00")) for person in people]
    clock.advance(timedelta(hours=23))
    for visit in visits[1:]:
        await token_desk.arrive(visit)
    assert (await token_desk.call_next())["called"]["number"] == 2
    await token_desk.arrive(visits[0])
    assert await token_desk.numbers() == [2, 3, 4, 5, 1, 6]


async def test_who_comes_before_midnight_for_after_it_is_received(
    desk: Desk, people: list[UUID], clock: FixedClock, owner: Owner
) -> None:
    await owner.execute("UPDATE schedule_sessions SET starts = '22:00', ends = '02:00'")
    tonight = await desk.book(people[0], moment(TUESDAY, "00:20"))
    tomorrow_night = await desk.book(people[1], moment(WEDNESDAY, "00:20"))
    clock.at = moment(MONDAY, "21:30")
    await desk.arrive(tonight)
    assert [(e["day"], e["session"]) for e in await desk.queue()] == [("2026-11-23", "22:00")]
    refused = await desk.post(f"/appointments/{tomorrow_night['id']}/arrive")
    assert (refused.status_code, refused.json()["code"], refused.json()["day"]) == (409, "visit_not_today", TUESDAY)


async def test_night_session_stays_one_queue_past_midnight(
    desk: Desk, world: World, people: list[UUID], owner: Owner, clock: FixedClock
) -> None:
    await owner.execute("UPDATE schedule_sessions SET starts = '22:00', ends = '02:00'")
    clock.advance(timedelta(hours=13))
    await desk.walk_in(people[0])
    clock.advance(timedelta(hours=2))
    visit = await desk.walk_in(people[1])
    assert visit["token"]["number"] == 2
    assert [(e["day"], e["session"]) for e in await desk.queue()] == [("2026-11-23", "22:00")] * 2
    assert (await desk.call_next())["called"]["number"] == 1


# The steps


async def test_recall_calls_again(desk: Desk, people: list[UUID], clock: FixedClock) -> None:
    await desk.walk_in(people[0])
    called = (await desk.call_next())["called"]
    clock.advance(timedelta(minutes=2))
    again = await desk.moved(called["token_id"], "recall")
    assert (again["calls"], again["called_at"]) == (2, "2026-11-23T04:32:00Z")


async def test_desk_may_call_whom_it_wants(desk: Desk, people: list[UUID]) -> None:
    await desk.walk_in(people[0])
    second = await desk.walk_in(people[1])
    assert (await desk.moved(second["token"]["id"], "call"))["status"] == "called"
    assert await desk.numbers() == [2, 1]


async def test_skipped_returns_behind_the_next_three(desk: Desk, people: list[UUID]) -> None:
    for person in people[:5]:
        await desk.walk_in(person)
    called = (await desk.call_next())["called"]
    assert (await desk.moved(called["token_id"], "skip"))["status"] == "skipped"
    assert await desk.numbers() == [2, 3, 4, 5, 1]
    assert (await desk.moved(called["token_id"], "return"))["status"] == "waiting"
    assert await desk.numbers() == [2, 3, 4, 1, 5]


async def test_skipped_is_not_called_until_back(desk: Desk, people: list[UUID]) -> None:
    await desk.walk_in(people[0])
    called = (await desk.call_next())["called"]
    await desk.moved(called["token_id"], "skip")
    assert (await desk.call_next())["called"] is None


async def test_call_that_was_a_mistake_costs_nothing(desk: Desk, people: list[UUID]) -> None:
    for person in people[:2]:
        await desk.walk_in(person)
    called = (await desk.call_next())["called"]
    back = await desk.moved(called["token_id"], "return")
    assert (back["status"], back["called_at"]) == ("waiting", None)
    assert await desk.numbers() == [1, 2]


async def test_who_leaves_ends_the_visit(desk: Desk, people: list[UUID]) -> None:
    visit = await desk.walk_in(people[0])
    left = await desk.moved(visit["token"]["id"], "leave")
    assert (left["status"], left["appointment"]["status"]) == ("left", "cancelled")
    assert left["appointment"]["cancel_reason"] == "Left without being seen"
    assert await desk.numbers() == []


async def test_priority_goes_first_and_can_be_taken_back(desk: Desk, people: list[UUID]) -> None:
    for person in people[:2]:
        await desk.walk_in(person)
    second = (await desk.queue())[1]["token_id"]
    answer = await desk.post(f"/queue/{second}/priority", {"is_priority": True})
    assert (answer.status_code, answer.json()["is_priority"]) == (200, True)
    assert await desk.numbers() == [2, 1]
    await desk.post(f"/queue/{second}/priority", {"is_priority": False})
    assert await desk.numbers() == [1, 2]


async def test_one_is_inside_at_a_time(desk: Desk, people: list[UUID], clock: FixedClock) -> None:
    for person in people[:2]:
        await desk.walk_in(person)
    inside = await desk.see(clock, 1)
    second = (await desk.queue())[1]["token_id"]
    answer = await desk.move(second, "start")
    refusal = answer.json()
    assert (answer.status_code, refusal["code"], refusal["token_id"]) == (409, "someone_inside", inside["token_id"])


async def test_without_the_lock_the_schema_keeps_two_from_being_inside(
    desk: Desk, people: list[UUID], clock: FixedClock, owner: Owner
) -> None:
    """The control: the unique index is the last word."""
    for person in people[:2]:
        await desk.walk_in(person)
    await desk.see(clock, 1)
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_queue_tokens_inside"):
        await owner.execute("UPDATE queue_tokens SET status = 'in-consultation'")


@pytest.mark.parametrize("first", ["cancel", "no-show", "fulfil"])
async def test_number_ends_with_its_visit(desk: Desk, world: World, people: list[UUID], first: str) -> None:
    await change_rules(desk.client, world.a, token_given_at="booking")
    visit = await desk.book(people[0], monday("10:20"))
    if first == "fulfil":
        await desk.arrive(visit)
    told = {"reason": "Feels better"} if first == "cancel" else {}
    who = "doctor" if first == "fulfil" else "receptionist"
    answer = await step(desk.client, world.a, who, visit["id"], first, **told)
    assert answer.status_code == 200, answer.text
    assert answer.json()["token"]["status"] == ("done" if first == "fulfil" else "left")


_WAYS: dict[str, list[str]] = {
    "waiting": [], "called": ["call"], "in-consultation": ["call", "start"], "skipped": ["call", "skip"],
    "left": ["leave"],
}  # fmt: skip
_STEPS = ["call", "recall", "start", "skip", "return", "leave"]


@pytest.mark.parametrize("state", [*_WAYS, "done"])
@pytest.mark.parametrize("move", _STEPS)
async def test_only_the_tables_moves_are_possible(desk: Desk, people: list[UUID], state: str, move: str) -> None:
    token = (await desk.walk_in(people[0]))["token"]["id"]
    for way in _WAYS.get(state, ["call", "start"]):
        await desk.moved(token, way)
    if state == "done":
        await desk.call_next()
    sources = next(sources for name, (sources, _) in MOVES.items() if name == move)
    answer = await desk.move(token, move)
    if state in sources:
        assert answer.status_code == 200, answer.text
    else:
        refusal = answer.json()
        assert (refusal["status"], refusal["code"], refusal["current_status"]) == (409, "wrong_state", state)


def test_the_docs_show_the_table() -> None:
    page = (Path(__file__).parents[3] / "docs" / "queue.md").read_text()
    for move, (sources, target) in MOVES.items():
        words = ", ".join(f"`{state}`" for state in MOVES_ORDER if state in sources)
        assert f"| `{move}` | {words} | {f'`{target}`' if target else 'stays'} |" in page


MOVES_ORDER = ["waiting", "called", "in-consultation", "done", "skipped", "left"]


@pytest.mark.parametrize("move", ["call", "start"])
async def test_who_has_not_arrived_cannot_go_in(desk: Desk, world: World, people: list[UUID], move: str) -> None:
    await change_rules(desk.client, world.a, token_given_at="booking")
    visit = await desk.book(people[0], monday("10:20"))
    answer = await desk.move(visit["token"]["id"], move)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_here")


async def test_number_of_another_day_cannot_be_called(desk: Desk, people: list[UUID], clock: FixedClock) -> None:
    visit = await desk.walk_in(people[0])
    clock.advance(timedelta(days=1))
    answer = await desk.move(visit["token"]["id"], "call")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_today")
    assert (await desk.moved(visit["token"]["id"], "leave"))["status"] == "left"


# Waits


async def test_waits_follow_the_slot_until_the_doctors_pace_is_known(
    desk: Desk, people: list[UUID], clock: FixedClock
) -> None:
    for person in people:
        await desk.walk_in(person)
    assert [entry["wait_minutes"] for entry in await desk.queue()] == [0, 20, 40, 60, 80, 100]
    for _ in range(3):
        await desk.see(clock, 6)
    inside, *waiting = await desk.queue(is_open=True)
    assert (inside["number"], inside["wait_minutes"]) == (3, None)
    assert [entry["wait_minutes"] for entry in waiting] == [14, 34, 54], "two consultations are no pace yet"
    await desk.call_next()
    assert [entry["wait_minutes"] for entry in await desk.queue(is_open=True)] == [0, 6, 12]


# Reading


async def test_list_says_where_each_stands_and_is_audited_once(
    desk: Desk, world: World, people: list[UUID], owner: Owner
) -> None:
    for person in people[:2]:
        await desk.walk_in(person)
    await owner.execute("TRUNCATE audit_entries")
    entries = await desk.queue()
    assert [entry["appointment"]["patient"]["name"] for entry in entries] == ["Racer 0", "Racer 1"]
    rows = await owner.fetch("SELECT action, entity, entity_ids, details::text FROM audit_entries")
    assert [(row["action"], row["entity"]) for row in rows] == [("search", "appointment")]
    assert {str(one) for one in rows[0]["entity_ids"]} == {entry["appointment"]["id"] for entry in entries}
    assert all(str(person) in rows[0]["details"] for person in people[:2])


async def test_list_of_another_day_and_of_one_doctor(
    desk: Desk, token_desk: Desk, people: list[UUID], clock: FixedClock
) -> None:
    mine, other = await desk.walk_in(people[0]), await token_desk.walk_in(people[1])
    assert len(await desk.queue()) == 2
    assert [e["token_id"] for e in await desk.queue(practitioner_id=str(desk.doctor))] == [mine["token"]["id"]]
    clock.advance(timedelta(days=1))
    assert await desk.queue() == []
    yesterday = await desk.queue(day=MONDAY, practitioner_id=str(token_desk.doctor))
    assert [e["token_id"] for e in yesterday] == [other["token"]["id"]]


async def test_long_queue_costs_as_many_queries_as_a_short_one(
    desk: Desk, world: World, in_tenant: InTenant, database: Database
) -> None:
    async with in_tenant(world.a.organization_id) as session:
        crowd = await make_patients(session, 12)
    await desk.walk_in(crowd[0])
    await desk.queue()
    with statements(database) as few:
        await desk.queue()
    for person in crowd[1:]:
        await desk.walk_in(person)
    with statements(database) as many:
        assert len(await desk.queue()) == 12
    assert len(many) <= len(few) + 1 < 20, "who asks is read again after half a second"


async def test_patient_sees_only_their_own_number(desk: Desk, world: World, people: list[UUID]) -> None:
    await desk.walk_in(people[0])
    own = await desk.walk_in(world.a.patient)
    entries = await desk.as_("patient").queue()
    assert [entry["token_id"] for entry in entries] == [own["token"]["id"]]
    assert entries[0]["wait_minutes"] == 20


async def test_patient_sees_where_they_stand_and_nobody_else(
    desk: Desk, world: World, people: list[UUID], clock: FixedClock
) -> None:
    for person in people[:3]:
        await desk.walk_in(person)
    own = await desk.walk_in(world.a.patient)
    await desk.see(clock, 5)
    answer = await desk.as_("patient").get(f"/appointments/{own['id']}/place")
    assert answer.json() == {
        "number": 4, "status": "waiting", "inside_number": 1, "before": 2, "wait_minutes": 55,
        "practitioner_state": "here", "until": None,
    }  # fmt: skip


async def test_place_before_a_number_is_given(desk: Desk, people: list[UUID]) -> None:
    visit = await desk.book(people[0], monday("10:40"))
    told = (await desk.get(f"/appointments/{visit['id']}/place")).json()
    assert (told["number"], told["status"], told["wait_minutes"]) == (None, None, 40)


async def test_place_of_a_visit_of_another_day_promises_nothing(desk: Desk, people: list[UUID]) -> None:
    visit = await desk.book(people[0], moment(TUESDAY, "10:40"))
    told = (await desk.get(f"/appointments/{visit['id']}/place")).json()
    assert (told["number"], told["before"], told["wait_minutes"]) == (None, None, None)


async def test_place_of_someone_else_is_not_there(desk: Desk, world: World, people: list[UUID]) -> None:
    visit = await desk.walk_in(people[0])
    assert (await desk.as_("patient").get(f"/appointments/{visit['id']}/place")).status_code == 404
    assert (await desk.as_("branch_receptionist").get(f"/appointments/{visit['id']}/place")).status_code == 404
    assert (await desk.get(f"/appointments/{uuid4()}/place")).status_code == 404


# Who may


@pytest.mark.parametrize("who", ["patient", "cashier", "pharmacist", "privacy_officer"])
async def test_only_who_calls_may_call(desk: Desk, people: list[UUID], who: str) -> None:
    token = (await desk.walk_in(people[0]))["token"]["id"]
    other = desk.as_(who)
    assert (await other.post("/queue/call-next", other.here)).status_code == 403
    for move in _STEPS:
        assert (await other.move(token, move)).status_code == 403
    assert (await other.post(f"/queue/{token}/priority", {"is_priority": True})).status_code == 403
    assert await desk.numbers() == [1]


@pytest.mark.parametrize("who", ["nurse", "doctor", "lab_technician", "hospital_admin"])
async def test_who_sees_to_patients_and_the_administrator_call_too(desk: Desk, people: list[UUID], who: str) -> None:
    await desk.walk_in(people[0])
    assert (await desk.as_(who).call_next())["called"]["number"] == 1


async def test_desk_of_another_branch_reaches_nothing_here(desk: Desk, world: World, people: list[UUID]) -> None:
    token = (await desk.walk_in(people[0]))["token"]["id"]
    other = desk.as_("branch_receptionist")
    assert (await other.post("/queue/call-next", desk.here)).status_code == 403
    assert (await other.get("/queue", facility_id=str(world.a.main))).status_code == 403
    for move in _STEPS:
        assert (await other.move(token, move)).status_code == 404


async def test_another_hospital_reaches_nothing_here(desk: Desk, world: World, people: list[UUID]) -> None:
    token = (await desk.walk_in(people[0]))["token"]["id"]
    other = Desk(desk.client, world.b, world.b.practitioner)
    assert (await other.post("/queue/call-next", desk.here)).status_code == 404
    assert (await other.get("/queue", facility_id=str(world.a.main))).status_code == 404
    assert (await other.move(token, "call")).status_code == 404


async def test_stranger_is_refused(desk: Desk, world: World) -> None:
    assert (await desk.client.post("/api/queue/call-next", json=desk.here)).status_code == 401
    assert (await desk.client.get(f"/api/queue?facility_id={world.a.main}")).status_code == 401


# What others hear


async def test_patient_is_told_of_the_call(desk: Desk, world: World, relay_once: Callable[[], Awaitable[None]]) -> None:
    await desk.walk_in(world.a.patient)
    await desk.call_next()
    await relay_once()
    told = (await desk.as_("patient").get("/notifications")).json()["items"]
    assert "token.called" in {one["template"] for one in told}


async def test_call_is_audited_with_whose_it_was(desk: Desk, world: World, owner: Owner) -> None:
    visit = await desk.walk_in(world.a.patient)
    await owner.execute("TRUNCATE audit_entries")
    await desk.call_next()
    row = await owner.fetchrow("SELECT * FROM audit_entries WHERE entity = 'queue_token'")
    assert (row["action"], row["patient_id"], row["user_id"]) == (
        "update", world.a.patient, world.a.users["receptionist"],
    )  # fmt: skip
    assert [str(one) for one in row["entity_ids"]] == [visit["token"]["id"]]
