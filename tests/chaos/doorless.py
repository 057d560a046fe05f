"""`arogya` whose server closes as it would by itself: the control of who waits at the door."""

from arogya import launch
from arogya.cli import app

launch.close_the_door_on_sigterm = lambda: None

if __name__ == "__main__":
    app()
