"""Everybody who is employed, clinical or not."""
