"""Paper: a typst template and its facts become a PDF.

A template is `modules/<module>/print/<name>.typ`, asked for as "<module>/<name>"; it may import its neighbours and
`/paper.typ`, which lies beside this file. Facts reach it as JSON and never as source, so what a person is called can't
become markup.
"""

import asyncio
import json
import re
import threading
import unicodedata
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType

import typst

from arogya.platform.errors import Unavailable

TIME_LIMIT_S = 10.0
"""How long a caller waits. Typst can't be interrupted: MAX_FACTS_BYTES is what keeps a thread from running on."""
MAX_FACTS_BYTES = 250_000

_SHARED = Path(__file__).parent / "print"
_MODULES = Path(__file__).parent.parent / "modules"
_TURNS_THE_LINE = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_NEEDED_FONTS = {"Noto Sans", "Noto Sans Devanagari"}

# Two: typst uses all cores by itself, more would only take them from those who wait for a page.
_presses = ThreadPoolExecutor(max_workers=2, thread_name_prefix="press")
_own = threading.local()


class UnknownTemplate(LookupError):
    """No such template: a slip of the caller's, not of the user's."""


class BrokenTemplate(RuntimeError):
    """The template did not compile with these facts."""


class TooMuchToPrint(ValueError):
    """More facts than one document may carry."""


class PrintTookTooLong(Unavailable):
    code, title = "print_took_too_long", "Printing took too long; try again"


async def render(
    template: str, facts: Mapping[str, object], pictures: Mapping[str, bytes] = MappingProxyType({})
) -> bytes:
    """The PDF of `template`. Raises UnknownTemplate, BrokenTemplate, TooMuchToPrint, PrintTookTooLong.

    pictures: SVG, by the name under which the template asks for them; typst's Python takes text only.
    """
    sources, inputs = {**_sources(template), **pictures}, {"facts": _as_json(facts)}
    job = asyncio.get_running_loop().run_in_executor(_presses, _press, template, sources, inputs)
    try:
        async with asyncio.timeout(TIME_LIMIT_S):
            return await job
    except TimeoutError:
        raise PrintTookTooLong from None


def _press(template: str, sources: dict[str, bytes], inputs: dict[str, str]) -> bytes:
    try:
        # Its stubs lag behind its manual: a mapping of sources is taken.
        pdf = _compiler().compile(sources, format="pdf", sys_inputs=inputs)  # type: ignore[type-var]
    except typst.TypstError as error:
        raise BrokenTemplate(f"{template}: {error.diagnostic}") from None
    assert isinstance(pdf, bytes)
    return pdf


def _compiler() -> typst.Compiler:
    """This thread's own: typst refuses a second call while one runs."""
    if not hasattr(_own, "compiler"):
        _own.compiler = typst.Compiler(font_paths=_fonts(), ignore_system_fonts=True, root=_SHARED)
    compiler: typst.Compiler = _own.compiler
    return compiler


@lru_cache
def _sources(template: str) -> dict[str, bytes]:
    if not re.fullmatch(r"[a-z_]+/[a-z0-9-]+", template):
        raise UnknownTemplate(template)
    module, name = template.split("/")
    folder = _MODULES / module / "print"
    if not (folder / f"{name}.typ").is_file():
        raise UnknownTemplate(template)
    sources = {file.name: file.read_bytes() for place in (_SHARED, folder) for file in sorted(place.iterdir())}
    return sources | {"main.typ": sources[f"{name}.typ"]}


@lru_cache
def _fonts() -> typst.Fonts:
    """Every font package that is installed: a script is added by adding its package. The system's are ignored."""
    folders = [family.load().ROOT / "files" for family in entry_points(group="fontpkg.family")]
    # Typst's own come last; they lend their letters to names in Urdu, which would be boxes else.
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)
    if missing := _NEEDED_FONTS - set(fonts.families()):
        raise RuntimeError(f"fonts are not installed: {', '.join(sorted(missing))}")
    return fonts


def _as_json(facts: Mapping[str, object]) -> str:
    text = json.dumps(_printable(dict(facts)), ensure_ascii=False, allow_nan=False)
    if len(text.encode()) > MAX_FACTS_BYTES:
        raise TooMuchToPrint(f"{len(text)} characters of facts for one document")
    return text


def _printable(fact: object) -> object:
    if isinstance(fact, str):
        return _settled(fact)
    if isinstance(fact, Mapping):
        return {key: _printable(value) for key, value in fact.items()}
    if isinstance(fact, list | tuple):
        return [_printable(value) for value in fact]
    return fact


def _settled(text: str) -> str:
    """Without what has no ink or turns the line around; words written right to left keep to themselves."""
    if text.isascii() and text.isprintable():
        return text
    kept = "".join(_inked(character) for character in text)
    if any(unicodedata.bidirectional(character) in {"R", "AL", "AN"} for character in kept):
        return f"\u2068{kept}\u2069"
    return kept


def _inked(character: str) -> str:
    if unicodedata.bidirectional(character) in _TURNS_THE_LINE:
        return ""
    return " " if unicodedata.category(character) in {"Cc", "Cs"} and character != "\n" else character
