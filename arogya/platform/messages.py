"""Letters and short messages to people, as the program hands them to whoever carries them (arogya.integrations)."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Email:
    """One letter to one address, in plain text."""

    to: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class TextMessage:
    """One SMS. to: E.164."""

    to: str
    body: str


class Mailer(Protocol):
    async def send(self, letter: Email) -> None:
        """Hand the letter over; raises OSError where it could not be, and it will be tried again."""


class TextSender(Protocol):
    async def send(self, message: TextMessage) -> None:
        """As `Mailer.send`."""
