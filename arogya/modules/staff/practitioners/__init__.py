"""Clinicians who see patients: added, edited, linked to a user, deactivated."""
