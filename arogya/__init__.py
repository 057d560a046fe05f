"""Arogya: a hospital in one Python program."""

__version__ = "0.1.0"
