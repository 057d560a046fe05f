from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.database import Edited, PlatformOwned, Recorded, TenantOwned, within_tenant


class User(PlatformOwned):
    """Who signs in. A platform administrator manages tenants and sees no chart."""

    __tablename__ = "users"

    name: Mapped[str]
    is_platform_admin: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(default="en")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class LoginIdentifier(PlatformOwned):
    """A name to sign in with. E-mails and phones stand here only once verified; value is normalised."""

    __tablename__ = "login_identifiers"
    __table_args__ = (
        CheckConstraint("kind IN ('username', 'email', 'phone')", name="kind"),
        UniqueConstraint("kind", "value"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[str]
    value: Mapped[str]
    verified_at: Mapped[datetime]


class Credential(PlatformOwned):
    """A password's argon2id hash. must_change: a one-time password, good for a new one only, until expires_at."""

    __tablename__ = "credentials"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), unique=True)
    password_hash: Mapped[str]
    must_change: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class UserSession(PlatformOwned):
    """One signed-in device: a family of refresh tokens, of which the n-th is good. Only hashes are kept.

    A display's session has no user; its id is its device link's, its token the link's and never rotates.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("client IN ('browser', 'api', 'display')", name="client"),
        CheckConstraint("(client = 'display') = (user_id IS NULL)", name="user"),
        CheckConstraint("opened_by IN ('password', 'code', 'slip')", name="opened_by"),
    )

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    client: Mapped[str]
    n: Mapped[int] = mapped_column(default=0)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    rotated_at: Mapped[datetime]
    device_hash: Mapped[bytes] = mapped_column(LargeBinary)
    user_agent: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]
    opened_by: Mapped[str] = mapped_column(default="password", server_default=text("'password'"))
    """Only who typed the code that was sent to their phone may claim the records with that number."""


class KnownDevice(PlatformOwned):
    """A device on which this user signed in before: no stranger's guesses can lock it out."""

    __tablename__ = "known_devices"
    __table_args__ = (UniqueConstraint("user_id", "device_hash"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    device_hash: Mapped[bytes] = mapped_column(LargeBinary)
    last_used_at: Mapped[datetime]


class LoginThrottle(PlatformOwned):
    """Failed sign-ins of one account or address. subject: a keyed hash, so that the table names nobody."""

    __tablename__ = "login_throttles"

    subject: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_failure_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class Membership(Edited, TenantOwned):
    """A role of a user in an organization, at one facility or (None) at all, for a time."""

    __tablename__ = "memberships"
    __table_args__ = (
        within_tenant("facility_id", "facilities"),
        Index("ix_memberships_user", "organization_id", "user_id"),
        Index("ix_memberships_everywhere", "user_id"),  # signing in asks for all hospitals of one user
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="period"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    facility_id: Mapped[UUID | None]
    role: Mapped[str]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]


class DeviceLink(Recorded, TenantOwned):
    """A screen that shows a facility's queue, signed in by a link. id is its session's, which is what is revoked."""

    __tablename__ = "device_links"
    __table_args__ = (within_tenant("facility_id", "facilities"), ForeignKeyConstraint(["id"], ["sessions.id"]))

    name: Mapped[str]
    facility_id: Mapped[UUID]


class SignInCode(PlatformOwned):
    """A code by text message, good once. It is made when it is sent: until then, and for a stranger's, no hash is here.

    phone: sealed. code_hash: keyed, for six digits are soon tried.
    """

    __tablename__ = "sign_in_codes"

    phone: Mapped[bytes] = mapped_column(LargeBinary)
    language: Mapped[str]
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
