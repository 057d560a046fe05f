"""A doctor is gone, and the queue goes to a colleague: fair, whole, and everyone is told."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from arogya.modules.scheduling.tokens.order import Place, handed_over_due
from arogya.platform.clock import FixedClock
from tests.factories.scheduling import MONDAY, add_exception, add_schedule, at, make_patients, moment, stranger
from tests.modules.scheduling.desk import Desk
from tests.world import World

Owner = asyncpg.Connection
URL = "/queue-handovers"


@pytest.fixture
async def people(world: World, in_tenant: Any) -> list[UUID]:
    async with in_tenant(world.a.organization_id) as session:
        return await make_patients(session, 8)


@pytest.fixture
async def colleague(client: httpx2.AsyncClient, world: World) -> Desk:
    """The other doctor has timed slots this afternoon, too."""
    return Desk(client, world.a, world.a.other_practitioner)


def whom(world: World, **told: Any) -> dict[str, Any]:
    return {
        "from_practitioner_id": str(world.a.practitioner), "to_practitioner_id": str(world.a.other_practitioner),
        "facility_id": str(world.a.main), **told,
    }  # fmt: skip


async def moved(desk: Desk, world: World, **told: Any) -> Any:
    answer = await desk.post(URL, whom(world, **told))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def gone(desk: Desk) -> None:
    answer = await desk.post(
        f"/practitioners-today/{desk.doctor}", {"facility_id": str(desk.hospital.main), "state": "gone"}
    )
    assert answer.status_code == 200, answer.text


async def order_of(desk: Desk) -> list[tuple[int, str]]:
    """Number and patient of those still open, in calling order."""
    found = await desk.queue(is_open=True, practitioner_id=str(desk.doctor))
    return [(entry["number"], entry["appointment"]["patient_id"]) for entry in found]


class TestOrder:
    NOW = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
    TURN = timedelta(minutes=10)

    def own(self, *minutes: int, **told: Any) -> list[Place]:
        return [
            Place(UUID(int=n), n, "waiting", self.NOW + timedelta(minutes=m), is_here=True, **told)
            for n, m in enumerate(minutes, 1)
        ]

    def test_each_goes_behind_one_of_the_colleagues_own(self) -> None:
        own = self.own(-30, -20, -10)
        due = handed_over_due(own, 2, self.NOW, None, self.TURN)
        assert own[0].due_at < due[0] < own[1].due_at < due[1] < own[2].due_at

    def test_more_than_the_colleague_has_go_on_one_turn_after_the_other(self) -> None:
        due = handed_over_due(self.own(-30), 3, self.NOW, None, self.TURN)
        assert due[1:] == [self.NOW, self.NOW + self.TURN]

    def test_nobody_goes_in_before_the_colleagues_session(self) -> None:
        begins = self.NOW + timedelta(hours=1)
        assert handed_over_due([], 2, self.NOW, begins, self.TURN) == [begins, begins + self.TURN]

    def test_priority_of_the_colleagues_own_is_no_turn(self) -> None:
        own = [*self.own(-30, is_priority=True), *self.own(-20, -10)[1:]]
        (due,) = handed_over_due(own, 1, self.NOW, None, self.TURN)
        assert due > own[1].due_at


class TestMoving:
    async def test_who_waits_goes_in_by_turns_with_the_colleagues_own(
        self, desk: Desk, colleague: Desk, world: World, people: list[UUID], clock: FixedClock
    ) -> None:
        mine, theirs = people[:3], people[3:5]
        for one in mine:
            await desk.walk_in(one)
        for one in theirs:
            await colleague.walk_in(one)
        await gone(desk)
        await moved(desk, world)
        assert await order_of(desk) == []
        assert [who for _, who in await order_of(colleague)] == [
            str(one) for one in (theirs[0], mine[0], theirs[1], mine[1], mine[2])
        ]
        numbers = [number for number, _ in sorted(await order_of(colleague))]
        assert numbers == [1, 2, 3, 4, 5], "no doubles and no gaps"

    async def test_old_number_is_closed_as_moved_and_the_visit_goes_on(
        self, desk: Desk, colleague: Desk, world: World, people: list[UUID], owner: Owner
    ) -> None:
        visit = await desk.walk_in(people[0], reason="Fever")
        answer = await moved(desk, world)
        (one,) = answer["outcome"]
        assert one["appointment_id"] == visit["id"]
        old = (await desk.get(f"/appointments/{visit['id']}")).json()
        new = (await desk.get(f"/appointments/{one['new_appointment_id']}")).json()
        assert (old["status"], old["token"]["status"]) == ("cancelled", "moved")
        assert (new["status"], new["rescheduled_from_id"], new["practitioner_id"], new["reason"]) == (
            "checked-in", visit["id"], str(world.a.other_practitioner), "Fever",
        )  # fmt: skip
        assert (new["fee_paise"], new["arrived_at"]) == (visit["fee_paise"], visit["arrived_at"])
        rows = await owner.fetch(
            "SELECT entity, action FROM audit_entries WHERE patient_id = $1 AND route = $2",
            people[0], f"POST /api{URL}",
        )  # fmt: skip
        assert {("appointment", "create"), ("appointment", "update"), ("queue_token", "update")} <= {
            (row["entity"], row["action"]) for row in rows
        }

    async def test_chart_is_open_to_the_colleague_instead(
        self, desk: Desk, world: World, people: list[UUID], owner: Owner, clock: FixedClock
    ) -> None:
        await owner.execute(
            "UPDATE practitioners SET user_id = $1 WHERE id = $2", world.a.users["branch_doctor"],
            world.a.other_practitioner,
        )  # fmt: skip
        await desk.walk_in(people[0])
        await moved(desk, world)
        rows = await owner.fetch("SELECT user_id, valid_until FROM record_grants WHERE patient_id = $1", people[0])
        live = {row["user_id"] for row in rows if row["valid_until"] > clock.now()}
        assert live == {world.a.users["branch_doctor"]}

    async def test_who_is_inside_stays_and_who_was_called_goes_first(
        self, desk: Desk, colleague: Desk, world: World, people: list[UUID]
    ) -> None:
        for one in people[:3]:
            await desk.walk_in(one)
        inside = (await desk.call_next())["called"]
        await desk.moved(inside["token_id"], "start")
        last = next(e for e in await desk.queue(is_open=True) if e["number"] == 3)
        await desk.moved(last["token_id"], "call")
        await moved(desk, world)
        assert await order_of(desk) == [(1, str(people[0]))]
        assert await order_of(colleague) == [(1, str(people[2])), (2, str(people[1]))]

    async def test_skipped_and_priority_stay_what_they_were(
        self, desk: Desk, colleague: Desk, world: World, people: list[UUID]
    ) -> None:
        await colleague.walk_in(people[3])
        visits = [await desk.walk_in(one) for one in people[:3]]
        await desk.moved(visits[0]["token"]["id"], "call")
        await desk.moved(visits[0]["token"]["id"], "skip")
        await desk.post(f"/queue/{visits[2]['token']['id']}/priority", {"is_priority": True})
        await moved(desk, world)
        found = await colleague.queue(is_open=True, practitioner_id=str(colleague.doctor))
        assert [(e["appointment"]["patient_id"], e["status"], e["is_priority"]) for e in found] == [
            (str(people[2]), "waiting", True), (str(people[3]), "waiting", False), (str(people[1]), "waiting", False),
            (str(people[0]), "skipped", False),
        ]  # fmt: skip

    async def test_who_waits_for_the_colleague_already_stays(
        self, desk: Desk, colleague: Desk, world: World, people: list[UUID]
    ) -> None:
        for one in (desk, colleague):
            await one.walk_in(people[0])
        await desk.walk_in(people[1])
        preview = (await desk.post(f"{URL}/preview", whom(world))).json()
        assert [one["has_number_there"] for one in preview["waiting"]] == [True, False]
        await moved(desk, world)
        assert [who for _, who in await order_of(desk)] == [str(people[0])]

    async def test_nobody_to_move(self, desk: Desk, world: World) -> None:
        answer = await desk.post(URL, whom(world))
        assert (answer.status_code, answer.json()["code"]) == (409, "nobody_waits")

    async def test_same_key_has_one_effect(self, desk: Desk, colleague: Desk, world: World, people: list[UUID]) -> None:
        await desk.walk_in(people[0])
        answers = [
            await desk.client.post(f"/api{URL}", json=whom(world), headers=world.a.as_("receptionist", "move-1"))
            for _ in range(2)
        ]
        assert answers[0].json() == answers[1].json()
        assert len(await order_of(colleague)) == 1

    async def test_pressed_at_two_desks_it_moves_everyone_once(
        self, desk: Desk, colleague: Desk, world: World, people: list[UUID]
    ) -> None:
        for one in people[:4]:
            await desk.walk_in(one)
        answers = await asyncio.gather(desk.post(URL, whom(world)), desk.as_("nurse").post(URL, whom(world)))
        assert sorted(one.status_code for one in answers) == [201, 409]
        assert len(await order_of(colleague)) == 4

    async def test_call_next_at_the_same_time_calls_each_at_one_doctor(
        self, desk: Desk, colleague: Desk, world: World, people: list[UUID], owner: Owner
    ) -> None:
        for one in people[:4]:
            await desk.walk_in(one)
        await asyncio.gather(desk.post(URL, whom(world)), desk.post("/queue/call-next", desk.here))
        open_ = [row["patient_id"] for row in await owner.fetch(
            "SELECT patient_id FROM queue_tokens WHERE status IN ('waiting', 'called', 'in-consultation', 'skipped')"
        )]  # fmt: skip
        assert sorted(open_) == sorted(people[:4]), "each has one open number"


class TestLater:
    async def test_later_appointments_go_where_chosen(
        self, desk: Desk, client: httpx2.AsyncClient, world: World, people: list[UUID]
    ) -> None:
        await afternoon(client, world)
        booked = [await desk.book(one, moment(MONDAY, f"12:{n}0")) for one, n in zip(people[:2], (0, 2), strict=True)]
        preview = (await desk.post(f"{URL}/preview", whom(world))).json()
        assert [one["appointment"]["id"] for one in preview["later"]] == [one["id"] for one in booked]
        places = [one["option"]["starts_at"] for one in preview["later"]]
        assert places == [at(MONDAY, "15:00"), at(MONDAY, "15:20")], "never before their own time, no place twice"
        answer = await moved(desk, world, later=[{"appointment_id": booked[0]["id"], "starts_at": places[0]}])
        (one,) = answer["outcome"]
        new = (await desk.get(f"/appointments/{one['new_appointment_id']}")).json()
        assert (new["starts_at"], new["status"]) == (places[0], "booked")
        assert (await desk.get(f"/appointments/{booked[1]['id']}")).json()["status"] == "booked", "not chosen: stays"

    async def test_place_taken_meanwhile_moves_nobody(
        self, desk: Desk, colleague: Desk, client: httpx2.AsyncClient, world: World, people: list[UUID]
    ) -> None:
        await afternoon(client, world)
        await desk.walk_in(people[3])
        booked = await desk.book(people[0], moment(MONDAY, "12:00"))
        await colleague.book(people[1], moment(MONDAY, "15:00"))
        later = [{"appointment_id": booked["id"], "starts_at": at(MONDAY, "15:00")}]
        answer = await desk.post(URL, whom(world, later=later))
        assert (answer.status_code, answer.json()["code"]) == (409, "proposals_stale")
        assert [who for _, who in await order_of(desk)] == [str(people[3])]


async def afternoon(client: httpx2.AsyncClient, world: World) -> None:
    """The colleague's own morning is of numbers; in the afternoon there are times."""
    made = await add_schedule(
        client, world.a, practitioner_id=world.a.other_practitioner,
        sessions=[{"weekday": 0, "starts": "15:00", "ends": "17:00"}],
    )  # fmt: skip
    assert made.status_code == 201, made.text


class TestRefusals:
    async def test_colleague_who_is_gone(self, desk: Desk, colleague: Desk, world: World, people: list[UUID]) -> None:
        await desk.walk_in(people[0])
        await gone(colleague)
        for path in (URL, f"{URL}/preview"):
            answer = await desk.post(path, whom(world))
            assert (answer.status_code, answer.json()["code"]) == (409, "colleague_away")

    async def test_colleague_on_leave(
        self, desk: Desk, client: httpx2.AsyncClient, world: World, people: list[UUID]
    ) -> None:
        await desk.walk_in(people[0])
        leave = await add_exception(
            client, world.a, practitioner_id=world.a.other_practitioner, starts_at=at(MONDAY, "00:00")
        )
        assert leave.status_code == 201
        answer = await desk.post(URL, whom(world))
        assert answer.json()["code"] == "colleague_away"

    async def test_to_oneself_or_to_a_stranger(self, desk: Desk, world: World) -> None:
        same = whom(world, to_practitioner_id=str(world.a.practitioner))
        assert (await desk.post(URL, same)).status_code == 422
        assert (await desk.post(URL, whom(world, to_practitioner_id=stranger()))).status_code == 404
        assert (await desk.post(URL, whom(world, to_practitioner_id=str(world.b.practitioner)))).status_code == 404

    @pytest.mark.parametrize("who", ["patient", "cashier", "branch_receptionist"])
    async def test_who_may_not_work_this_queue(self, desk: Desk, world: World, people: list[UUID], who: str) -> None:
        await desk.walk_in(people[0])
        for path in (URL, f"{URL}/preview"):
            assert (await desk.as_(who).post(path, whom(world))).status_code == 403
