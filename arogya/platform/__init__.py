"""What every module stands on: access, database, web, events, audit. Knows no hospital word."""
