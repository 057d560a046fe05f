"""Files that are made to harm: by what they unpack to, by what runs in them, by being two things at once."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from tests.modules.patients.test_photos import picture, pixel_bomb
from tests.platform.test_sheets import MAIN, book

SCRIPT = b"<script>alert(document.domain)</script>"
ODD_NAMES = {
    "../../../etc/passwd": "passwd",
    "..\\..\\windows\\win.ini": "win.ini",
    "/etc/cron.d/job.csv": "job.csv",
    "रोगी सूची.csv": "रोगी सूची.csv",
    "a\u202egpj.csv": "a\u202egpj.csv",
    "<img src=x onerror=alert(1)>.csv": "<img src=x onerror=alert(1)>.csv",
}
"""What a file calls itself, and what is kept of that: no way to anywhere."""


def _zip(*members: tuple[str, bytes], links: bool = False) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, raw in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if links else 0o100644) << 16
            packed.writestr(info, raw, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def zip_bomb(unpacked_mib: int = 400) -> bytes:
    """A sheet of blanks: a workbook of some hundred kilobytes that says it is `unpacked_mib`."""
    made = io.BytesIO()
    blanks = b" " * (1 << 20)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        source = zipfile.ZipFile(io.BytesIO(book("")))
        for name in source.namelist():
            if "worksheets" not in name:
                packed.writestr(name, source.read(name))
        with packed.open("xl/worksheets/s.xml", "w", force_zip64=True) as sheet:
            sheet.write(f"<worksheet {MAIN}><sheetData>".encode())
            for _ in range(unpacked_mib):
                sheet.write(blanks)
    return made.getvalue()


def harmful() -> Iterator[tuple[str, bytes]]:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    yield "a workbook that unpacks to 400 MB", zip_bomb()
    yield "a workbook of entities in entities", book("&j;", prefix=f"{laughs}]>")
    yield "a workbook that asks for a file of ours", book("<row><c><v>&a;</v></c></row>", prefix=outside)
    yield "an archive with ways out", _zip(("../../../tmp/out.txt", b"x"), ("xl/workbook.xml", b"<a/>"))
    yield "an archive of links", _zip(("xl/workbook.xml", b"/etc/passwd"), links=True)
    yield "an archive in an archive", _zip(("inner.zip", _zip(("inner.zip", zlib.compress(b"0" * 100_000)))))
    yield "a picture of 2.5 thousand million pixels", pixel_bomb(50_000, 50_000)
    yield "a picture of 25 million pixels", pixel_bomb(5_000, 5_000)
    yield "a PDF with a script", b"%PDF-1.7\n1 0 obj << /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>\n%%EOF"
    yield "an SVG with a script", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
    yield "HTML that calls itself a picture", b"\x89PNG\r\n\x1a\n<html>" + SCRIPT
    yield "a GIF that is a script", b"GIF89a/*" + picture("GIF")[6:] + b"*/=1;alert(1)"
    yield "a picture and a page behind it", picture("PNG") + b"<html>" + SCRIPT
    yield "a picture and an archive behind it", picture("JPEG") + _zip(("a.html", SCRIPT))
    yield "a table of which each cell is a formula", b"Name,DOB\n=cmd|'/C calc'!A0,@SUM(1)\n"
    yield "a table of one line of ten million letters", b"Name\n" + b"x" * 10_000_000
    yield "a table of a million columns", b"," * 1_000_000 + b"\n1"
    yield "51 MB", b"Name\n" + b"Asha\n" * (51 * 1024 * 1024 // 5)
    yield "nothing", b""
