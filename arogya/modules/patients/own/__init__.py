"""How patients come to their own records: claiming, the slip's one-time pass, the family, what the desk sees of it."""
