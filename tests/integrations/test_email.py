"""Letters reach a real SMTP server, and without one a folder that a person can open."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from arogya.integrations import outbox_folder
from arogya.integrations.email import mailer
from arogya.integrations.sms import text_sender
from arogya.platform.messages import Email, TextMessage
from arogya.platform.settings import Settings

LETTER = Email("asha@example.com", "पासवर्ड बदलें", "खोलें: http://localhost/reset#abc")


def address(server: Controller) -> str:
    return f"smtp://127.0.0.1:{server.port}"


async def test_letter_reaches_the_server_in_its_own_script(smtp: Controller) -> None:
    await mailer(Settings(smtp_url=address(smtp), mail_from="Asha <desk@example.com>")).send(LETTER)
    (envelope,) = smtp.handler.envelopes
    assert envelope.rcpt_tos == ["asha@example.com"]
    told = message_from_bytes(envelope.content, policy=policy.default)
    assert told["Subject"] == LETTER.subject
    assert told.get_content().strip() == LETTER.body


async def test_refusal_is_an_oserror_that_names_nobody(smtp: Controller) -> None:
    smtp.handler.answer = "550 asha@example.com is unknown"
    with pytest.raises(OSError, match="refused") as refused:
        await mailer(Settings(smtp_url=address(smtp))).send(LETTER)
    assert "asha" not in str(refused.value)
    assert refused.value.__cause__ is None


async def test_without_a_server_letters_and_texts_are_files_for_their_owner_alone(tmp_path: Path) -> None:
    config = Settings(data_dir=tmp_path)
    await mailer(config).send(LETTER)
    await text_sender(config).send(TextMessage("+919000011207", "4711"))
    letter, message = outbox_folder.kept(tmp_path / "outbox")
    assert outbox_folder.readable(letter) == f"To: {LETTER.to}\nSubject: {LETTER.subject}\n\n{LETTER.body}\n"
    assert outbox_folder.readable(message) == "To: +919000011207\n\n4711\n"
    assert (tmp_path / "outbox").stat().st_mode & 0o777 == 0o700
    assert letter.stat().st_mode & 0o777 == message.stat().st_mode & 0o777 == 0o600


async def test_of_many_the_newest_stay(tmp_path: Path) -> None:
    texts = text_sender(Settings(data_dir=tmp_path))
    for n in range(outbox_folder.KEPT + 3):
        await texts.send(TextMessage("+919000011207", str(n)))
    found = list(outbox_folder.kept(tmp_path / "outbox"))
    assert len(found) == outbox_folder.KEPT
    assert found[-1].read_text().endswith(f"{outbox_folder.KEPT + 2}\n")
