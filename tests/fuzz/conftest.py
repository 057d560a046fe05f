from tests.modules.identity.conftest import quick_hashing  # noqa: F401 - the real one takes 50 ms a time
from tests.test_canary import marked  # noqa: F401 - a hospital with one of everything, and its ids
