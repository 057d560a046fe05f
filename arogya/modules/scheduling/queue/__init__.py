"""The queue of a practitioner at a branch, and their day there. `docs/queue.md` says who is next."""
