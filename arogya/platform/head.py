"""HEAD is GET without its body (RFC 9110, 9.3.2): the same route, access rule, audit row and headers."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class AnswersHead:
    """Middleware that lets a GET do a HEAD's work and keeps what it would have sent.

    No route knows of HEAD, so none can declare for it something else than for GET.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        is_over = False

        async def send_head(message: Message) -> None:
            nonlocal is_over
            if message["type"] == "http.response.start":
                await send(message)
            elif not is_over:
                is_over = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        as_get = {**scope, "method": "GET"}
        try:
            await self.app(as_get, receive, send_head)
        finally:
            scope["route"] = as_get.get("route")  # for who counts and logs
