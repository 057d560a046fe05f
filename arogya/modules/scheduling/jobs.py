"""Scheduling's jobs, each beside what it is about; here they are found."""

from arogya.modules.scheduling.waitlist import jobs as waitlist

__all__ = ["waitlist"]
