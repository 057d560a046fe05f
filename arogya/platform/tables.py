"""What a migration says about a table's safety, in one line each."""

from alembic import op

from arogya.platform.settings import APP_ROLE, OWNER_ROLE, RELAY_ROLE

TENANT = "organization_id = NULLIF(current_setting('arogya.organization_id', true), '')::uuid"
"""Past the end of a transaction the setting reads '' and not NULL, hence NULLIF."""


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
