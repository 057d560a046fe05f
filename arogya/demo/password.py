"""The one password of all demo sign-ins follows AROGYA_DEMO_PASSWORD from start to start."""

import asyncio
import unicodedata

from sqlalchemy import func, select, update

from arogya.modules.identity.api import hash_password
from arogya.modules.identity.models import Credential
from arogya.modules.identity.passwords import scheme
from arogya.platform.database import Database
from arogya.platform.settings import APP_ROLE, Settings


def keep_password(settings: Settings, password: str) -> None:
    """Make `password` the demo's, where another was when it was filled.

    A demo filled for oneself with the password that everyone knows must not keep it when it is served to others.
    """
    asyncio.run(_keep(settings, password))


async def _keep(settings: Settings, password: str) -> None:
    database = Database(settings.role_url(APP_ROLE), pool_size=1)
    # Filled with one hash for all; who has since chosen a password has another.
    shared = select(Credential.password_hash).group_by(Credential.password_hash).order_by(func.count().desc()).limit(1)
    try:
        async with database.transaction() as session:
            kept = await session.scalar(shared)
            if kept is None or scheme.verify(unicodedata.normalize("NFKC", password), kept):
                return
            fresh = hash_password(password)
            await session.execute(
                update(Credential).where(Credential.password_hash == kept).values(password_hash=fresh)
            )
    finally:
        await database.dispose()
