"""The application for a server process of its own, on the tests' clock: `granian tests.modules.scheduling.served:app`.

The database and the keys come from the environment, as in life.
"""

from arogya.app import create_app
from arogya.platform.clock import FixedClock
from tests.conftest import NOW

app = create_app(clock=FixedClock(NOW))
