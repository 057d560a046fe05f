"""The jobs of scheduling, each where its subject is; importing them here registers them."""

from arogya.modules.scheduling import no_shows  # noqa: F401 - registers its job
from arogya.modules.scheduling.holds import lapsing  # noqa: F401 - the same
from arogya.modules.scheduling.waitlist import jobs  # noqa: F401 - the same
