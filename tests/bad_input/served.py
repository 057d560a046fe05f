"""The application as `arogya serve` runs it, on the tests' database and at the tests' time."""

from typing import Any

from arogya.app import create_app
from arogya.launch import _http_server
from arogya.platform.clock import FixedClock
from arogya.platform.settings import settings
from tests.conftest import NOW


def load() -> Any:
    return create_app(settings(), FixedClock(NOW))


if __name__ == "__main__":
    _http_server(settings(), None).serve(target_loader=load, wrap_loader=False)
