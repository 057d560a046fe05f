"""Scheduling's reactions, each beside what it is about; here they are found."""

from arogya.modules.scheduling.waitlist import reactions as waitlist

__all__ = ["waitlist"]
