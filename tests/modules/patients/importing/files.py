"""Files as other systems write them, and an import taken through its steps."""

import csv
import io
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx2

from tests.world import Hospital

HEADINGS = ("UHID", "Patient Name", "Sex", "DOB", "Mobile No", "ABHA")
URL = "/api/patient-imports"
Jobs = Callable[[], Awaitable[int]]


def csv_of(*rows: Sequence[str], headings: Sequence[str] = HEADINGS, separator: str = ",") -> bytes:
    page = io.StringIO(newline="")
    csv.writer(page, delimiter=separator).writerows([headings, *rows])
    return page.getvalue().encode()


def person(n: int, **but: str) -> list[str]:
    facts = {
        "UHID": f"OLD-{n:05}", "Patient Name": f"Importa Test{n}", "Sex": "F", "DOB": "13/04/1990",
        "Mobile No": f"90000{n:05}", "ABHA": "",
    } | but  # fmt: skip
    return [facts[name] for name in HEADINGS]


async def send(
    client: httpx2.AsyncClient, hospital: Hospital, raw: bytes, name: str = "patients.csv", key: str | None = None
) -> Any:
    return await client.post(URL, headers=hospital.as_("hospital_admin", key), files={"file": (name, raw, "text/csv")})


class Imports:
    """One import, from the browser's side."""

    def __init__(self, client: httpx2.AsyncClient, hospital: Hospital, jobs_once: Jobs) -> None:
        self.client, self.hospital, self.jobs_once = client, hospital, jobs_once
        self.sent: dict[str, Any] = {}

    @property
    def url(self) -> str:
        return f"{URL}/{self.sent['id']}"

    @property
    def headers(self) -> dict[str, str]:
        return self.hospital.as_("hospital_admin")

    async def send(self, raw: bytes, name: str = "patients.csv") -> dict[str, Any]:
        answer = await send(self.client, self.hospital, raw, name)
        assert answer.status_code == 201, answer.text
        self.sent = answer.json()
        return self.sent

    async def post(self, step: str, body: dict[str, Any] | None = None) -> Any:
        return await self.client.post(f"{self.url}/{step}", headers=self.headers, json=body)

    async def check(self, **options: Any) -> dict[str, Any]:
        answer = await self.post("check", {"mapping": self.sent["mapping"]} | options)
        assert answer.status_code == 200, answer.text
        assert await self.jobs_once() == 1
        return await self.now()

    async def run(self) -> dict[str, Any]:
        answer = await self.post("run")
        assert answer.status_code == 200, answer.text
        assert await self.jobs_once() == 1
        return await self.now()

    async def now(self) -> dict[str, Any]:
        answer = await self.client.get(self.url, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def through(self, raw: bytes, **options: Any) -> dict[str, Any]:
        """Sent, checked and run."""
        await self.send(raw)
        await self.check(**options)
        return await self.run()

    async def refused(self) -> dict[int, list[tuple[str, str]]]:
        """Line → what it is about and why."""
        answer = await self.client.get(f"{self.url}/refusals", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return {one["line"]: [(r["field"], r["code"]) for r in one["reasons"]] for one in answer.json()["items"]}
