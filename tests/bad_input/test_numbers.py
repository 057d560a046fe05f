"""Amounts, quantities and counts in every body: negative, huge, fractional or no number at all is refused by name."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
from fastapi import FastAPI

from tests.bad_input.corpus import NUMBERS
from tests.bad_input.test_bodies import takes_json, who_may
from tests.test_canary import Probes
from tests.world import World

Way = tuple[str | int, ...]


def numbers_in(document: dict[str, Any], schema: dict[str, Any], way: Way = ()) -> Iterator[tuple[Way, dict[str, Any]]]:
    """Each integer that a body may hold: the way to it and its schema."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for one in schema.get("anyOf", []):
        yield from numbers_in(document, one, way)
    if schema.get("type") in {"integer", "number"}:
        yield way, schema
    for name, inner in schema.get("properties", {}).items():
        yield from numbers_in(document, inner, (*way, name))
    if schema.get("type") == "array":
        yield from numbers_in(document, schema.get("items", {}), (*way, 0))


def put(body: Any, way: Way, value: Any, document: dict[str, Any], schema: dict[str, Any], probes: Probes) -> Any:
    """The body with the value at the end of the way, whatever was there before."""
    if not way:
        return value
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    schema = next((one for one in schema.get("anyOf", []) if one.get("type") != "null"), schema)
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    step, *rest = way
    if isinstance(step, int):
        inner = schema["items"]
        return [put(probes._value("", inner, 0), tuple(rest), value, document, inner, probes)]
    held = body if isinstance(body, dict) else {}
    inner = schema["properties"][step]
    return held | {step: put(held.get(step), tuple(rest), value, document, inner, probes)}


async def test_every_number_of_a_body_has_its_bounds_and_is_held_to_them(
    app: FastAPI, client: httpx2.AsyncClient, world: World, marked: dict[str, list[str]]
) -> None:
    document = app.openapi()
    probes = Probes(document, marked | {"token": ["x"]}, world.b)
    wrong, count = [], 0
    for method, path, operation in takes_json(app):
        _, url, _, body = next(probes._of(path, method, operation, 0))
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        for way, number in numbers_in(document, schema):
            least, most = number.get("minimum"), number.get("maximum")
            if number["type"] != "integer" or least is None or most is None:
                wrong.append(f"{method} {path} {way}: {number}")
                continue
            for raw in [*NUMBERS, str(least - 1), str(most + 1)]:
                if raw.lstrip("-").isdigit() and least <= int(raw) <= most:
                    continue
                sent = json.dumps(put(body, way, "@", document, schema, probes)).replace('"@"', raw)
                headers = who_may(world, path) | {"Content-Type": "application/json"}
                answer = await client.request(method, url, content=sent, headers=headers)
                count += 1
                named = [one["name"].split(".") for one in answer.json().get("fields", [])]
                is_told = any([str(step) for step in way] == name[: len(way)] for name in named)
                is_barred = answer.status_code == 403
                if not is_barred and (answer.status_code != 422 or not is_told):
                    wrong.append(f"{method} {path} {way} {raw}: {answer.status_code} {named}")
    print(f"{count} numbers refused")
    assert wrong == []
    assert count >= 300
