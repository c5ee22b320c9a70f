"""Every page of every role, for people with impairments (WCAG 2.1 A and AA), on the desk and on a small phone."""

import pytest

from tests.browser.tour import NO_SUCH_PAGE, NOBODY, PAGES

RUN_AXE = """async tags => (await axe.run(document, {runOnly: tags, resultTypes: ['violations']})).violations
    .filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => one.id + ': ' + one.nodes.map(node => node.html.slice(0, 160) + node.failureSummary).join())"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
PHONE, DESK = {"width": 320, "height": 640}, {"width": 1280, "height": 900}  # 320 is also 1280 at 400 %
TARGET = 44  # pixels
SMALL = """least => [...document.querySelectorAll('button, [role=button], summary, select, nav a, input, textarea')]
    .map(one => [one, (one.matches('[type=checkbox], [type=radio]') ? one.closest('label') : one)])
    .filter(([one, target]) => one.checkVisibility() && one.type !== 'hidden' && !one.closest('.skip'))
    .filter(([one, target]) => Math.round(target.getBoundingClientRect().height) < least)
    .map(([one, target]) => `${one.outerHTML.slice(0, 80)} ${target.getBoundingClientRect().height}`)"""
TOO_WIDE = """() => document.documentElement.scrollWidth > innerWidth
    ? [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
        .filter(one => !one.closest('.wide, .overflow-auto, pre, .numbers'))
        .slice(0, 5).map(one => one.outerHTML.slice(0, 80))
    : []"""


@pytest.mark.parametrize("role", PAGES, ids=lambda role: role or "nobody")
def test_no_page_has_a_serious_fault_or_needs_a_wide_screen_or_a_fine_hand(visit, scenery, axe, role):
    visitor = visit(role, viewport=DESK)
    if role == NOBODY:
        scenery.follow(visitor)
    faults = []
    for page in PAGES[role]:
        visitor.open(scenery.path(page)).unfold()
        assert visitor.status == (404 if page == NO_SUCH_PAGE else 200), page
        visitor.page.evaluate(axe)
        found = visitor.page.evaluate(RUN_AXE, TAGS)
        visitor.page.set_viewport_size(PHONE)
        found += visitor.page.evaluate(TOO_WIDE)
        found += visitor.page.evaluate(SMALL, TARGET)
        visitor.page.set_viewport_size(DESK)
        faults += [f"{page}: {fault}" for fault in found]

    assert not faults, "\n".join(faults)
