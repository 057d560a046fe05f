"""Whether someone has a second factor, and using its codes up."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity import totp
from arogya.modules.identity.models import RecoveryCode, SecondFactor
from arogya.modules.identity.totp import SecondFactorKeys
from arogya.platform.errors import Field, Invalid


class WrongCode(Invalid):
    code, title = "wrong_code", "This code is not right, or was used already"

    def __init__(self) -> None:
        super().__init__(fields=[Field("code", "wrong_code", self.title)])


async def is_on(session: AsyncSession, user_id: UUID) -> bool:
    on = select(SecondFactor.id).where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))
    return await session.scalar(on) is not None


async def codes_left(session: AsyncSession, user_id: UUID) -> int:
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return await session.scalar(unused) or 0


async def take_code(session: AsyncSession, keys: SecondFactorKeys, user_id: UUID, code: str, now: datetime) -> None:
    """Use a code up: no code is taken twice, nor one older than the last that was. Raises WrongCode."""
    factor = await session.scalar(
        select(SecondFactor).where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))
    )
    if factor is None:
        raise WrongCode
    step = totp.step_of(keys.opened(user_id, factor.secret), code, now)
    if step is not None:
        taken = (
            update(SecondFactor)
            .where(SecondFactor.user_id == user_id, SecondFactor.last_step < step)
            .values(last_step=step)
            .returning(SecondFactor.id)
        )
    else:
        taken = (
            update(RecoveryCode)
            .where(
                RecoveryCode.user_id == user_id,
                RecoveryCode.code_hash == keys.recovery_hash(user_id, code),
                RecoveryCode.used_at.is_(None),
            )
            .values(used_at=now)
            .returning(RecoveryCode.id)
        )
    if await session.scalar(taken) is None:
        raise WrongCode


async def forget_factor(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
