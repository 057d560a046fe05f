"""`arogya` with two more routes: /slow?seconds=…, to be stopped while it is in flight, and /broken, to break midway."""

import asyncio
from urllib.parse import parse_qs

import arogya.app
from arogya.cli import app

_create_app = arogya.app.create_app


def create_app():  # type: ignore[no-untyped-def]
    inner = _create_app()

    async def with_more_routes(scope, receive, send):  # type: ignore[no-untyped-def]
        if scope.get("path") == "/broken":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            raise ValueError("Key (phone)=(9000077777) already exists")
        if scope.get("path") != "/slow":
            return await inner(scope, receive, send)
        await asyncio.sleep(float(parse_qs(scope["query_string"].decode())["seconds"][0]))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        return await send({"type": "http.response.body", "body": b"answered"})

    return with_more_routes


arogya.app.create_app = create_app

if __name__ == "__main__":
    app()
