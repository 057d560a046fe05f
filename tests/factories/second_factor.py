"""The phone with the app, as a test holds it."""

from datetime import datetime

import httpx2
import pyotp


class App:
    """secret: None until it scanned one. codes: the recovery codes that were shown."""

    def __init__(self) -> None:
        self.secret = ""
        self.codes: list[str] = []

    def code(self, now: datetime) -> str:
        return pyotp.TOTP(self.secret).at(now)


async def turn_on(client: httpx2.AsyncClient, headers: dict[str, str], now: datetime) -> App:
    """The headers are of a session that was proved just now."""
    app = App()
    begun = await client.post("/api/me/second-factor", headers=headers)
    assert begun.status_code == 200, begun.text
    app.secret = begun.json()["secret"]
    body = {"code": app.code(now)}
    confirmed = await client.post("/api/me/second-factor/confirm", json=body, headers=headers)
    assert confirmed.status_code == 200, confirmed.text
    app.codes = confirmed.json()["codes"]
    return app
