"""Journeys: a real browser against the built wheel, its own database and the demo's people.

One hospital a worker, started as people start it (`arogya demo`) from the unpacked wheel: what is tested is what is
shipped. `person("reception")` opens the desk of one who is signed in. Journeys share the hospital: each works with
patients that it makes or doctors that it names.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "arogya-demo"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1366, "height": 768}
BOARD = {"width": 1920, "height": 1080}
Device = Callable[..., BrowserContext]
READY_WITHIN_S = 120
PATIENCE_MS = 20_000
"""Half of a small machine runs other tests meanwhile. What must be quick is measured by the journey itself."""
expect.set_options(timeout=PATIENCE_MS)
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]  # fmt: skip

NOTE_PRINTING = "window.print = () => { window.top.wasPrinted = true }"
"""A browser without a screen has no printer either: it would crash where a person meets the print dialog."""


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    pytest.fail("Journeys need Chromium: apt-get install chromium")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """One started program."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newest built wheel, unpacked: the package that users get, not the checkout."""
    built = sorted((ROOT / "dist").glob("arogya-*.whl"), key=lambda path: path.stat().st_mtime)
    assert built, "build the wheel first: make wheel"
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(built[-1]) as archive:
        archive.extractall(folder)
    assert (folder / "arogya/_web/index.html").exists(), "the wheel carries no client"
    return folder


def start(wheel: Path, folder: Path, command: list[str], **environment: str) -> Running:
    """Start `arogya …` from the wheel in an empty folder and wait until it answers."""
    port = free_port()
    log = folder / "arogya.log"
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AROGYA_", "DATABASE_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "arogya", *command],
        cwd=folder, stdout=log.open("wb"), stderr=subprocess.STDOUT,
        env=clean | {"PYTHONPATH": str(wheel), "PORT": str(port), "AROGYA_DATA_DIR": str(folder / "var")} | environment,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"arogya stopped at its start:\n{log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):
                return Running(url, process, log)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    process.kill()
    pytest.fail(f"arogya did not answer within {READY_WITHIN_S} s:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def hospital(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(wheel, tmp_path_factory.mktemp("hospital"), ["demo"])
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a file. No longer: Playwright's loop counts as running, and no other test could run its own."""
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        yield chrome
        chrome.close()


def open_device(
    browser: Browser, url: str, *, size: dict[str, int] | None = None, language: str = "en", **options: Any
) -> BrowserContext:
    """A browser of its own, of somebody who has not signed in; a desk's unless `size` says otherwise."""
    size = size or DESK
    context = browser.new_context(
        base_url=url, viewport=size, locale=f"{language}-IN", timezone_id="Asia/Kolkata", has_touch=size == PHONE,  # type: ignore[arg-type]
        reduced_motion="reduce", **options,
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    return context


@pytest.fixture
def device(browser: Browser) -> Iterator[Device]:
    """`device(url, …)`, as open_device; closed when the test is over."""
    with ExitStack() as opened:

        def open_one(url: str, **options: Any) -> BrowserContext:
            context = open_device(browser, url, **options)
            opened.callback(context.close)
            return context

        yield open_one


@pytest.fixture
def person(device: Device, hospital: Running) -> Callable[..., Page]:
    """`person("reception")`: a browser of its own, signed in but on no page yet; phone=True for a phone."""

    def open_for(username: str, *, phone: bool = False) -> Page:
        context = device(hospital.url, size=PHONE if phone else DESK)
        context.add_init_script(NOTE_PRINTING)
        sign_in(context, username)
        return context.new_page()

    return open_for


@pytest.fixture
def stranger(device: Device, hospital: Running) -> Callable[[], Page]:
    """A desk's browser in which nobody signed in yet."""
    return lambda: device(hospital.url).new_page()


@pytest.fixture
def phone(device: Device, hospital: Running) -> Callable[[str], Page]:
    """`phone("hi")`: a phone in that language, of somebody who has not signed in."""
    return lambda language: device(hospital.url, size=PHONE, language=language).new_page()


_spare_numbers = count(5_000)


def spare_phone() -> str:
    """A number that nobody has: the demo's people have none between 3,000 and 9,999 of its block."""
    return f"90000{next(_spare_numbers):05}"


def sign_in(context: BrowserContext, username: str) -> None:
    """Sign this browser in. Without the page, whose own journeys are in test_admin, test_letters and test_setup."""
    answer = context.request.post("/api/auth/login", data={"username": username, "password": PASSWORD})
    assert answer.status == 200, answer.text()


def headers(page: Page, username: str = "reception") -> dict[str, str]:
    """Of a second sign-in, to look at what the screen did or to prepare what it is to show."""
    body = {"username": username, "password": PASSWORD, "client": "api"}
    token = page.request.post("/api/auth/login", data=body).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}
