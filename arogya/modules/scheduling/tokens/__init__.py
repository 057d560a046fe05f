"""Queue tokens: the number of a visit and its place in the order. Below the appointments, which are given them."""
