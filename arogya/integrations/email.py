"""Letters by SMTP, or, where no server is set, as files that a person can open."""

from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from arogya.integrations.outbox_folder import keep
from arogya.platform.messages import Email, Mailer
from arogya.platform.settings import Settings

_TIMEOUT_S = 20
_PORTS = {"smtp": 587, "smtps": 465}


def mailer(chosen: Settings) -> Mailer:
    if not chosen.smtp_url:
        return FileMailer(chosen.data_dir / "outbox", chosen.mail_from)
    return SmtpMailer(chosen.smtp_url, chosen.mail_from)


def _message(letter: Email, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2].strip("> "))
    message.set_content(letter.body)
    return message


class SmtpMailer:
    """url: `smtp://user:password@host:587` (STARTTLS where the server offers it) or `smtps://…:465`."""

    def __init__(self, url: str, sender: str) -> None:
        self._url, self._sender = urlsplit(url), sender

    async def send(self, letter: Email) -> None:
        import aiosmtplib  # noqa: PLC0415 - the worker's alone

        url = self._url
        try:
            await aiosmtplib.send(
                _message(letter, self._sender), hostname=url.hostname, port=url.port or _PORTS[url.scheme],
                username=unquote(url.username) if url.username else None,
                password=unquote(url.password) if url.password else None,
                use_tls=url.scheme == "smtps", timeout=_TIMEOUT_S,
            )  # fmt: skip
        except aiosmtplib.SMTPException as refused:
            # Its words hold the address: say the kind alone.
            raise OSError(f"the mail server refused: {type(refused).__name__}") from None


class FileMailer:
    """Letters as `.eml` files, the newest last."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder, self._sender = folder, sender

    async def send(self, letter: Email) -> None:
        keep(self._folder, "eml", bytes(_message(letter, self._sender)))
