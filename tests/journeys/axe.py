"""What a page does to those who can't see it, or see it on a narrow screen."""

from functools import cache

from playwright.sync_api import Page

from tests.journeys.conftest import ROOT


@cache
def _axe() -> str:
    return (ROOT / "web/node_modules/axe-core/axe.min.js").read_text()


def serious(page: Page) -> list[str]:
    """axe-core's serious and critical findings: `rule: the first places`. Waits for what is still moving."""
    page.evaluate(
        """() => Promise.all(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity)
        .map((one) => one.finished.catch(() => undefined)))"""
    )
    page.evaluate(_axe())  # not as a script tag: the page's own policy refuses those
    found = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {', '.join(' '.join(map(str, node['target'])) for node in one['nodes'][:3])}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


def sideways(page: Page) -> int:
    """How many px the page can be scrolled sideways."""
    return int(page.evaluate("() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"))
