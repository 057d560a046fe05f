"""Measures Arogya on this machine: `make bench` prints QUALITY's table and writes bench/results.json."""
