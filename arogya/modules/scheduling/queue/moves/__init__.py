"""Moving a queue to a colleague: new numbers there, the old ones closed as moved. `docs/queue.md` has the order."""
