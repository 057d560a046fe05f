"""Text messages. No provider is built in yet: they become files, as a phone would show them."""

from pathlib import Path

from arogya.integrations.outbox_folder import keep
from arogya.platform.messages import TextMessage, TextSender
from arogya.platform.settings import Settings


def text_sender(chosen: Settings) -> TextSender:
    return FileTexts(chosen.data_dir / "outbox")


class FileTexts:
    """The simulator: each message a `.sms` file, its number in the first line."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: TextMessage) -> None:
        keep(self._folder, "sms", f"To: {message.to}\n\n{message.body}\n".encode())
