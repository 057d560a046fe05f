"""Fixtures that other modules' tests have too."""

from tests.modules.scheduling.conftest import fifty_connections

__all__ = ["fifty_connections"]
