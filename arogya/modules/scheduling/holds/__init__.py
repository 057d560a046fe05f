"""Holds: a place kept for five minutes while a person fills the form."""
