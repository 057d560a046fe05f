"""Alembic's entry: runs the migrations as the owner role on the connection that `platform.migrate` opened."""

from alembic import context

from arogya.platform.base import metadata
from arogya.platform.migrate import is_ours
from arogya.platform.modules import load_tables

load_tables()

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, compare_type=True, include_name=is_ours,
    transaction_per_migration=True,
)  # fmt: skip
with context.begin_transaction():
    context.run_migrations()
