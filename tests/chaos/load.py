"""Clerks who register and book without a pause, ask again with the same key where they got no answer, and note all."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2

from tests.factories.patients import a_patient
from tests.factories.scheduling import KOLKATA, at
from tests.world import Hospital

Look = Callable[[], AbstractAsyncContextManager[asyncpg.Connection]]

AGAIN_AFTER_S = 0.05
ANSWERED_WITHIN_S = 60


def working_day(ahead: int = 2) -> str:
    """A day in Kolkata on which the doctors of the world are there: no Sunday, and not over while the test runs."""
    day = datetime.now(UTC).astimezone(KOLKATA).date() + timedelta(days=ahead)
    return str(day + timedelta(days=1) if day.weekday() == 6 else day)


@dataclass
class Noted:
    """What the clerks were told. Ids of acknowledged records by table; when each was asked for and acknowledged."""

    acknowledged: dict[str, set[str]] = field(default_factory=lambda: {"patients": set(), "appointments": set()})
    times: list[tuple[float, float]] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    """What the refusals said, up to their first colon."""

    @property
    def count(self) -> int:
        return len(self.times)

    def back_after(self, moment: float) -> float | None:
        """Seconds until something asked for after that moment was acknowledged."""
        later = [done for asked, done in self.times if asked >= moment]
        return min(later) - moment if later else None


class Clerks:
    def __init__(self, base_url: str, hospital: Hospital, count: int = 8) -> None:
        self.noted = Noted()
        self._client = httpx2.AsyncClient(base_url=base_url, timeout=ANSWERED_WITHIN_S)
        self._hospital = hospital
        self._count = count
        self._day = working_day()
        self._is_over = False

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[Noted]:
        """On the way out each finishes what they have begun."""
        async with self._client, asyncio.TaskGroup() as tasks:
            for nth in range(self._count):
                tasks.create_task(self._work(nth))
            try:
                yield self.noted
            finally:
                self._is_over = True

    async def _work(self, nth: int) -> None:
        while not self._is_over:
            patient = await self._until_acknowledged("patients", a_patient(name=f"Clerk {nth} {uuid4().hex[:8]}"))
            assert patient
            minutes = 20 * (self.noted.count % 12)
            visit = {
                "patient_id": patient["id"], "practitioner_id": str(self._hospital.practitioner),
                "starts_at": at(self._day, f"{9 + minutes // 60:02}:{minutes % 60:02}"),
            }  # fmt: skip
            await self._until_acknowledged("appointments", visit)

    async def _until_acknowledged(self, what: str, body: dict[str, Any]) -> Any:
        """What was made; None where it stands on what was acknowledged and is not there."""
        headers = self._hospital.as_("receptionist", uuid4().hex)
        while True:
            asked = time.monotonic()
            try:
                answer = await self._client.post(f"/api/{what}", json=body, headers=headers)
            except httpx2.TransportError as error:
                self.noted.answers[type(error).__name__] += 1
            else:
                told = answer.json()
                self.noted.answers[str(answer.status_code)] += 1
                if answer.status_code == 201:
                    self.noted.acknowledged[what].add(told["id"])
                    self.noted.times.append((asked, time.monotonic()))
                    return told
                if answer.status_code == 404:
                    return None
                assert answer.status_code in {503, 409}, answer.text
                assert answer.headers.get("retry-after"), answer.text
                self.noted.words[told["detail"].partition(":")[0]] += 1
            await asyncio.sleep(AGAIN_AFTER_S)


async def until(what: Any, within_s: float = 120) -> None:
    """Wait for a condition that the clerks bring about."""
    async with asyncio.timeout(within_s):
        while not what():
            await asyncio.sleep(0.02)


async def lost(look: Look, noted: Noted) -> int:
    """How many acknowledged records are not there."""
    gone = 0
    async with look() as owner:
        for table, ids in noted.acknowledged.items():
            there = {str(row["id"]) for row in await owner.fetch(f"SELECT id FROM {table}")}
            gone += len(ids - there)
    return gone
