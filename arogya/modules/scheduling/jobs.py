"""The jobs of scheduling, each where its subject is; importing them here registers them."""

from arogya.modules.scheduling.holds import lapsing  # noqa: F401 - registers its job
