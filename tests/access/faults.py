"""Every fault that is planted: those written by hand, and those found in the code.

Families: permission (a route asks for less), scope (how far a permission reaches), token, session, ticket, origin,
secret, throttle, tenant (the database's own guards), record (charts and accounts), request (bodies, versions, keys),
paper (what is taken away).
"""

import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from arogya.platform.access import AccessRule
from arogya.platform.base import metadata
from arogya.platform.web import operations
from arogya.policy import Permission
from tests.access import table
from tests.access.planting import PACKAGE, Fault, NotPlanted, found_guards, text_fault
from tests.architecture.test_tenancy import PLATFORM_TABLES

_MATRIX = "tests/access/test_matrix.py::test_everybody_gets_as_far_as_the_table_says[{}]"
_DOORS = "tests/access/test_matrix.py::test_the_door_itself_refuses_who_holds_no_role"
_TENANCY = "tests/architecture/test_tenancy.py"
_BY_HAND = Path(__file__).with_name("faults.txt")

_NO_KEYS = """
    DO $$ DECLARE one record; BEGIN
        FOR one IN SELECT conname FROM pg_constraint
                   WHERE conrelid = 'TABLE_NAME'::regclass AND contype = 'f' AND cardinality(conkey) > 1
        LOOP EXECUTE format('ALTER TABLE TABLE_NAME DROP CONSTRAINT %I', one.conname); END LOOP;
    END $$
"""


def sample(app: FastAPI) -> Iterator[Fault]:
    """A fixed few, each with who must notice it, and a fault that is none."""
    record, tokens = (
        _MATRIX.format("GET /api/patients/{patient_id}"),
        "tests/modules/identity/test_access_tokens.py::test_token_with",
    )
    yield text_fault(
        "scope", "modules/patients/doors.py", ".where(Patient.id.in_(own_patient_ids(ctx.user_id, ctx.now())))", "",
        record, name="a patient sees everybody",
    )  # fmt: skip
    yield text_fault(
        "token", "modules/identity/tokens.py", 'now.timestamp() < int(told["exp"])', "now.timestamp() < 1e18", tokens,
        name="a token without an end",
    )  # fmt: skip
    yield text_fault(
        "session", "modules/identity/authenticator.py", "UserSession.revoked_at.is_(None), UserSession", "UserSession",
        "tests/modules/identity/test_sessions.py::test_device_that_was", name="a session that can't be ended",
    )  # fmt: skip
    yield next(fault for fault in of_routes(app) if fault.name.startswith("GET /api/patients/{patient_id}/accounts:"))
    yield next(fault for fault in of_the_database() if fault.name == "DROP POLICY tenant ON patients")
    yield text_fault(
        "request", "platform/etags.py", "    if int(tag[1]) != row.version:", "    if False:",
        "tests/modules/staff/test_members.py::test_second_editor", name="the last write wins",
    )  # fmt: skip
    yield Fault("no fault at all", "control", _nothing, (record,))


def by_hand() -> Iterator[Fault]:
    """Those of faults.txt. Where a guard was written anew, its fault wants to be too: until then it has no place, which
    counts as not noticed."""
    for block in re.split(r"^@ ", _BY_HAND.read_text(), flags=re.MULTILINE)[1:]:
        head, *lines = block.rstrip("\n").split("\n")
        family, file, *killers = head.split()
        old, new = ("\n".join(one[2:] for one in lines if one.startswith(sign)) for sign in ("- ", "+ "))
        try:
            yield text_fault(family, file, old, new, *killers)
        except NotPlanted as why:
            yield Fault(f"no place: {why}", family, _nothing)


def in_the_code() -> Iterator[Fault]:
    """Each guard call of the modules, left out or answered generously."""
    for path in sorted((PACKAGE / "modules").rglob("*.py")):
        yield from found_guards(path.relative_to(PACKAGE).as_posix())


def of_routes(app: FastAPI) -> Iterator[Fault]:
    """Each declared permission weakened to what everybody holds; each demanded proof not asked for."""
    asked: dict[int, tuple[AccessRule, object, list[str]]] = {}
    for operation, route, rule in operations(app):
        if operation not in table.read() or rule is None or rule.permission is None:
            continue
        call = _opener(route.dependant)  # type: ignore[attr-defined]
        asked.setdefault(id(call), (rule, call, []))[2].append(operation)
    for rule, call, names in asked.values():
        rows = tuple(_MATRIX.format(name) for name in names[:2] if not name.startswith("WS "))
        rows = (*rows, _DOORS) if rows else ()
        if rule.permission is not Permission.ACCOUNT_OWN and rows:
            yield Fault(f"{names[0]}: requires({rule.permission}) → account.own", "permission",
                        lambda call=call: _tell(call, "permission", Permission.ACCOUNT_OWN), rows)  # type: ignore[misc]  # fmt: skip
        if rule.step_up is not None and rows:
            yield Fault(f"{names[0]}: step_up={rule.step_up} → none", "permission",
                        lambda call=call: _tell(call, "step_up", None), rows)  # type: ignore[misc]  # fmt: skip


def _opener(dependant: object) -> object:
    """The function that `requires` made for this route."""
    waiting = [dependant]
    while waiting:
        one = waiting.pop()
        if getattr(one.call, "__access_rule__", None):  # type: ignore[attr-defined]
            return one.call  # type: ignore[attr-defined]
        waiting.extend(one.dependencies)  # type: ignore[attr-defined]
    raise AssertionError("a route without a rule")


def _tell(call: Any, name: str, value: object) -> None:
    """As if `requires` had been told so: what the door asks and what the route declares."""
    _cell(call, name).cell_contents = value
    call.__access_rule__ = replace(call.__access_rule__, **{name: value})


def _cell(call: Any, name: str) -> Any:
    """Where the function, or one that it calls for this, keeps what `requires` was told."""
    waiting = [call]
    while waiting:
        one = inspect.unwrap(waiting.pop())
        kept = dict(zip(one.__code__.co_freevars, one.__closure__ or (), strict=True))
        if name in kept:
            return kept[name]
        waiting.extend(cell.cell_contents for cell in kept.values() if inspect.isfunction(cell.cell_contents))
    raise NotPlanted(f"nothing keeps {name}")


def of_the_database() -> Iterator[Fault]:
    """Each tenant's table without its row security, its tenant's policy, its keys' tenant."""
    forced = (f"{_TENANCY}::test_row_security_is_forced_on_every_tenants_table",)
    agree = (f"{_TENANCY}::test_models_and_migrations_agree",)
    for name in sorted(set(metadata.tables) - PLATFORM_TABLES):
        for statement in (f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY", f"DROP POLICY tenant ON {name}"):
            yield Fault(statement, "tenant", _nothing, forced, database=(statement,))
        if any(len(key.column_keys) > 1 for key in metadata.tables[name].foreign_key_constraints):
            told = f"{name}: no foreign key holds the tenant"
            yield Fault(told, "tenant", _nothing, agree, database=(_NO_KEYS.replace("TABLE_NAME", name),))


def _nothing() -> None: ...
