from tests.test_canary import marked  # noqa: F401 - a hospital with one of everything, and its ids
