"""`arogya` with its data on a disk of a few megabytes, which only it and its children see.

The small disk lies in memory, in a mount namespace of this process's own; where the user is not root, in a user
namespace as well. Others look at it through /proc/<pid>/root.
"""

import ctypes
import os
import shutil
from pathlib import Path

_NEW_MOUNTS, _NEW_USERS = 0x20000, 0x10000000
_MOVE, _PRIVATE = 0x2000, 0x4000 | 0x40000
_libc = ctypes.CDLL(None, use_errno=True)


def _checked(answer: int) -> None:
    if answer:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def unshare() -> None:
    """Raises OSError where the system does not let this user."""
    user, group = os.geteuid(), os.getegid()
    _checked(_libc.unshare(_NEW_MOUNTS if user == 0 else _NEW_MOUNTS | _NEW_USERS))
    if user != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _checked(_libc.mount(b"none", b"/", None, _PRIVATE, None))


def move_onto(data_dir: Path, megabytes: int) -> None:
    small = data_dir.with_name("small")
    small.mkdir(exist_ok=True)
    _checked(_libc.mount(b"tmpfs", bytes(small), b"tmpfs", 0, f"size={megabytes}m,mode=0700".encode()))
    shutil.copytree(data_dir, small, dirs_exist_ok=True)
    _checked(_libc.mount(bytes(small), bytes(data_dir), None, _MOVE, None))


def is_possible() -> bool:
    """Tried in a child: what one has left one can't enter again."""
    child = os.fork()
    if child == 0:
        try:
            unshare()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


if __name__ == "__main__":
    unshare()
    move_onto(Path(os.environ["AROGYA_DATA_DIR"]), int(os.environ["SMALL_DISK_MB"]))
    from tests.chaos.unguarded import app

    app()
