"""The doctors' day: schedules, slots, appointments, queue tokens."""
