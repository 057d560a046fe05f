"""Schedules: when practitioners see patients, their leave and holidays, and their rooms."""
