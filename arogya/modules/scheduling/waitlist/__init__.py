"""The waitlist: who waits for a place, and the place that is held for the first who fits. `docs/waitlist.md`."""
