"""The demo: a plainly fictitious network with two branches, and a second hospital apart from it.

Who, what and when is decided first (people, diary, till), by chance that the date seeds; then it is gathered as rows
(founding, registry, ledger, trail) and written in one transaction. `sessions` keeps it alive at any hour; `today` stops
the queues half way. The names and places are those of the screens' pictures.
"""

from arogya.demo.filling import SIGN_INS, NotEmpty, display_path, fill, is_filled, is_needed

__all__ = ["SIGN_INS", "NotEmpty", "display_path", "fill", "is_filled", "is_needed"]
