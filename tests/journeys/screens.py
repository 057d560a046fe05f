"""Takes the pictures of docs/screens, every page of the list, and writes their index.

`make screens` starts a demo of its own, so that a fresh clone gives the same pictures; `make screens URL=…` uses one
that runs. The sizes are fixed; the date and the hour are those of the day on which they are taken.
"""

import io
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.conftest import (
    CHROMIUM_FLAGS,
    PHONE,
    ROOT,
    chromium,
    open_device,
    start,
)
from tests.journeys.pages import GROUPS, SCREENS, Screen, enter, settle, show, speak

FOLDER = ROOT / "docs/screens"
LOOKS = {"": "", "dark": "dark", "hi": "in Hindi", "360": "360 px wide"}
IN_A_ROW = 3


def file_of(screen: Screen, look: str) -> str:
    return f"{screen.name}-{look}.png" if look else f"{screen.name}.png"


@contextmanager
def visitor(browser: Browser, url: str, screen: Screen, look: str) -> Iterator[Page]:
    """A browser as this look wants it, with whoever opens the screen signed in."""
    size = PHONE if look == "360" else screen.viewport
    context = open_device(
        browser, url, size=size, color_scheme="dark" if look == "dark" else "light",
        permissions=["camera"],
    )  # fmt: skip
    page = enter(context, screen)
    if look == "hi":
        speak(page, "hi")
    settle(page)
    yield page
    context.close()


def picture(page: Page) -> bytes:
    """As a PNG of 256 colours, rare ones kept: pages have few, and the repository keeps every picture for ever."""
    page.evaluate("() => document.fonts.ready")
    taken = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    file = io.BytesIO()
    taken.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def take(browser: Browser, url: str, folder: Path, wanted: Iterable[tuple[Screen, str]]) -> None:
    """All that one person opens in one look with one sign-in."""

    def kind(one: tuple[Screen, str]) -> tuple[str, str, str]:
        screen, look = one
        return look, screen.who or "", str(screen.viewport)

    for (look, _, _), same in groupby(sorted(wanted, key=kind), key=kind):
        screens = [screen for screen, _ in same]
        with visitor(browser, url, screens[0], look) as page:
            for screen in screens:
                show(page, screen)
                (folder / file_of(screen, look)).write_bytes(picture(page))
                print(file_of(screen, look), flush=True)


def index() -> str:
    lines = ["# The screens", "", "Every page of Arogya's client, made by `make screens` from the demo hospital.", ""]
    for title, screens in GROUPS.items():
        cells = [
            f'<td width="33%" valign="top"><a href="{file}"><img src="{file}" alt="{said}"></a><br>{said}</td>'
            for screen in screens
            for look in ("", *screen.looks)
            for file, said in [(file_of(screen, look), ", ".join(filter(None, (screen.title, LOOKS[look]))))]
        ]
        rows = [cells[at : at + IN_A_ROW] for at in range(0, len(cells), IN_A_ROW)]
        lines += [f"## {title}", "", "<table>", *(f"<tr>{''.join(row)}</tr>" for row in rows), "</table>", ""]
    return "\n".join(lines)


@contextmanager
def demo(url: str | None) -> Iterator[str]:
    """The demo at this address, else one of our own, from the checkout."""
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        running = start(ROOT, Path(folder), ["demo"])
        try:
            yield running.url
        finally:
            running.stop()


def main(url: str | None) -> None:
    FOLDER.mkdir(exist_ok=True)
    wanted = [(screen, look) for screen in SCREENS for look in ("", *screen.looks)]
    with demo(url) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        take(browser, address, FOLDER, wanted)
        browser.close()
    for file in set(FOLDER.glob("*.png")) - {FOLDER / file_of(screen, look) for screen, look in wanted}:
        file.unlink()
    (FOLDER / "README.md").write_text(index())


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
