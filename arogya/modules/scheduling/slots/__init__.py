"""Slots: what is free and what is taken, computed from schedules, leave, visits and holds; nothing is stored."""
