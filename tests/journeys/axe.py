"""What a page does to those who can't see it, or see it on a narrow screen."""

from functools import cache

from playwright.sync_api import Page

from tests.journeys.conftest import ROOT


@cache
def _axe() -> str:
    return (ROOT / "web/node_modules/axe-core/axe.min.js").read_text()


def serious(page: Page, *only: str) -> list[str]:
    """axe-core's serious and critical findings: `rule: the first places`. Waits for what is still moving.

    only: the rules to look at, all where none is named.
    """
    page.evaluate(
        """() => Promise.all(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity)
        .map((one) => one.finished.catch(() => undefined)))"""
    )
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())  # not as a script tag: the page's own policy refuses those
    found = page.evaluate(
        """(only) => axe.run({ resultTypes: ['violations'], preload: false, ...(only.length && { runOnly: only }) })""",
        list(only),
    )
    return [
        f"{one['id']}: {', '.join(' '.join(map(str, node['target'])) for node in one['nodes'][:3])}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


def sideways(page: Page) -> int:
    """How many px the page can be scrolled sideways."""
    return int(page.evaluate("() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"))
