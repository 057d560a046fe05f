"""The embedded PostgreSQL: its programs, the user that they run as, and the supervisor."""

from arogya.platform.postgres.binaries import PostgresUnavailable, find_binaries, run_binary
from arogya.platform.postgres.server import EmbeddedPostgres, serving

__all__ = ["EmbeddedPostgres", "PostgresUnavailable", "find_binaries", "run_binary", "serving"]
