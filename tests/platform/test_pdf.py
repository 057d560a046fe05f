"""The press: templates by name, facts never as source, one thread's limits."""

import asyncio
import io
import re
import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from arogya.platform import pdf
from arogya.platform.errors import Unavailable
from tests.loop import turns_meanwhile

ECHO = '#import "/paper.typ": facts, roll\n#show: roll.with("Echo")\n#facts.name\n\nEND'

MARKUP = [
    "#panic()",
    '#panic("x")',
    "#sys.inputs",
    '#read("paper.typ")',
    "*x*",
    "_x_",
    "$",
    "$x^2$",
    '"',
    "\\",
    '\\u{41}", "name": "Else',
    "@a",
    "<label>",
    "[x]",
    "]#panic()[",
    "`x`",
    "// x",
    "/* x",
    "= x",
    "- x",
    "O'Brien",
    "a--b...c",
    "~",
    "{{7*7}}",
    "%",
]


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module "ward" with one template, "echo"."""
    folder = tmp_path / "ward" / "print"
    folder.mkdir(parents=True)
    (folder / "echo.typ").write_text(ECHO)
    monkeypatch.setattr(pdf, "_MODULES", tmp_path)
    pdf._sources.cache_clear()
    yield folder
    pdf._sources.cache_clear()


def text_of(document: bytes) -> str:
    """As a reader copies it, without the marks that have no ink (pypdf leaves some between joined letters)."""
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages)
    return "".join(mark for mark in text if mark == "\n" or unicodedata.category(mark) not in {"Cc", "Cf"})


async def echoed(name: object) -> str:
    return text_of(await pdf.render("ward/echo", {"language": "en", "name": name}))


@pytest.mark.parametrize("name", MARKUP)
async def test_a_name_is_printed_and_never_run(template: Path, name: str) -> None:
    assert (await echoed(name)).split("\n") == [name, "END"]


async def test_the_control_markup_in_source_does_run(template: Path) -> None:
    (template / "echo.typ").write_text(ECHO.replace("#facts.name", "#panic()"))
    with pytest.raises(pdf.BrokenTemplate, match="ward/echo"):
        await echoed("Asha")


@pytest.mark.parametrize("name", ["प्रद्युम्न", "टोकन", "रमा", "ज़फ़र"])
async def test_hindi_is_printed(template: Path, name: str) -> None:
    assert name in await echoed(name)


ANY_SCRIPT = ["😀", "👩🏽‍⚕️ Asha", "தமிழ்", "عبد الرحمن", "דוד", "日本", "\u200d", "\ufeff", "a\u0301"]


@pytest.mark.parametrize("name", ANY_SCRIPT)
async def test_any_script_leaves_the_page_standing(template: Path, name: str) -> None:
    assert (await echoed(name)).endswith("END")


@pytest.mark.parametrize("name", ["Asha\x00Devi", "Asha\ud800Devi", "Asha\tDevi", "Asha\x1bDevi"])
async def test_what_has_no_ink_is_a_gap(template: Path, name: str) -> None:
    assert (await echoed(name)).split("\n") == ["Asha Devi", "END"]


async def test_a_name_cannot_turn_the_line_around(template: Path) -> None:
    assert (await echoed("Asha\u202egpj.exe\u2069 \u2067Devi")).split("\n")[0] == "Ashagpj.exe Devi"


async def test_a_name_from_right_to_left_keeps_to_itself(template: Path) -> None:
    (template / "echo.typ").write_text(ECHO.replace("#facts.name", "#facts.name 12 mg"))
    # Unisolated, the number would stand on the name's left.
    assert "12 mg" in await echoed("عبد")


async def test_a_word_longer_than_the_paper_breaks(template: Path) -> None:
    lines = (await echoed("A" * 150)).split("\n")
    assert len(lines) > 4
    assert "".join(lines) == "A" * 150 + "END"


async def test_facts_deep_inside_are_cleaned_too(template: Path) -> None:
    (template / "echo.typ").write_text(ECHO.replace("#facts.name", "#facts.name.at(0).first"))
    assert "Asha Devi" in await echoed([{"first": "Asha\x00Devi"}])


NO_TEMPLATES = ["ward/none", "ward/../echo", "echo", "/etc/passwd", "ward/echo.typ", "Ward/echo", "ward/"]


@pytest.mark.parametrize("name", NO_TEMPLATES)
async def test_an_unknown_template_is_refused(template: Path, name: str) -> None:
    with pytest.raises(pdf.UnknownTemplate):
        await pdf.render(name, {"language": "en"})


async def test_a_template_cannot_read_the_disk(template: Path) -> None:
    (template / "echo.typ").write_text(ECHO.replace("#facts.name", '#read("/../pdf.py")'))
    with pytest.raises(pdf.BrokenTemplate):
        await echoed("Asha")


async def test_a_missing_fact_is_a_broken_template_that_names_no_fact(template: Path) -> None:
    with pytest.raises(pdf.BrokenTemplate) as refusal:
        await pdf.render("ward/echo", {"language": "en", "patient": "Asha Devi"})
    assert "Asha" not in str(refusal.value)


async def test_more_facts_than_a_document_may_carry_are_refused(template: Path) -> None:
    await echoed("x" * 1000)
    with pytest.raises(pdf.TooMuchToPrint):
        await echoed("x" * pdf.MAX_FACTS_BYTES)


async def test_the_limit_counts_bytes_not_letters(template: Path) -> None:
    with pytest.raises(pdf.TooMuchToPrint):
        await echoed("र" * (pdf.MAX_FACTS_BYTES // 2))


async def test_a_float_that_json_has_no_word_for_is_refused(template: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        await echoed(float("nan"))


async def test_who_waits_too_long_is_told_and_the_press_goes_on(
    template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    monkeypatch.setattr(pdf, "_press", lambda *_: let_go.wait(5) and b"%PDF-late")
    monkeypatch.setattr(pdf, "TIME_LIMIT_S", 0.05)
    with pytest.raises(pdf.PrintTookTooLong) as refusal:
        await echoed("Asha")
    assert isinstance(refusal.value, Unavailable)
    assert refusal.value.status == 503
    let_go.set()
    monkeypatch.undo()
    monkeypatch.setattr(pdf, "_MODULES", template.parent.parent)
    assert "Asha" in await echoed("Asha")


async def test_no_more_than_two_are_pressed_at_once(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guard, pressing, most = threading.Lock(), 0, 0
    real = pdf._press

    def counted(name: str, sources: dict[str, bytes], inputs: dict[str, str]) -> bytes:
        nonlocal pressing, most
        with guard:
            pressing += 1
            most = max(most, pressing)
        try:
            return real(name, sources, inputs)
        finally:
            with guard:
                pressing -= 1

    monkeypatch.setattr(pdf, "_press", counted)
    texts = await asyncio.gather(*(echoed(f"Patient {number} " * 200) for number in range(12)))
    assert all(f"Patient {number} " in text for number, text in enumerate(texts))
    assert most == 2


async def test_the_loop_goes_on_while_a_page_is_pressed(template: Path) -> None:
    async with turns_meanwhile() as turns:
        await echoed("Patient of the loop " * 10_000)
        assert turns() > 10


async def test_letters_are_embedded_and_the_systems_fonts_ignored(template: Path) -> None:
    document = await pdf.render("ward/echo", {"language": "hi", "name": "Asha आशा"})
    page = PdfReader(io.BytesIO(document)).pages[0]
    names = [font.get_object()["/BaseFont"] for font in page["/Resources"]["/Font"].values()]
    assert {re.sub(r".*\+|-.*", "", name) for name in names} == {"NotoSans", "NotoSansDevanagari"}
    assert all(font.path is None or "fontpkg" in font.path for font in pdf._fonts().fonts())
