"""What no person would send: each operation as each role, in cases that schemathesis makes from the API's description.

Half of a role's cases keep to the description, with ids of things that are there put in; half break it somewhere. Where
that alone reaches nothing, the kept ones are what a person would send (right.py), every other with one invented value
grafted in. Every answer must be described: its status, its type, its body; none may be a 5xx, and what breaks the
description is refused. One case an operation and role here; `make fuzz` makes eleven, newly chosen each time, and says
how many operations answered 2xx to somebody.
"""

import contextlib
import copy
import itertools
import json
import os
import random
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
from asyncpg import Connection
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi import checks

from arogya.platform.clock import FixedClock
from tests.fuzz.right import Right, proved, right_requests
from tests.world import World

ROLES = (
    "hospital_admin", "receptionist", "doctor", "nurse", "pharmacist", "cashier", "lab_technician", "privacy_officer",
    "patient", "super_admin",
)  # fmt: skip
EACH = int(os.environ.get("AROGYA_FUZZ_EACH", "1"))
A_ROLE = 200
"""Operations in which something can be invented, at the least: ten roles make two thousand cases."""
SEED = int(os.environ.get("AROGYA_FUZZ_SEED", "20261126"))
REPORT = os.environ.get("AROGYA_FUZZ_REPORT")
OURS = [
    # A right form is not enough: the doctor may be on leave. That right data is taken is what the other tests show.
    checks.positive_data_acceptance,
    # It asks again without a token, through the network; the matrix of roles and the canary ask that.
    checks.ignored_auth,
]
KEPT_WITH_A_FILE = [
    *OURS,
    # It takes a file's bytes for no text: the case would count as broken.
    checks.negative_data_rejection,
]
_REAL = 0.75


def _cases(operation: Any, mode: GenerationMode, count: int, role: str) -> list[Case]:
    """Fewer, or none, where there is nothing that could be broken."""
    found: list[Case] = []
    if count == 0:
        return found

    @seed(zlib.crc32(f"{SEED} {role} {operation.label}".encode()))
    @settings(
        max_examples=count, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(operation.as_strategy(generation_mode=mode))
    def collect(case: Case) -> None:
        found.append(case)

    with contextlib.suppress(Unsatisfiable):
        collect()
    return found[:count]


class Real:
    """Puts ids of what is there in the place of invented ones."""

    def __init__(self, ids: dict[str, list[str]], chance: random.Random) -> None:
        self._ids, self._chance = ids, chance

    def into(self, case: Case) -> None:
        for part in (case.path_parameters, case.query, case.body):
            self._replace(part)

    def _replace(self, part: Any) -> None:
        if isinstance(part, list):
            for one in part:
                self._replace(one)
        if not isinstance(part, dict):
            return
        for name, value in part.items():
            ids = self._ids.get(name.removesuffix("s"))
            if ids is None or value is None or self._chance.random() > _REAL:
                self._replace(value)
            elif isinstance(value, list):
                part[name] = ids[:1]
            elif isinstance(value, str):
                part[name] = self._chance.choice(ids)


def _faults(error: BaseException) -> Iterator[str]:
    if isinstance(error, FailureGroup):
        for one in error.exceptions:
            yield from _faults(one)
    else:
        yield f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


def _is_padded(body: Any) -> bool:
    """Whether some text is longer than it counts: what is typed loses the blanks around it before it is measured."""
    return isinstance(body, dict) and any(isinstance(one, str) and one.strip() != one for one in body.values())


def _righted(case: Case, right: Right, graft: str | None) -> None:
    """What a person would send in the place of what was invented, but for one invented value where there is one."""
    case.path_parameters.update(right.path)
    if graft is None:
        case.query, case.headers = dict(right.query), {}
    else:
        case.query.update(right.query)
    if right.body is None:
        return
    invented = case.body if isinstance(case.body, dict) else {}
    case.body = copy.deepcopy(right.body)
    if graft in invented:
        case.body[graft] = invented[graft]


def _as_file(value: Any) -> Any:
    if isinstance(value, tuple):
        return (value[0], _as_file(value[1]), *value[2:])
    return value if isinstance(value, str | bytes) else str(value)


def _described(app: FastAPI) -> Any:
    """Without how one signs in: that an operation asks for it is another test's business."""
    document = copy.deepcopy(app.openapi())
    for path in document["paths"].values():
        for operation in path.values():
            operation.pop("security", None)
    return schemathesis.openapi.from_dict(document)


async def _request(client: httpx2.AsyncClient, asked: dict[str, Any]) -> httpx2.Request:
    """As schemathesis would have `requests` send it."""
    data = asked.pop("data", None)
    if isinstance(data, dict):
        asked["data"] = data
    elif data is not None:
        asked["content"] = data if isinstance(data, bytes) else str(data).encode()
    if asked.get("files"):
        asked["files"] = [(name, _as_file(value)) for name, value in asked["files"]]
    request = client.build_request(**{name: value for name, value in asked.items() if name != "cookies"})
    await request.aread()
    return request


@pytest.mark.parametrize("role", ROLES)
async def test_every_answer_is_described(
    role: str, app: FastAPI, client: httpx2.AsyncClient, world: World, owner: Connection, marked: dict[str, list[str]],
    clock: FixedClock,
) -> None:  # fmt: skip
    chance = random.Random(f"{SEED} {role}")
    real, seen, welcomed = Real(marked, chance), Counter[int](), set()
    faults: Counter[tuple[str, str]] = Counter()
    headers = world.as_super_admin() if role == "super_admin" else world.b.as_(role)
    numbers = itertools.count(ROLES.index(role) * 1_000_000 + chance.randrange(1000))
    restored = proved(world.b, clock.now())
    schema = _described(app)
    for found in schema.get_all_operations():
        operation = found.ok()
        right = (EACH + 1) // 2 if EACH > 1 or chance.random() < 0.5 else 0
        broken = _cases(operation, GenerationMode.NEGATIVE, EACH - right, role)
        kept = _cases(operation, GenerationMode.POSITIVE, EACH - len(broken), role)
        for nth, case in enumerate((*kept, *broken)):
            right = right_requests(world.b, marked, next(numbers), role).get(operation.label)
            await owner.execute(";".join((*restored, *(right.before if right else ()))))
            if nth < len(kept):
                real.into(case)
                if right is not None:
                    fields = sorted(case.body) if isinstance(case.body, dict) else []
                    _righted(case, right, chance.choice(fields or [None]) if nth % 2 else None)
            asked = case.as_transport_kwargs(base_url="http://localhost:8000", headers=headers)
            answer = await client.send(await _request(client, asked))
            seen[answer.status_code] += 1
            if answer.status_code < 300:
                welcomed.add(operation.label)
            try:
                has_kept_file = nth < len(kept) and bool(asked.get("files"))
                case.validate_response(answer, excluded_checks=KEPT_WITH_A_FILE if has_kept_file else OURS)
            except (Failure, FailureGroup) as error:
                told = [fault for fault in _faults(error) if not ("`maxLength`" in fault and _is_padded(case.body))]
                faults.update((operation.label, fault) for fault in told)
    print(role, dict(seen), f"{len(welcomed)} operations answered 2xx")
    if REPORT:
        told = {"operations": [one.ok().label for one in schema.get_all_operations()], "seen": dict(seen)}
        (Path(REPORT) / f"{role}.json").write_text(json.dumps(told | {"welcomed": sorted(welcomed)}))
    assert faults == {}
    assert sum(seen.values()) >= EACH * A_ROLE
    assert seen[401] <= seen.total() // 20, "who asks stays signed in, whatever their requests ended"
    assert sum(count for status, count in seen.items() if status >= 500) == 0
