"""From asking to signing in, with a real SMTP server between: what a person does who forgot, moved or was invited."""

import re
from email import message_from_bytes, policy
from typing import Any

import httpx2
import pytest
from aiosmtpd.controller import Controller

from arogya.integrations.email import mailer
from arogya.modules.identity import passwords
from arogya.modules.identity.passwords import argon2id
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.platform.jobs import Work
from arogya.platform.settings import Settings
from tests.factories.identity import PASSWORD, bearer, make_person, sign_in
from tests.world import World

FRESH = "lantern by the lake"


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "scheme", argon2id(memory_kib=8))


@pytest.fixture
def work(database: Database, clock: FixedClock, smtp: Controller, work: Work) -> Work:
    """The worker's, with the real mailer."""
    by_smtp = mailer(Settings(smtp_url=f"smtp://127.0.0.1:{smtp.port}", mail_from="Test hospital <desk@mail.example>"))
    return Work(database, clock, by_smtp, work.texts, "https://hospital.example", work.keys)


def newest(smtp: Controller, page: str) -> tuple[str, str]:
    """To whom the newest letter went, and the token of its link."""
    envelope: Any = smtp.handler.envelopes[-1]
    body = message_from_bytes(envelope.content, policy=policy.default).get_content()
    found = re.search(rf"https://hospital\.example/{page}#(\S+)", body)
    assert found, body
    return envelope.rcpt_tos[0], found[1]


async def test_forgotten_password(
    client: httpx2.AsyncClient, world: World, database: Database, clock: FixedClock, smtp: Controller, jobs_once: Any
) -> None:
    await make_person(database, world.a.organization_id, clock.now(), username="asha", email="asha@mail.example",
                      language="hi")  # fmt: skip
    assert (await client.post("/api/auth/forgot", json={"username": "asha"})).status_code == 202
    await jobs_once()
    to, token = newest(smtp, "reset")
    assert to == "asha@mail.example"
    assert (await client.post("/api/auth/reset", json={"token": token, "password": FRESH})).status_code == 204
    assert (await sign_in(client, "asha")).status_code == 401
    assert (await sign_in(client, "asha", FRESH)).status_code == 200


async def test_changed_address(
    client: httpx2.AsyncClient, world: World, database: Database, clock: FixedClock, smtp: Controller, jobs_once: Any
) -> None:
    await make_person(database, world.a.organization_id, clock.now(), username="asha", email="asha@mail.example")
    headers = bearer(await sign_in(client, "asha"))
    await client.post("/api/me/email", json={"email": "asha@new.example"}, headers=headers)
    await jobs_once()
    to, token = newest(smtp, "verify-email")
    assert to == "asha@new.example"
    assert (await client.post("/api/auth/verify-email", json={"token": token})).status_code == 204
    await jobs_once()
    assert smtp.handler.envelopes[-1].rcpt_tos == ["asha@mail.example"]
    assert (await sign_in(client, "asha@new.example")).status_code == 200


async def test_invitation(
    client: httpx2.AsyncClient, world: World, clock: FixedClock, smtp: Controller, jobs_once: Any
) -> None:
    body = {"email": "ravi@mail.example", "role": "nurse"}
    await client.post("/api/invitations", json=body, headers=world.a.as_("hospital_admin"))
    await jobs_once()
    to, token = newest(smtp, "invitation")
    assert to == "ravi@mail.example"
    account = {"name": "Ravi Test", "username": "ravi", "password": PASSWORD}
    accepted = await client.post("/api/auth/invitation/accept", json={"token": token, "account": account})
    assert accepted.status_code == 204
    me = (await client.get("/api/me", headers=bearer(await sign_in(client, "ravi")))).json()
    assert me["roles"] == ["nurse"]
