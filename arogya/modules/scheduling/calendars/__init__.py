"""Visits in people's own calendars: a file for one visit, and a private feed that calendar programs ask.

A calendar lies outside the hospital, often with a company far away. So an entry says when, where and with whom, and
nothing else: no reason, no note, no specialty, and of a patient the initials alone.
"""
