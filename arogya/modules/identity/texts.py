"""The text message with the code. The job is handed an id; the code is made here, so that only its message holds it."""

from typing import Final
from uuid import UUID

from sqlalchemy import select

from arogya.modules.identity.models import LoginIdentifier, SignInCode
from arogya.modules.identity.phone_codes import GOOD_FOR, PhoneCodes, fresh_code
from arogya.modules.identity.ports import ports
from arogya.platform.jobs import Work, job
from arogya.platform.messages import TextMessage

WORDS: Final = {
    "en": "{code} is your Arogya sign-in code. It is good for 5 minutes. Tell it to nobody.",
    "hi": "{code} आपका Arogya साइन-इन कोड है। 5 मिनट चलेगा। किसी को न बताएँ।",
}


@job("identity.send_code")
async def send_code(work: Work, code_id: str) -> None:
    """To a number that a hospital or an account knows; a stranger's gets nothing, and costs nothing."""
    codes, row_id = PhoneCodes(work.keys), UUID(code_id)
    async with work.database.transaction() as session:
        row = await session.get(SignInCode, row_id)
        if row is None or row.expires_at <= work.now():
            return
        phone, language = codes.phone_of(row_id, row.phone), row.language
        of_account = select(LoginIdentifier.id).where(LoginIdentifier.kind == "phone", LoginIdentifier.value == phone)
        is_known = await session.scalar(of_account) is not None
    if not is_known and not await ports.is_phone_known(work.database, phone, work.now()):
        return
    code = fresh_code()
    async with work.database.transaction() as session:
        row = await session.get(SignInCode, row_id, with_for_update=True)
        if row is None:
            return
        row.code_hash, row.expires_at = codes.hash_of(row_id, code), work.now() + GOOD_FOR
    await work.texts.send(TextMessage(phone, WORDS[language].format(code=code)))
