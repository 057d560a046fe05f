"""Who asks at the door and is nobody yet: the request, and what letting them in needs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.authenticator import TokenAuthenticator
from arogya.modules.identity.browsers import Device, counter_cookie, device_of
from arogya.modules.identity.counter_keys import CounterKeys
from arogya.modules.identity.passwords import PasswordRoom
from arogya.modules.identity.phone_codes import PhoneCodes
from arogya.modules.identity.throttle import Throttle
from arogya.modules.identity.tokens import Tokens
from arogya.modules.identity.totp import SecondFactorKeys
from arogya.platform.access import Actor, Context, route_template
from arogya.platform.audit import Facts
from arogya.platform.clock import Clock
from arogya.platform.database import Database


@dataclass(frozen=True, slots=True)
class Caller:
    """counter: what this browser's cookie says of the shared counter that it is; empty where it is none."""

    database: Database
    clock: Clock
    tokens: Tokens
    passwords: PasswordRoom
    throttle: Throttle
    second_factors: SecondFactorKeys
    phone_codes: PhoneCodes
    request_id: str
    route: str
    device: Device
    counter_keys: CounterKeys
    counter: str

    def now(self) -> datetime:
        return self.clock.now()

    @property
    def address(self) -> str:
        return self.device.address

    def facts(
        self, user_id: UUID | None, organization_id: UUID | None, kind: Literal["user", "device"] = "user"
    ) -> Facts:
        return self._context(Actor(kind, organization_id, user_id), None).audit_facts()

    def context(self, session: AsyncSession, actor: Actor) -> Context:
        """A Context for someone who was nobody when this request began."""
        session.info["now"] = self.now()
        return self._context(actor, session)

    def _context(self, actor: Actor, session: AsyncSession | None) -> Context:
        return Context(
            actor=actor,
            clock=self.clock,
            request_id=self.request_id,
            route=self.route,
            database=self.database,
            address=self.address,
            _session=session,
        )


def caller_of(request: Request) -> Caller:
    state: Any = request.app.state
    authenticator: TokenAuthenticator = state.authenticator
    return Caller(
        database=state.database,
        clock=state.clock,
        tokens=authenticator.tokens,
        passwords=authenticator.passwords,
        throttle=authenticator.throttle,
        second_factors=authenticator.second_factors,
        phone_codes=authenticator.phone_codes,
        request_id=request.scope["state"]["request_id"],
        route=route_template(request),
        device=device_of(request),
        counter_keys=authenticator.counter_keys,
        counter=counter_cookie(request),
    )


CallerOf = Annotated[Caller, Depends(caller_of)]
