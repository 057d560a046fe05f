"""Telling people: one Notification a recipient, raised by reactions, read in the product."""
