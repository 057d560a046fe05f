"""What a migration says about a table's safety, in one line each."""

from typing import Any

from alembic import op

from arogya.platform.settings import APP_ROLE, OWNER_ROLE, RELAY_ROLE

TENANT = "organization_id = NULLIF(current_setting('arogya.organization_id', true), '')::uuid"
"""Past the end of a transaction the setting reads '' and not NULL, hence NULLIF."""

PATIENCE_WITH_TRAFFIC = "500ms"
"""How long a migration waits for a table, while all others wait behind it, before it gives way and tries again."""


def secure_tenant_table(table: str, *, rights: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Force row security: the application sees its tenant's rows, the owner all (for migrations and dumps)."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} TO {APP_ROLE} USING ({TENANT}) WITH CHECK ({TENANT})")
    op.execute(f"CREATE POLICY owner ON {table} TO {OWNER_ROLE} USING (true) WITH CHECK (true)")
    op.execute(f"GRANT {rights} ON {table} TO {APP_ROLE}")


def open_platform_table(table: str, *, rights: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """A table of no tenant: grants, no policies."""
    op.execute(f"GRANT {rights} ON {table} TO {APP_ROLE}")


def open_to_relay(table: str, *, rights: str) -> None:
    """Let the relay see all tenants' rows of this one table."""
    op.execute(f"CREATE POLICY relay ON {table} TO {RELAY_ROLE} USING (true) WITH CHECK (true)")
    op.execute(f"GRANT {rights} ON {table} TO {RELAY_ROLE}")


def add_index_beside_traffic(name: str, table: str, columns: list[Any], **options: Any) -> None:
    """On a table that grows; it is read and written meanwhile. In a migration of its own: it ends the transaction."""
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")  # it waits for those who are inside, and nobody waits for it
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # what a try that was broken off has left
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)
        op.execute(f"SET lock_timeout = '{PATIENCE_WITH_TRAFFIC}'")
