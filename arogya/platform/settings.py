"""What an operator may set, read from the environment once."""

from functools import cached_property, lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from arogya.platform.keys import Keys

OWNER_ROLE = "arogya_owner"
APP_ROLE = "arogya_app"
RELAY_ROLE = "arogya_relay"


class Settings(BaseSettings):
    """The environment's say: `PORT` and `DATABASE_…` by their plain names, the rest as `AROGYA_…`."""

    model_config = SettingsConfigDict(
        env_prefix="AROGYA_", env_ignore_empty=True, extra="ignore", validate_by_name=True, validate_by_alias=True
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535, validation_alias="PORT")
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    """A real server. Empty: the embedded one. Its user and password are replaced by each role's own, unless
    `DATABASE_OWNER_URL`, `DATABASE_APP_URL` or `DATABASE_RELAY_URL` say otherwise."""
    database_direct_url: str | None = Field(default=None, validation_alias="DATABASE_DIRECT_URL")
    """The same server past a pooler that hands out transactions: LISTEN needs a connection of its own."""
    database_owner_url: str | None = Field(default=None, validation_alias="DATABASE_OWNER_URL")
    database_app_url: str | None = Field(default=None, validation_alias="DATABASE_APP_URL")
    database_relay_url: str | None = Field(default=None, validation_alias="DATABASE_RELAY_URL")
    data_dir: Path = Path("var")
    archive: bool = True
    """Whether every change of the embedded database goes into an archive, so that any moment can be brought back."""
    archive_dir: Path | None = None
    """Best on another disk. Empty: `data_dir/archive`."""
    archive_days: int = Field(default=7, ge=1, le=3650)
    secret_key: str | None = Field(default=None, repr=False)
    """32 bytes in hex, shared by all nodes of one installation. Empty: made once in `data_dir/keys`."""
    demo_password: str | None = Field(default=None, repr=False)
    public_origin: str | None = None
    """How browsers reach this installation, e.g. `https://hospital.example`. Empty: the request's own Host."""
    smtp_url: str | None = Field(default=None, repr=False)
    """`smtp://user:password@host:587` or `smtps://…:465`. Empty: letters become files in `data_dir/outbox`."""
    mail_from: str = "Arogya <arogya@localhost>"
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses and networks whose X-Forwarded-… is believed, with commas between."""
    server_processes: int = Field(default=1, ge=1, le=64)
    pool_size: int = Field(default=16, ge=2, le=200)
    log_format: str = Field(default="text", pattern="^(text|json)$")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, said: object) -> object:
        return tuple(filter(None, map(str.strip, said.split(",")))) if isinstance(said, str) else said

    @field_validator("trusted_proxies")
    @classmethod
    def _refuse_what_is_no_network(cls, said: tuple[str, ...]) -> tuple[str, ...]:
        try:
            for network in said:
                ip_network(network, strict=False)
        except ValueError:
            raise ValueError("it has addresses and networks with commas between, like 10.0.0.1, 10.1.0.0/16") from None
        return said

    @field_validator(
        "database_url", "database_direct_url", "database_owner_url", "database_app_url", "database_relay_url"
    )
    @classmethod
    def _refuse_other_servers(cls, said: str | None) -> str | None:
        try:
            if said is None or make_url(said).get_backend_name() in {"postgresql", "postgres"}:
                return said
        except (ArgumentError, ValueError):
            pass  # its message repeats the address, and with it a password
        raise ValueError("it looks like postgresql://user:password@server:5432/arogya")

    @field_validator("secret_key")
    @classmethod
    def _refuse_other_keys(cls, said: str | None) -> str | None:
        try:
            if said is not None:
                Keys.from_hex(said)
        except ValueError:
            raise ValueError("it has 64 hexadecimal digits (openssl rand -hex 32 makes one)") from None
        return said

    @cached_property
    def keys(self) -> Keys:
        """The installation's master key and what is derived from it."""
        return Keys.from_hex(self.secret_key) if self.secret_key else Keys.kept_in(self.data_dir / "keys")

    @property
    def archive_folder(self) -> Path:
        return (self.archive_dir or self.data_dir / "archive").absolute()

    @property
    def origin(self) -> str:
        """What links in letters begin with."""
        return (self.public_origin or f"http://{self.host}:{self.port}").rstrip("/")

    def admin_url(self) -> URL:
        """DATABASE_URL as it was given: its user may create roles when `arogya db init` runs."""
        return make_url(self.database_url or "postgresql:///").set(drivername="postgresql")

    def role_url(self, role: str) -> URL:
        """Where `role` connects: its own URL where one is set, else DATABASE_URL with the role's derived password."""
        own = {
            OWNER_ROLE: self.database_owner_url,
            APP_ROLE: self.database_app_url,
            RELAY_ROLE: self.database_relay_url,
        }[role]
        if own:
            return make_url(own).set(drivername="postgresql")
        if not self.database_url:
            raise RuntimeError("no database is running: DATABASE_URL is empty and the embedded server was not started")
        base = make_url(self.database_url).set(drivername="postgresql")
        return base.set(username=role, password=self.keys.database_password(role))

    def direct_url(self, role: str) -> URL:
        """As `role_url`, past the pooler."""
        if not self.database_direct_url:
            return self.role_url(role)
        own = self.role_url(role)
        return make_url(self.database_direct_url).set(
            drivername="postgresql", username=own.username, password=own.password
        )


@lru_cache
def settings() -> Settings:
    """This process's settings. Tests call `settings.cache_clear()`."""
    return Settings()
