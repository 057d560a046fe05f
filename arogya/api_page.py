"""`/docs`: every operation on one page, readable with no script and nothing fetched from elsewhere."""

import hashlib
from base64 import b64encode
from collections import defaultdict
from html import escape
from typing import Any

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#151a20;background:#fff}
h2{margin-top:2.2rem;border-bottom:1px solid #e2e5e9}details{border:1px solid #e2e5e9;border-radius:6px;margin:.4rem 0}
summary{padding:.4rem .7rem;cursor:pointer}code{font:13px ui-monospace,monospace}.m{display:inline-block;width:4.2rem;
font-weight:600;color:#0c6487}.in{padding:0 1rem .8rem}table{border-collapse:collapse;width:100%;font-size:14px}
td,th{text-align:left;padding:.2rem .6rem .2rem 0;vertical-align:top}small{color:#5b6470}
@media(prefers-color-scheme:dark){body{background:#101316;color:#e8ebee}details,h2{border-color:#2a3037}.m{color:#63b5d4}
small{color:#98a1ab}a{color:#9ad4ea}}
"""
STYLE_HASH = f"'sha256-{b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
"""As a policy names it."""


def api_page(document: dict[str, Any]) -> str:
    """HTML of an OpenAPI document: operations by tag, their parameters, bodies and answers."""
    schemas = document.get("components", {}).get("schemas", {})
    by_tag: dict[str, list[str]] = defaultdict(list)
    for path, methods in sorted(document["paths"].items()):
        for method, operation in methods.items():
            by_tag[(operation.get("tags") or ["other"])[0]].append(_operation(path, method, operation, schemas))
    parts = "".join(f"<h2>{escape(tag)}</h2>{''.join(found)}" for tag, found in sorted(by_tag.items()))
    info = document["info"]
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{escape(info['title'])} API</title><style>{_STYLE}</style><h1>{escape(info['title'])} API "
        f"<small>{escape(info['version'])}</small></h1><p>{escape(info.get('description', ''))}</p>"
        f"<p><a href=/openapi.json>openapi.json</a></p>{parts}</html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    rows = [
        (p["name"], p["in"], _type(p.get("schema", {})), p.get("required", False), p.get("description", ""))
        for p in operation.get("parameters", [])
    ]
    body = operation.get("requestBody", {}).get("content", {})
    for content in body.values():
        schema = _resolved(content.get("schema", {}), schemas)
        needed = set(schema.get("required", []))
        rows += [
            (name, "body", _type(field), name in needed, field.get("description", ""))
            for name, field in schema.get("properties", {}).items()
        ]
    table = "".join(
        f"<tr><td><code>{escape(name)}</code><td>{where}<td>{escape(kind)}<td>{'required' if needed else ''}"
        f"<td>{escape(note)}"
        for name, where, kind, needed, note in rows
    )
    answers = ", ".join(
        f"{status} {escape(_answer(answer))}".strip()
        for status, answer in operation["responses"].items()
        if status != "default"
    )
    return (
        f"<details id='{escape(operation.get('operationId', ''))}'><summary><span class=m>{method.upper()}</span>"
        f"<code>{escape(path)}</code></summary><div class=in><p>{escape(operation.get('description', ''))}</p>"
        f"<table>{table}</table><p><small>Answers: {answers}</small></p></div></details>"
    )


def _answer(answer: dict[str, Any]) -> str:
    contents: list[dict[str, Any]] = list(answer.get("content", {}).values())
    return _type(contents[0].get("schema", {})) if contents else ""


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schemas.get(name, schema)
    return found


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "")
