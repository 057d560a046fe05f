"""The product with one of its four duties left out, to learn what that one costs. For the bench, and nothing else.

`WITHOUT` names it: sign-in, row-security, audit or outbox.
"""

import os
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from arogya.launch import load_app
from arogya.modules.identity.authenticator import TokenAuthenticator
from arogya.platform import access, audit, outbox, prepared

DUTIES = ("sign-in", "row-security", "audit", "outbox")


def no_sign_in() -> None:
    """The first token is believed, and all that come after it are taken for the same."""
    known: dict[str, Any] = {}
    read, find = TokenAuthenticator.read, TokenAuthenticator.actor

    def claims(self: TokenAuthenticator, credential: str) -> Any:
        return known.get("claims") or known.setdefault("claims", read(self, credential))

    async def actor(self: TokenAuthenticator, session: Any, told: Any) -> Any:
        return known.get("actor") or known.setdefault("actor", await find(self, session, told))

    TokenAuthenticator.read, TokenAuthenticator.actor = claims, actor  # type: ignore[method-assign]


def no_row_security() -> None:
    """A role whom no policy binds, and each prepared statement says the tenant itself."""
    from bench.statements import bare  # noqa: PLC0415 - it compiles the product's statements as they are

    organization_id = UUID(os.environ["FLOOR_ORGANIZATION"])
    compile_, told_ = prepared._Wire.__init__, prepared._Wire.arguments

    def compiled(self: Any, statement: Any) -> None:
        compile_(self, bare(statement))

    def arguments(self: Any, told: Any) -> list[Any]:
        return told_(self, {"organization_id": organization_id, **told})

    prepared._Wire.__init__, prepared._Wire.arguments = compiled, arguments  # type: ignore[method-assign]


def no_audit() -> None:
    audit.record = access.record = lambda *_, **__: None  # type: ignore[attr-defined]


def no_outbox() -> None:
    outbox.emit = access.emit = lambda *_, **__: None  # type: ignore[attr-defined]


def create_app() -> FastAPI:
    left_out = os.environ.get("WITHOUT", "")
    if left_out:
        {"sign-in": no_sign_in, "row-security": no_row_security, "audit": no_audit, "outbox": no_outbox}[left_out]()
    app: FastAPI = load_app()
    return app
