"""Takes the pictures of docs/screens from a running demo: `make run`, then `make screens` (URL=… if elsewhere)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.conftest import CHROMIUM_FLAGS, DESK, PHONE, ROOT, chromium, sign_in

FOLDER = ROOT / "docs/screens"
SCREENS = [
    ("desk", "reception", "/desk", DESK),
    ("schedule", "reception", "/schedule", DESK),
    ("queue", "doctor", "/queue", DESK),
    ("nurse", "nurse", "/nurse", DESK),
    ("patients", "reception", "/patients", DESK),
    ("overview", "admin", "/overview", DESK),
    ("setup", "admin", "/setup", DESK),
    ("audit", "privacy", "/audit", DESK),
    ("hospitals", "superadmin", "/hospitals", DESK),
    ("phone-home", "patient", "/my/home", PHONE),
    ("phone-book", "patient", "/my/book", PHONE),
    ("phone-visits", "patient", "/my/visits", PHONE),
]


@contextmanager
def signed_in(browser: Browser, url: str, who: str, size: dict[str, int]) -> Iterator[Page]:
    context = browser.new_context(base_url=url, viewport=size, locale="en-IN", timezone_id="Asia/Kolkata")  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, who)
    yield page
    context.close()


def main(url: str) -> None:
    """url: where the demo runs."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        for name, who, path, size in SCREENS:
            with signed_in(browser, url, who, size) as page:
                page.wait_for_timeout(1500)
                page.goto(path)
                page.wait_for_timeout(4000)
                page.screenshot(path=FOLDER / f"{name}.png")
                print(Path(FOLDER / f"{name}.png").relative_to(ROOT))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
