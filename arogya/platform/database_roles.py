"""The three roles that may use the database, and the database itself. None of them is above row security."""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from arogya.platform.keys import Keys
from arogya.platform.operator import OperatorError
from arogya.platform.settings import APP_ROLE, OWNER_ROLE, RELAY_ROLE

ROLES = (OWNER_ROLE, APP_ROLE, RELAY_ROLE)
_ONE_AT_A_TIME = 0x41524F4759  # "AROGY": two nodes that start together would trip over each other's catalog rows
_SCRAM_ROUNDS = 4096


class UnsafeRole(OperatorError):
    """A role of ours can do more than it may; the message says which and what."""


def provision(admin_url: str, keys: Keys, database: str = "arogya") -> None:
    """Create or mend the roles and the database. Grants on tables come with each migration. May be repeated.

    admin_url: of a superuser, or of a role with CREATEROLE and CREATEDB.
    """
    asyncio.run(provision_async(admin_url, keys, database))


async def provision_async(admin_url: str, keys: Keys, database: str = "arogya") -> None:
    """As `provision`, inside a running loop."""
    async with _connected(await _reachable(admin_url)) as admin:
        async with admin.transaction():
            await admin.execute("SELECT pg_advisory_xact_lock($1)", _ONE_AT_A_TIME)
            for role in ROLES:
                await _keep_role(admin, role, keys.database_password(role))
            await _may_act_as_owner(admin)
        await _refuse_unsafe(admin)
        await _keep_database(admin, database)
    async with _connected(with_database(admin_url, database)) as admin, admin.transaction():
        await admin.execute("SELECT pg_advisory_xact_lock($1)", _ONE_AT_A_TIME)
        await _keep_schema(admin, database)


def with_database(url: str, database: str) -> str:
    """The same server and login, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database, safe='')}"))


async def _reachable(admin_url: str) -> str:
    """On a new server the database that the URL names is not there yet; `postgres` always is."""
    try:
        async with _connected(admin_url):
            return admin_url
    except asyncpg.InvalidCatalogNameError:
        return with_database(admin_url, "postgres")


@asynccontextmanager
async def _connected(url: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(url, timeout=30)
    try:
        yield connection
    finally:
        await connection.close()


async def _keep_role(admin: "asyncpg.Connection[asyncpg.Record]", role: str, password: str) -> None:
    exists = await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
    verb = "ALTER" if exists else "CREATE"
    await admin.execute(f"{verb} ROLE {role} LOGIN PASSWORD '{scram_verifier(password)}'")


async def _may_act_as_owner(admin: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Who is no superuser needs the owner's membership to make the database in its name (PostgreSQL 16 and newer)."""
    if not await admin.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        await admin.execute(f"GRANT {OWNER_ROLE} TO CURRENT_USER WITH SET TRUE, INHERIT TRUE")


async def _refuse_unsafe(admin: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Such attributes come from outside (ours are made without), so taking them away silently would hide a fault."""
    unsafe = await admin.fetch(
        """SELECT rolname, concat_ws(', ', CASE WHEN rolsuper THEN 'SUPERUSER' END,
                                     CASE WHEN rolbypassrls THEN 'BYPASSRLS' END,
                                     CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
                                     CASE WHEN rolreplication THEN 'REPLICATION' END) AS powers
             FROM pg_roles WHERE rolname = ANY($1) AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication)
           UNION ALL
           SELECT member.rolname, 'membership of ' || granted.rolname
             FROM pg_auth_members JOIN pg_roles member ON member.oid = pg_auth_members.member
                                  JOIN pg_roles granted ON granted.oid = pg_auth_members.roleid
            WHERE member.rolname = ANY($1)""",
        list(ROLES),
    )
    if unsafe:
        powers = "; ".join(f"{row['rolname']} has {row['powers']}" for row in unsafe)
        raise UnsafeRole(f"These database roles could see past row security, take that from them first: {powers}.")


async def _keep_database(admin: "asyncpg.Connection[asyncpg.Record]", database: str) -> None:
    owner = await admin.fetchval("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1", database)
    name = _quoted(database)
    if owner is None:
        builtin = admin.get_server_version().major >= 17
        locale = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'" if builtin else "LOCALE 'C.UTF-8'"
        try:
            await admin.execute(
                f"CREATE DATABASE {name} OWNER {OWNER_ROLE} TEMPLATE template0 ENCODING 'UTF8' {locale}"
            )
        except asyncpg.DuplicateDatabaseError:
            return  # another node was first
    elif owner != OWNER_ROLE:
        await admin.execute(f"ALTER DATABASE {name} OWNER TO {OWNER_ROLE}")


async def _keep_schema(admin: "asyncpg.Connection[asyncpg.Record]", database: str) -> None:
    """What the three may do before any table: connect, and look names up. The app's COPY goes to a temporary table."""
    name = _quoted(database)
    await admin.execute(
        f"""REVOKE ALL ON DATABASE {name} FROM PUBLIC;
            GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {APP_ROLE};
            GRANT CONNECT ON DATABASE {name} TO {RELAY_ROLE};
            CREATE EXTENSION IF NOT EXISTS btree_gist;
            ALTER SCHEMA public OWNER TO {OWNER_ROLE};
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            GRANT USAGE ON SCHEMA public TO {APP_ROLE}, {RELAY_ROLE}"""
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def scram_verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (RFC 5803): given ready-made, the password stays out of its statement log."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ROUNDS)
    client_key, server_key = (hmac.digest(salted, part, "sha256") for part in (b"Client Key", b"Server Key"))
    stored_key = hashlib.sha256(client_key).digest()
    salt64, stored64, server64 = (base64.b64encode(part).decode() for part in (salt, stored_key, server_key))
    return f"SCRAM-SHA-256${_SCRAM_ROUNDS}:{salt64}${stored64}:{server64}"
