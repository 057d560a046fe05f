"""`python -m bench.phone`: how soon a cheap phone on slow 4G can use the patient's pages.

As Lighthouse's mobile preset has it: 1.6 Mbit/s down, 0.75 up, 150 ms there and back, a processor four times slower, an
empty cache. Usable: the first field or button of the page takes what is typed or tapped, and the main thread has been
idle once since. The built client is served by the demo, as people get it.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench import results
from bench.__main__ import PORT, wait_for
from tests.journeys.conftest import CHROMIUM_FLAGS, PHONE, chromium

BAR_S = 2.5
RUNS = 5
_SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
_USABLE = """() => {
  const fields = [...document.querySelectorAll('input, button, a[href]')]
  if (!window.usableAt && fields.some((one) => one.checkVisibility() && !one.disabled)) {
    window.usableAt = -1
    requestIdleCallback(() => { window.usableAt = performance.now() })
  }
  return window.usableAt > 0 && window.usableAt
}"""


def usable_after_s(browser: Browser, url: str) -> float:
    context = browser.new_context(viewport=PHONE, locale="hi-IN", has_touch=True)  # type: ignore[arg-type]
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", _SLOW_4G)
    line.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(url, wait_until="commit")
    found = page.wait_for_function(_USABLE, polling=20, timeout=60_000).json_value()
    context.close()
    return float(found) / 1000


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench.phone")
    asked.add_argument("--path", default="/my", help="Which page to open.")
    path = asked.parse_args().path
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        env = os.environ | {"AROGYA_DATA_DIR": str(Path(name) / "var"), "PORT": str(PORT)}
        server = subprocess.Popen([sys.executable, "-m", "arogya", "demo"], env=env, stdout=subprocess.DEVNULL)
        try:
            wait_for("/readyz")
            chrome = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
            taken = [usable_after_s(chrome, f"http://127.0.0.1:{PORT}{path}") for _ in range(RUNS)]
            chrome.close()
        finally:
            server.terminate()
            server.wait(30)
    median = statistics.median(taken)
    print(f"usable after {', '.join(f'{one:.2f}' for one in taken)} s; median {median:.2f} (bar {BAR_S})")
    results.keep({"phone_usable_s": round(median, 2)})
    return 0 if median <= BAR_S else 1


if __name__ == "__main__":
    sys.exit(main())
