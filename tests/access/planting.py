"""Plants one fault at a time and sees whether a test notices.

The package is patched as text, never the checkout's: the patched source is compiled, and in a process of its own (a
fork of one that has the database and the application ready) the functions that came out different get the new code.
"""

import ast
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import arogya

PACKAGE = Path(arogya.__file__).parent
LONGEST_S = 300
"""A fault may let a test wait for ever; that is noticed too."""
KILLED, SURVIVED, BROKEN = 1, 0, 3


class NotPlanted(RuntimeError):
    """The fault has no place: the text is not there, or it changes no function."""


@dataclass(frozen=True)
class Fault:
    """name: what is planted. plant: does it, in this process. killers: tests that must fail; where it says none, those
    that run the functions `where` (file and qualified names)."""

    name: str
    family: str
    plant: Callable[[], None] = field(compare=False)
    killers: tuple[str, ...] = ()
    where: frozenset[tuple[str, str]] = frozenset()
    database: tuple[str, ...] = ()
    """Statements for a copy of the database, in which the tests then run."""


@cache
def source_of(file: str) -> str:
    return (PACKAGE / file).read_text()


def _codes(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _codes(one)


def _does(code: CodeType) -> tuple[Any, ...]:
    """What the function does, whatever lines it stands on; what stands within it is compared by itself."""
    told = tuple(one.co_qualname if isinstance(one, CodeType) else repr(one) for one in code.co_consts)
    return code.co_code, told, code.co_names, code.co_varnames, code.co_freevars


def changed(file: str, patched: str) -> dict[str, CodeType]:
    """The functions that the patch changes, by qualified name."""
    path = str(PACKAGE / file)
    before = {one.co_qualname: one for one in _codes(compile(source_of(file), path, "exec"))}
    after = {one.co_qualname: one for one in _codes(compile(patched, path, "exec"))}
    found = {name: one for name, one in after.items() if name in before and _does(before[name]) != _does(one)}
    if not found:
        raise NotPlanted(f"{file}: no function comes out different")
    return found


def swap(file: str, patched: str) -> None:
    """Give every live function of this file the patched code."""
    path, new = str(PACKAGE / file), changed(file, patched)
    planted = 0
    gc.unfreeze()  # a server that started in a test has put everything beyond the collector's sight
    for one in gc.get_objects():
        # not isinstance, which asks a proxy for what may be gone
        if type(one) is FunctionType and one.__code__.co_filename == path:
            code = new.get(one.__code__.co_qualname)
            if code is not None and len(code.co_freevars) == len(one.__code__.co_freevars):
                one.__code__ = code
                planted += 1
    if not planted:
        raise NotPlanted(f"{file}: {sorted(new)} are nowhere alive")


def text_fault(family: str, file: str, old: str, new: str, *killers: str, name: str = "") -> Fault:
    """Another text in the place of one that stands exactly once."""
    source = source_of(file)
    if source.count(old) != 1:
        raise NotPlanted(f"{file}: {old!r} stands {source.count(old)} times")
    patched = source.replace(old, new)
    where = frozenset((file, one) for one in changed(file, patched))
    said = name or f"{file}: {' '.join(old.split())} → {' '.join(new.split()) or '(nothing)'}"
    return Fault(said, family, lambda: swap(file, patched), killers, where)


# Guards that are found by themselves: each call of these, wherever in the modules.
STATEMENTS = frozenset({
    "require", "require_everywhere", "require_reach", "refuse_unreachable", "refuse_beyond", "refuse_unless_ours",
    "check_version", "refuse_cross_site", "refuse_blocked", "refuse_guessing", "known_here", "refuse_weak",
    "refuse_weak_pin", "count_try", "count_guess", "count_failure",
})  # fmt: skip
"""Refuse by themselves: left out."""
ANSWERS = {
    "is_own_only": "False", "own_only": "False", "sees_own_only": "False", "may": "True", "facilities": "None",
    "compare_digest": "True",
}  # fmt: skip
"""Answer a question about who asks: always the generous answer."""
NARROWING = frozenset({"narrowed", "visible"})
"""Give back the query with less in it: the whole of it."""
_OF_WHOM = frozenset({"ctx", "inside", "acting", "actor", "reach", "hmac", "secrets", "self"})


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name) if name in STATEMENTS:
            return name
        case ast.Attribute(value=ast.Name(id=of), attr=name) if of in _OF_WHOM:
            return name
    return ""


def found_guards(file: str) -> Iterator[Fault]:
    """One fault for each guard call of this file."""
    source = source_of(file)
    tree = ast.parse(source)
    inside = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    seen = set()
    for function in inside:
        for node in ast.walk(function):
            place: ast.expr | None = None
            new = ""
            if isinstance(node, ast.Expr):
                call = node.value.value if isinstance(node.value, ast.Await) else node.value
                if isinstance(call, ast.Call) and _called(call) in STATEMENTS:
                    place, new = node.value, "None"
            elif isinstance(node, ast.Call) and _called(node) in ANSWERS:
                place, new = node, ANSWERS[_called(node)]
            elif isinstance(node, ast.Await) and isinstance(node.value, ast.Call) and _called(node.value) in NARROWING:
                place, new = node, ast.get_source_segment(source, node.value.args[1]) or ""
            elif isinstance(node, ast.Call) and _called(node) in NARROWING and _called(node) == "visible":
                place, new = node, ast.get_source_segment(source, node.args[1]) or ""
            if place is None or (place.lineno, place.col_offset) in seen:
                continue
            seen.add((place.lineno, place.col_offset))
            old = ast.get_source_segment(source, place) or ""
            patched = _put(source, place, new)
            try:
                where = frozenset((file, one) for one in changed(file, patched))
            except NotPlanted:
                continue
            said = f"{file}:{place.lineno} {' '.join(old.split())} → {' '.join(new.split())}"
            yield Fault(said, "scope", _swapping(file, patched), (), where)


def _swapping(file: str, patched: str) -> Callable[[], None]:
    return lambda: swap(file, patched)


def _put(source: str, node: ast.expr, new: str) -> str:
    """The source with this expression replaced."""
    lines = source.encode().split(b"\n")
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    head, tail = lines[node.lineno - 1][: node.col_offset], lines[node.end_lineno - 1][node.end_col_offset :]
    lines[node.lineno - 1 : node.end_lineno] = [head + b"(" + new.encode() + b")" + tail]
    return b"\n".join(lines).decode()


def in_a_fork(work: Callable[[], int], longest_s: int = LONGEST_S) -> int:
    """What the work answers in a process of its own; KILLED where it hangs."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        status = BROKEN
        try:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            status = work()
        finally:
            os._exit(status)
    until = time.monotonic() + longest_s
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return KILLED


class Watching:
    """Which of the package's functions run meanwhile."""

    def __init__(self) -> None:
        self.ran: set[tuple[str, str]] = set()
        self._prefix = str(PACKAGE) + os.sep

    def _heard(self, frame: Any, _event: str, _: Any) -> None:
        """Of each call; none of its lines is wanted."""
        code = frame.f_code
        if code.co_filename.startswith(self._prefix):
            self.ran.add((code.co_filename[len(self._prefix) :], code.co_qualname))

    def __enter__(self) -> "Watching":
        sys.settrace(self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
