"""The OPD register: who came on a day, in the order in which they came, and who was awaited in vain."""
