from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from arogya.platform.base import Edited, PlatformOwned, Recorded, TenantOwned, within_tenant


class User(PlatformOwned):
    """Who signs in. A platform administrator manages tenants and sees no chart."""

    __tablename__ = "users"

    name: Mapped[str]
    is_platform_admin: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(default="en")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


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
    pin_hash: Mapped[str | None]
    """Of the PIN for shared counters: argon2id over the PIN keyed with the installation's key."""


class UserSession(PlatformOwned):
    """One signed-in device: a family of refresh tokens, of which the n-th is good. Only hashes are kept.

    A display's session has no user; its id is its device link's, its token the link's and never rotates.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("client IN ('browser', 'api', 'display')", name="client"),
        CheckConstraint("(client = 'display') = (user_id IS NULL)", name="user"),
        CheckConstraint("opened_by IN ('password', 'pin', 'code', 'slip', 'other')", name="opened_by"),
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
    with_password: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it was opened by typing the password, and not by a PIN or otherwise."""
    idle_s: Mapped[int | None]
    """On a shared counter: so many seconds without a word end it. None: as long as sessions last."""
    proved_at: Mapped[datetime | None]
    """When its person last showed that it is they, by password or second factor."""
    window_until: Mapped[datetime | None]
    """Until when this device needs no further proof for what is signed many times a day."""
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


class CustomRole(Edited, TenantOwned):
    """A role that the hospital made itself. permissions: codes; what they come to today is said by policy.py."""

    __tablename__ = "custom_roles"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    name: Mapped[str]
    name_hi: Mapped[str | None]
    permissions: Mapped[list[str]] = mapped_column(ARRAY(String))
    is_active: Mapped[bool] = mapped_column(default=True)


class Membership(Edited, TenantOwned):
    """A role of a user in an organization, at one facility or (None) at all, for a time.

    role: a built-in one; else custom_role_id names one of the hospital's own.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        within_tenant("facility_id", "facilities"),
        within_tenant("custom_role_id", "custom_roles"),
        Index("ix_memberships_user", "organization_id", "user_id"),
        Index("ix_memberships_everywhere", "user_id"),  # signing in asks for all hospitals of one user
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="period"),
        CheckConstraint("(role IS NULL) <> (custom_role_id IS NULL)", name="one_role"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    facility_id: Mapped[UUID | None]
    role: Mapped[str | None]
    custom_role_id: Mapped[UUID | None]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]


class DeviceLink(Recorded, TenantOwned):
    """A screen that shows a facility's queue, signed in by a link. id is its session's, which is what is revoked."""

    __tablename__ = "device_links"
    __table_args__ = (within_tenant("facility_id", "facilities"), ForeignKeyConstraint(["id"], ["sessions.id"]))

    name: Mapped[str]
    facility_id: Mapped[UUID]


class SharedCounter(Edited, TenantOwned):
    """A browser that several people share, who change by PIN. Its cookie is made of its id: counter_keys.py.

    idle_minutes: after so long without a touch the page locks.
    """

    __tablename__ = "shared_counters"
    __table_args__ = (
        within_tenant("facility_id", "facilities"),
        CheckConstraint("idle_minutes BETWEEN 1 AND 60", name="idle"),
    )

    name: Mapped[str]
    facility_id: Mapped[UUID]
    idle_minutes: Mapped[int] = mapped_column(default=3)
    is_active: Mapped[bool] = mapped_column(default=True)


class CounterPerson(TenantOwned):
    """Who typed their password at a shared counter, and when last; since then, tries of the PIN that failed there."""

    __tablename__ = "counter_people"
    __table_args__ = (
        within_tenant("counter_id", "shared_counters"),
        UniqueConstraint("organization_id", "counter_id", "user_id"),
    )

    counter_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    password_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    blocked_until: Mapped[datetime | None]


class AccountLink(PlatformOwned):
    """A link that is sent by e-mail and good once: for a new password, or to prove that an address is one's own.

    address: where it goes; of an `email` link the address that it proves, and replaces is the one before it.
    token_hash: None until the letter is written.
    """

    __tablename__ = "account_links"
    __table_args__ = (CheckConstraint("purpose IN ('reset', 'email')", name="purpose"),)

    purpose: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    address: Mapped[str]
    replaces: Mapped[str | None]
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SecondFactor(PlatformOwned):
    """The secret that a person's authenticator app holds too, sealed. It counts once confirmed_at is there.

    last_step: the newest 30 seconds of which a code was taken; no code of it or of an older one is taken again.
    """

    __tablename__ = "second_factors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), unique=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(PlatformOwned):
    """A code on paper, in place of the phone, good once. Only a keyed hash is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    used_at: Mapped[datetime | None]


class SignInRules(Edited, TenantOwned):
    """What a hospital asks of its staff at the door; id is the organization's. No row: the defaults.

    second_factor_since: sessions of staff that begin later need one. window_minutes: how long one step-up lets its
    device sign; 0 is never.
    """

    __tablename__ = "sign_in_rules"
    __table_args__ = (CheckConstraint("window_minutes BETWEEN 0 AND 720", name="window_minutes"),)

    second_factor_since: Mapped[datetime | None]
    window_minutes: Mapped[int] = mapped_column(default=60)


class Invitation(Edited, TenantOwned):
    """A role that waits for someone who is asked by e-mail. Only the newest letter's link is good."""

    __tablename__ = "invitations"
    __table_args__ = (
        within_tenant("facility_id", "facilities"),
        Index(
            "uq_invitations_open", "organization_id", "email", unique=True,
            postgresql_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
    )  # fmt: skip

    email: Mapped[str]
    role: Mapped[str]
    facility_id: Mapped[UUID | None]
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    sent_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > now


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
