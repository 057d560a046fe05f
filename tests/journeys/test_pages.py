"""The list of pages has every page: one that is added to the client and not to the list is not looked at by anybody."""

import re
from collections import Counter

import pytest

from tests.journeys.pages import AREAS, SCREENS, WITH_A_FORM
from tests.journeys.words import SRC

LISTED = {screen.path for screen in SCREENS}


def paths_in(file: str) -> list[str]:
    return re.findall(r"\{ path: '([^']+)'", (SRC / file).read_text())


def test_every_staff_page_is_in_the_list() -> None:
    paths = paths_in("app/staff/pages.ts")
    assert len(paths) > 15
    assert set(paths) - LISTED == set()


def test_every_page_of_the_patient_is_in_the_list() -> None:
    of_newcomers = re.findall(r"here === '(/\w+)'", (SRC / "app/patient/main.tsx").read_text())
    paths = [f"/my{path}" for path in paths_in("app/patient/pages.ts") + of_newcomers]
    assert len(paths) > 9
    assert "/my/register" in paths
    assert set(paths) - LISTED == set()


def test_every_letters_link_and_every_entry_is_in_the_list() -> None:
    [named] = re.findall(r"const pages = \[(.+?)\]", (SRC / "features/identity/proofs/linkInAddress.ts").read_text())
    links = {f"/{page}" for page in re.findall(r"'([\w-]+)'", named)}
    assert len(links) >= 3
    assert (links | {"/", "/my", "/display"}) - LISTED == set()


def test_every_area_of_the_set_up_is_in_the_list() -> None:
    assert {"facilities", "hospital"} <= set(AREAS)
    assert set(WITH_A_FORM) <= set(AREAS)
    shown = (SRC / "app/staff/pages/Setup.tsx").read_text()
    assert len(AREAS) == len(re.findall(r"\bshow: \(", shown)) - shown.count("show: (place: DirectoryProps) => React")


def test_every_page_before_signing_in_is_in_the_list() -> None:
    drawn = {file.stem for file in SRC.glob("**/*.tsx") if re.search(r"<Gate\b", file.read_text())}
    assert {"SignIn", "FirstSetup"} <= drawn
    assert drawn - {screen.gate for screen in SCREENS} == set()


def test_pictures_have_names_of_their_own() -> None:
    names = Counter(screen.name for screen in SCREENS)
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("gone", ["/desk", "/patients/$id/merge/$other"])
def test_a_page_that_is_not_in_the_list_is_found(gone: str) -> None:
    assert set(paths_in("app/staff/pages.ts")) - (LISTED - {gone}) == {gone}
