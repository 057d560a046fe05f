"""The schema's history. Each step is reversible and says what the old code still needs of it."""
