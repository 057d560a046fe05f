"""What the tests of the queue and the desk do over and over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2

from arogya.platform.clock import FixedClock
from tests.world import Hospital


@dataclass
class Desk:
    """One person at a screen of one hospital. doctor: whose queue it is about."""

    client: httpx2.AsyncClient
    hospital: Hospital
    doctor: UUID
    who: str = "receptionist"

    @property
    def headers(self) -> dict[str, str]:
        return self.hospital.as_(self.who)

    def as_(self, who: str) -> "Desk":
        return Desk(self.client, self.hospital, self.doctor, who)

    @property
    def here(self) -> dict[str, str]:
        return {"practitioner_id": str(self.doctor), "facility_id": str(self.hospital.main)}

    async def get(self, path: str, **query: Any) -> httpx2.Response:
        return await self.client.get(f"/api{path}", params=query, headers=self.headers)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> httpx2.Response:
        return await self.client.post(f"/api{path}", json=body, headers=self.headers)

    async def walk_in(self, patient_id: UUID, **more: Any) -> dict[str, Any]:
        answer = await self.post("/walk-ins", {"patient_id": str(patient_id), **self.here, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def book(self, patient_id: UUID, starts_at: datetime) -> dict[str, Any]:
        answer = await self.post(
            "/appointments", {"patient_id": str(patient_id), **self.here, "starts_at": starts_at.isoformat()}
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def arrive(self, appointment: dict[str, Any]) -> dict[str, Any]:
        answer = await self.post(f"/appointments/{appointment['id']}/arrive")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def queue(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.get("/queue", facility_id=str(self.hospital.main), **query)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def numbers(self) -> list[int]:
        """Those still open, in calling order."""
        return [entry["number"] for entry in await self.queue(is_open=True)]

    async def call_next(self, **more: Any) -> dict[str, Any]:
        answer = await self.post("/queue/call-next", {**self.here, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def move(self, token_id: str, step: str) -> httpx2.Response:
        return await self.post(f"/queue/{token_id}/{step}")

    async def moved(self, token_id: str, step: str) -> dict[str, Any]:
        answer = await self.move(token_id, step)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def see(self, clock: FixedClock, minutes: int) -> dict[str, Any]:
        """Call the next, let them in, and let the doctor take so long."""
        called = (await self.call_next())["called"]
        await self.moved(called["token_id"], "start")
        clock.advance(timedelta(minutes=minutes))
        return called
