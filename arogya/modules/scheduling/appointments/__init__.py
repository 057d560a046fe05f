"""Appointments: booking a place, moving it, what happens to it on the day, and reading it."""
