"""The installation's one master key, kept outside the database, and the keys derived from it."""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from arogya.platform.operator import OperatorError

KEY_BYTES = 32


class KeyDamaged(OperatorError):
    """The file of the master key holds something else."""


class Keys:
    """A master key. Each use derives its own by name, so that none can stand in for another."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError(f"the master key has {KEY_BYTES} bytes; this one has {len(master)}")
        self._master = master

    @classmethod
    def from_hex(cls, text: str) -> "Keys":
        return cls(bytes.fromhex(text.strip()))

    @classmethod
    def kept_in(cls, folder: Path) -> "Keys":
        """Read `folder/master.key`, making it on the first start (mode 0600 in a 0700 folder)."""
        path = folder / "master.key"
        if not path.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{os.getpid()}")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(fresh, path)  # fails where another process was first: its key is the one
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        try:
            return cls.from_hex(path.read_text())
        except ValueError:
            raise KeyDamaged(f"The key in {path} is damaged: put it back from a backup.") from None

    @property
    def hex(self) -> str:
        """For handing to a child process and for backups. Never log it."""
        return self._master.hex()

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose (HKDF-SHA256, RFC 5869)."""
        return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=f"arogya:{purpose}".encode()).derive(self._master)

    def database_password(self, role: str) -> str:
        return self.derive(f"database:{role}").hex()
