"""`python -m arogya`."""

from arogya.cli import app

if __name__ == "__main__":  # a spawned server process imports this file again
    app()
