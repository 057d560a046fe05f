"""The outside world, each part behind a port that a module declares."""
