"""Jobs: the tables of Procrastinate, which the worker empties and the application only adds to."""

from typing import Any

from alembic import op
from procrastinate.schema import SchemaManager

from arogya.platform.settings import APP_ROLE, RELAY_ROLE

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ROUTINES = """
    DO $$ DECLARE found regprocedure; BEGIN
        FOR found IN SELECT oid::regprocedure FROM pg_proc WHERE starts_with(proname, 'procrastinate_') LOOP
            EXECUTE 'DROP ROUTINE IF EXISTS ' || found || ' CASCADE';
        END LOOP;
    END $$
"""


def upgrade() -> None:
    """The schema of the installed version, 3.10: a later one brings its own steps, in a migration of its own."""
    script = SchemaManager.get_schema()
    driver: Any = op.get_bind().connection.dbapi_connection
    driver.run_async(lambda connection: connection.execute(script))  # many statements, which SQLAlchemy won't send
    # The worker asks once a second: NOTIFY inside a transaction would make all that defer something wait in line.
    op.execute("DROP TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 ON procrastinate_jobs")
    op.execute(f"GRANT INSERT ON procrastinate_jobs, procrastinate_events TO {APP_ROLE}")
    op.execute(f"GRANT USAGE ON procrastinate_jobs_id_seq, procrastinate_events_id_seq TO {APP_ROLE}")
    tables = "procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers"
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {RELAY_ROLE}")
    op.execute(
        "GRANT USAGE ON procrastinate_jobs_id_seq, procrastinate_events_id_seq, "
        f"procrastinate_periodic_defers_id_seq TO {RELAY_ROLE}"
    )


def downgrade() -> None:
    op.execute(_ROUTINES)
    op.execute(
        "DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers"
    )
    op.execute("DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_status, procrastinate_job_event_type")
