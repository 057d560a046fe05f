"""What the API says of itself is true: examples that are taken, keys that are honoured, who must sign in."""

import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from arogya.platform.bodies import Body
from arogya.platform.web import StrictRoute, operations
from arogya.policy import Permission


def described(app: FastAPI) -> Iterator[tuple[str, APIRoute, dict[str, Any]]]:
    """Each operation of the description with the route that it describes."""
    paths = app.openapi()["paths"]
    for name, route, _ in operations(app):
        method, path = name.split(" ")
        if isinstance(route, StrictRoute) and path in paths:
            yield name, route, paths[path][method.lower()]


def examples(model: type[BaseModel]) -> list[dict[str, Any]]:
    extra = model.model_config.get("json_schema_extra") or {}
    assert isinstance(extra, dict)
    found: Any = extra.get("examples", [])
    return list(found)


def bodies(app: FastAPI) -> dict[str, type[BaseModel]]:
    found = {name: route._body_model() for name, route, _ in described(app) if isinstance(route, StrictRoute)}
    return {name: model for name, model in found.items() if model is not None}


def refused(model: type[BaseModel], example: dict[str, Any]) -> bool:
    try:
        model.model_validate_json(json.dumps(example), strict=True)
    except ValidationError:
        return True
    return False


async def test_every_body_has_an_example_that_is_taken(app: FastAPI) -> None:
    found = bodies(app)
    assert len(found) > 30
    assert {name for name, model in found.items() if not examples(model)} == set()
    assert {name for name, model in found.items() if any(refused(model, one) for one in examples(model))} == set()


def test_control_an_example_that_is_not_taken_is_seen() -> None:
    class Planted(Body):
        name: str

    assert refused(Planted, {"nam": "Asha"})
    assert not refused(Planted, {"name": "Asha"})


ANSWERS = {"Token", "Me", "PatientRead", "PatientRegisteredRead", "PractitionerRead", "StaffMemberRead", "FacilityRead",
           "DepartmentRead", "AppointmentRead", "SlotRead"}  # fmt: skip
"""Those that a program meets first."""


async def test_answers_that_a_program_meets_first_have_examples_too(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    assert {name for name in ANSWERS if not schemas[name].get("examples")} == set()
    for name in ANSWERS:
        fields = schemas[name]["properties"]
        always = {one for one in schemas[name]["required"] if {"type": "null"} not in fields[one].get("anyOf", [])}
        for example in schemas[name]["examples"]:
            assert always <= set(example) <= set(fields), name


async def test_keys_are_described_where_they_are_honoured(app: FastAPI) -> None:
    honours = {name for name, route, _ in described(app) if " once(" in inspect.getsource(route.endpoint)}
    says = {
        name
        for name, _, operation in described(app)
        if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", []))
    }
    assert honours == says
    assert says == {
        "POST /api/patients", "POST /api/appointments", "POST /api/appointments/{appointment_id}/reschedule",
        "POST /api/walk-ins", "POST /api/practitioners", "POST /api/staff", "POST /api/facilities",
        "POST /api/departments", "POST /api/rooms", "POST /api/patient-imports", "POST /api/roles",
        "POST /api/counters", "POST /api/invitations", "POST /api/patients/{patient_id}/merges",
        "POST /api/leave-cascades", "POST /api/holds", "POST /api/appointment-series",
        "POST /api/appointment-series/{series_id}/move", "POST /api/queue-handovers",
        "POST /api/waitlist", "POST /api/waitlist-offers/{offer_id}/accept",
        "POST /api/schedules", "POST /api/schedule-exceptions", "POST /api/appointments/{appointment_id}/receipt",
    }  # fmt: skip


async def test_what_asks_for_a_permission_asks_for_a_token(app: FastAPI) -> None:
    schemes = app.openapi()["components"]["securitySchemes"]
    assert {scheme["scheme"] for scheme in schemes.values()} == {"bearer"}
    asks = {name for name, _, rule in operations(app) if rule and isinstance(rule.permission, Permission)}
    secured = {name for name, _, operation in described(app) if operation.get("security")}
    assert secured == {name for name in asks if not name.startswith("WS ")}
    for _, _, operation in described(app):
        for one in operation.get("security", []):
            assert set(one) <= set(schemes)


@pytest.mark.parametrize("operation", ["GET /api/patients", "GET /api/practitioners", "GET /api/staff"])
async def test_no_list_gives_more_than_two_hundred(app: FastAPI, operation: str) -> None:
    parameters = next(told for name, _, told in described(app) if name == operation)["parameters"]
    limit = next(one for one in parameters if one["name"] == "limit")
    assert limit["schema"]["maximum"] == 200
