"""Who PostgreSQL runs as. It refuses root, so root hides behind a user namespace or becomes a service user."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from arogya.platform.postgres.binaries import PostgresUnavailable

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
# initdb wants a name for its user: nobody has one everywhere.
_NOBODY = 65534
_SERVICE_USERS = ("arogya", "postgres", "nobody")
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Identity:
    """How a child process lets go of root, and which uid then owns the data on disk."""

    owner_uid: int
    owner_gid: int
    let_go_of_root: Callable[[], None]

    def own(self, folder: Path) -> None:
        """Give the tree to the user that PostgreSQL will run as; the folder itself last, as the mark of a whole job."""
        if folder.stat().st_uid == self.owner_uid:
            return
        for path in (*folder.rglob("*"), folder):
            os.chown(path, self.owner_uid, self.owner_gid, follow_symlinks=False)

    def may_enter(self, folder: Path) -> None:
        """Let a service user pass through our own data folder; it can't list it, and the secrets in it stay ours."""
        if self.owner_uid != os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o011)


def identity_for(data: Path) -> Identity:
    """Ourselves; as root the data's owner, else a user namespace, else a service user."""
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid(), lambda: None)
    owner = data.stat() if data.exists() else None
    if owner and owner.st_uid != 0:
        return _become(owner.st_uid, owner.st_gid)
    if user_namespaces_work():
        return Identity(0, 0, _enter_user_namespace)
    for name in _SERVICE_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return _become(entry.pw_uid, entry.pw_gid)
    raise PostgresUnavailable(
        "PostgreSQL refuses to run as root, and this system has neither user namespaces nor a user named arogya: "
        "start Arogya as an ordinary user."
    )


def _become(uid: int, gid: int) -> Identity:
    def let_go() -> None:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)

    return Identity(uid, gid, let_go)


def _enter_user_namespace() -> None:
    """Be nobody inside, still root to the file system outside: no new user, no chmod."""
    assert _libc is not None
    if _libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_NOBODY} 0 1")
    Path("/proc/self/gid_map").write_text(f"{_NOBODY} 0 1")


@lru_cache
def user_namespaces_work() -> bool:
    """Containers often refuse them; the only way to know is to try."""
    if _libc is None:
        return False
    try:
        # The child only makes system calls before exec, so other threads' locks can't hold it up.
        subprocess.run(["/bin/true"], preexec_fn=_enter_user_namespace, check=True)
    except (subprocess.SubprocessError, OSError):
        return False
    return True


def stop_with_parent(stop_signal: signal.Signals, parent_pid: int | None = None) -> Callable[[], None]:
    """For a child to call, after fork: the kernel sends it `stop_signal` when the thread that started it ends.

    That holds for kill -9 too. It only makes system calls, so no lock of another thread can hold it up.
    """
    parent = parent_pid or os.getpid()

    def ask_the_kernel() -> None:
        if _libc is None:
            return
        _libc.prctl(_PR_SET_PDEATHSIG, stop_signal, 0, 0, 0)
        if os.getppid() != parent:  # gone before we asked
            os._exit(1)

    return ask_the_kernel
