"""One's own PIN for shared counters."""

from sqlalchemy import select, update

from arogya.modules.identity.counter_keys import CounterKeys, refuse_weak_pin
from arogya.modules.identity.models import Credential
from arogya.modules.identity.passwords import PasswordRoom, WrongPassword
from arogya.modules.identity.schemas.counters import MyPin, SetPin
from arogya.modules.identity.service.password import proven_password, writing
from arogya.modules.identity.throttle import Throttle
from arogya.platform.access import Context
from arogya.platform.audit import Action


async def my_pin(ctx: Context) -> MyPin:
    kept = await ctx.session.scalar(select(Credential.pin_hash).where(Credential.user_id == ctx.user_id))
    return MyPin(is_set=kept is not None)


async def set_pin(
    ctx: Context, passwords: PasswordRoom, throttle: Throttle, counter_keys: CounterKeys, request: SetPin
) -> None:
    """Raises WrongPassword, WeakPin, TooMany."""
    assert ctx.user_id is not None  # a device is not granted account.own
    refuse_weak_pin(request.pin)
    checked_hash = await proven_password(ctx, passwords, throttle, request.current)
    pin_hash = await passwords.hash(counter_keys.keyed(ctx.user_id, request.pin))
    async with writing(ctx) as inside:
        kept = await inside.session.scalar(
            update(Credential)
            .where(Credential.user_id == ctx.user_id, Credential.password_hash == checked_hash)
            .values(pin_hash=pin_hash)
            .returning(Credential.id)
        )
        if kept is None:
            raise WrongPassword
        inside.audit(Action.UPDATE, "pin", ctx.user_id)


async def drop_pin(ctx: Context) -> None:
    assert ctx.user_id is not None
    await ctx.session.execute(update(Credential).where(Credential.user_id == ctx.user_id).values(pin_hash=None))
    ctx.audit(Action.DEACTIVATE, "pin", ctx.user_id)
