"""Each operation by each caller at each kind of object, as table.txt says.

Refused: exactly the status, nothing changed, and the denial in the trail. Allowed: taken, at least once with a 2xx.
"""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI

from arogya.modules.identity import passwords
from arogya.modules.identity.passwords import argon2id
from arogya.platform.web import operations
from arogya.policy import Permission
from tests.access import table
from tests.access.asking import Aim, Asked, asked
from tests.access.rehearsal import Rehearsal
from tests.access.scene import KINDS, Caller, Scene

ROWS = table.read()
REFUSED = {401, 403, 404}
NEEDS_AN_EMPTY_DATABASE = {"POST /api/setup"}
"""Taken before there is a hospital; then 409. tests/test_setup.py has the first."""

PROVED_OTHERWISE = {"GET /api/patients/claimable", "POST /api/patients/claims", "POST /api/auth/switch"}
"""For whoever is signed in and shows more than a role: the phone that the code was sent to, a place elsewhere."""


class Matrix:
    def __init__(self, scene: Scene, stage: FastAPI, rehearsal: Rehearsal, client: httpx2.AsyncClient) -> None:
        self.scene, self.stage, self.rehearsal, self.client = scene, stage, rehearsal, client
        self.wrong: list[str] = []
        self.is_welcome = False

    async def ask(self, operation: str, aim: Aim, headers: dict[str, str]) -> tuple[httpx2.Response, Asked, str]:
        method, url, wanted = asked(operation, aim)
        request_id = uuid4().hex
        answer = await self.client.request(
            method, url, params=wanted.params, json=wanted.json, files=wanted.files,
            headers={**wanted.headers, **headers, "X-Request-ID": request_id},
        )  # fmt: skip
        self.client.cookies.clear()
        return answer, wanted, request_id

    async def prepare(self, operation: str, aim: Aim) -> None:
        """What must have happened before this can be asked for."""
        _, _, wanted = asked(operation, aim)
        if wanted.before is not None:
            async with self.rehearsal.looking() as above:
                statement, told = wanted.before
                await above.execute(statement, *told)

    def note(self, operation: str, caller: Caller, kind: str, expected: object, got: object) -> None:
        self.wrong.append(f"{operation}  {caller.letter} {caller.name}  {kind}: expected {expected}, got {got}")

    async def try_row(self, row: table.Row) -> None:
        cells = [
            Aim(self.scene, caller, KINDS[kind], caller.places[KINDS[kind]])
            for letter, caller in self.scene.callers.items()
            if not row.is_public or letter in row.reach
            for kind in row.tried_by(letter)
        ]
        refused = [aim for aim in cells if row.expected(aim.caller.letter, aim.kind_letter) != 0]
        await self._refused(row, refused)
        for aim in cells:
            if row.expected(aim.caller.letter, aim.kind_letter) == 0:
                await self._allowed(row, aim)

    async def _refused(self, row: table.Row, cells: list[Aim]) -> None:
        """All in one attempt: they must leave nothing, so each finds the scene as it was."""
        denied: dict[str, Aim] = {}
        async with self.rehearsal.attempt():
            for aim in cells:
                await self.prepare(row.operation, aim)
            before = await self.rehearsal.fingerprint()
            for aim in cells:
                expected = row.expected(aim.caller.letter, aim.kind_letter)
                answer, wanted, request_id = await self.ask(row.operation, aim, aim.caller.headers)
                if row.is_list and expected == 404 and answer.status_code == 200:
                    if str(wanted.shows) in answer.text:
                        self.note(row.operation, aim.caller, aim.kind, "not in the list", "in the list")
                    continue
                if answer.status_code != expected:
                    self.note(row.operation, aim.caller, aim.kind, expected, _said(answer))
                elif expected in {403, 404}:
                    denied[request_id] = aim
            after = await self.rehearsal.fingerprint()
            recorded = await self.rehearsal.denials(list(denied))
        changed = {name for name in before if before[name] != after[name]}
        if changed:
            self.wrong.append(f"{row.operation}: refused, and yet {sorted(changed)} changed")
        for request_id, aim in denied.items():
            if recorded.count(request_id) != 1:
                said = f"{recorded.count(request_id)} denials in the trail"
                self.note(row.operation, aim.caller, aim.kind, "one denial in the trail", said)

    async def _allowed(self, row: table.Row, aim: Aim) -> None:
        async with self.rehearsal.attempt():
            await self.prepare(row.operation, aim)
            answer, wanted, _ = await self.ask(row.operation, aim, aim.caller.headers)
            if answer.status_code in REFUSED or answer.status_code >= 500:
                self.note(row.operation, aim.caller, aim.kind, "allowed", _said(answer))
            elif answer.status_code >= 300:
                if row.operation not in NEEDS_AN_EMPTY_DATABASE:
                    self.note(row.operation, aim.caller, aim.kind, "taken", _said(answer))
            elif row.is_list and str(wanted.shows) not in answer.text:
                self.note(row.operation, aim.caller, aim.kind, "in the list", "not in the list")
            else:
                self.is_welcome = True
        if not row.operation.startswith("GET "):
            # It may have ended a session or a role, which are there again now.
            self.stage.state.authenticator._remembered.clear()
        if row.is_fresh and aim.caller.unproved:
            async with self.rehearsal.attempt():
                await self.prepare(row.operation, aim)
                answer, _, _ = await self.ask(row.operation, aim, aim.caller.unproved)
            if answer.status_code != 403 or answer.json()["code"] != "step_up_needed":
                self.note(row.operation, aim.caller, aim.kind, "403 step_up_needed", _said(answer))


def _said(answer: httpx2.Response) -> str:
    try:
        told = answer.json()
        return f"{answer.status_code} {told.get('code', '')} {json.dumps(told.get('fields', ''))[:200]}"
    except ValueError:
        return str(answer.status_code)


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "scheme", argon2id(memory_kib=8))


@pytest.fixture
def matrix(scene: Scene, stage: FastAPI, rehearsal: Rehearsal, asking: httpx2.AsyncClient) -> Matrix:
    return Matrix(scene, stage, rehearsal, asking)


async def test_every_operation_stands_in_the_table(stage: FastAPI) -> None:
    described = {f"{method.upper()} {path}" for path, of in stage.openapi()["paths"].items() for method in of}
    sockets = {name for name, _, _ in operations(stage) if name.startswith("WS ")}
    assert set(ROWS) == described | sockets


async def test_the_door_itself_refuses_who_holds_no_role(stage: FastAPI) -> None:
    """What everybody holds guards nothing, also where somebody further in would refuse as well."""
    open_doors = {
        name
        for name, _, rule in operations(stage)
        if name in ROWS and rule and rule.permission is Permission.ACCOUNT_OWN and "E" not in ROWS[name].reach
    }
    assert open_doors == PROVED_OTHERWISE


@pytest.mark.parametrize("operation", [name for name in ROWS if not name.startswith("WS ")])
async def test_everybody_gets_as_far_as_the_table_says(operation: str, matrix: Matrix) -> None:
    await matrix.try_row(ROWS[operation])
    assert not matrix.wrong, "\n" + "\n".join(matrix.wrong)
    assert matrix.is_welcome == (operation not in NEEDS_AN_EMPTY_DATABASE)


async def test_who_is_not_named_is_tried_at_every_kind_too(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    operation, tried = "POST /api/appointments/{appointment_id}/fulfil", set()
    ask = matrix.ask

    async def noted(operation: str, aim: Aim, headers: dict[str, str]) -> Any:
        tried.add((aim.caller.letter, aim.kind_letter))
        return await ask(operation, aim, headers)

    monkeypatch.setattr(matrix, "ask", noted)
    await matrix.try_row(ROWS[operation])
    assert ROWS[operation].reach.keys() == {"D"}
    assert tried == {(who, kind) for who in matrix.scene.callers for kind in KINDS if who != "0"} | {("0", "o")}


async def _hello(app: FastAPI, first: str) -> str:
    """What a socket hears after this first message: `hello`, or the code with which it is closed."""
    heard: list[dict[str, Any]] = []
    says = iter([{"type": "websocket.connect"}, {"type": "websocket.receive", "text": first}])

    async def receive() -> dict[str, Any]:
        return next(says, {"type": "websocket.disconnect", "code": 1000})

    async def send(message: dict[str, Any]) -> None:
        heard.append(message)

    scope = {
        "type": "websocket", "path": "/api/realtime", "raw_path": b"/api/realtime", "query_string": b"", "headers": [],
        "scheme": "ws", "root_path": "", "subprotocols": [], "client": ("127.0.0.1", 1), "server": ("localhost", 8000),
        "asgi": {"version": "3.0"}, "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    if closed := [one["code"] for one in heard if one["type"] == "websocket.close"]:
        return str(closed[0])
    return str(next(json.loads(one["text"])["type"] for one in heard if one["type"] == "websocket.send"))


async def test_sockets_open_for_whom_the_table_names(matrix: Matrix, scene: Scene, stage: FastAPI) -> None:
    """By a ticket, which is good once."""
    row, tickets = ROWS["WS /api/realtime"], "POST /api/realtime/ticket"
    await matrix.try_row(ROWS[tickets])
    for letter, caller in scene.callers.items():
        aim = Aim(scene, caller, "own", caller.places["own"])
        async with matrix.rehearsal.attempt():
            answer, _, _ = await matrix.ask(tickets, aim, caller.headers)
            said = [str(answer.status_code)]
            if answer.status_code == 201:
                first = json.dumps({"ticket": answer.json()["ticket"]})
                said = [await _hello(stage, first), await _hello(stage, first)]
        expected = row.expected(letter, "o")
        if said != (["hello", "4401"] if expected == 0 else [str(expected)]):
            matrix.note(row.operation, caller, "own", expected or "hello, once", said)
    assert await _hello(stage, json.dumps({"ticket": "of nobody"})) == "4401"
    assert not matrix.wrong, "\n" + "\n".join(matrix.wrong)


async def test_control_a_wrong_cell_is_named(matrix: Matrix) -> None:
    """The control: where the table says otherwise than the application does, both ways."""
    good = ROWS["GET /api/patients/{patient_id}"]
    too_much = {**good.reach, "U": good.reach["R"]}
    too_little = {**good.reach, "N": good.reach["U"]}
    await matrix.try_row(replace(good, reach=too_much))
    assert len(matrix.wrong) == 1
    assert "GET /api/patients/{patient_id}  U patient  other: expected allowed, got 404" in matrix.wrong[0]
    matrix.wrong.clear()
    await matrix.try_row(replace(good, reach=too_little))
    assert ["N nurse  other: expected 404, got 200" in one for one in matrix.wrong] == [True]


async def test_control_an_effect_of_what_was_refused_is_seen(matrix: Matrix) -> None:
    good = ROWS["PATCH /api/departments/{department_id}"]
    await matrix.try_row(replace(good, reach={**good.reach, "A": dict.fromkeys("opbt", 403)}))
    assert any("refused, and yet ['departments', 'outbox_events'] changed" in one for one in matrix.wrong)
