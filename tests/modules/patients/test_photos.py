"""Photos: whatever comes, a small plain JPEG is kept, or nothing."""

import io
import struct
import time
import zlib
from typing import Any

import httpx2
import pytest
from PIL import Image

from arogya.modules.patients.photos import MAX_BYTES, MOST_PIXELS, PhotoTooLarge, plain_jpeg
from tests.world import World

GPS_OF_A_HOME = "18.5204 N"


def picture(form: str, size: tuple[int, int] = (900, 600), mode: str = "RGB", **options: Any) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, "white" if mode in {"L", "1"} else "#c03020").save(written, form, **options)
    return written.getvalue()


def with_exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = GPS_OF_A_HOME
    return picture("JPEG", exif=exif)


def pixel_bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that unpacks to width × height."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * min(height, 1000)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
def desk(world: World) -> dict[str, str]:
    return world.a.as_("receptionist")


@pytest.fixture
def url(world: World) -> str:
    return f"/api/patients/{world.a.patient}/photo"


async def put(client: httpx2.AsyncClient, url: str, desk: dict[str, str], raw: bytes, field: str = "file") -> Any:
    return await client.put(url, headers=desk, files={field: ("../../photo.svg", raw, "image/svg+xml")})


async def test_a_photo_is_kept_small_upright_and_without_what_the_camera_wrote(
    client: httpx2.AsyncClient, url: str, desk: dict[str, str], world: World, owner: Any
) -> None:
    answer = await put(client, url, desk, with_exif(orientation=6))
    assert answer.status_code == 204, answer.text
    shown = await client.get(url, headers=desk)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["cache-control"] == "private, no-store"
    with Image.open(io.BytesIO(shown.content)) as kept:
        assert (kept.format, kept.size) == ("JPEG", (341, 512))
        assert not kept.getexif()
    assert GPS_OF_A_HOME.encode() not in shown.content
    record = await client.get(f"/api/patients/{world.a.patient}", headers=desk)
    assert record.json()["has_photo"] is True
    trail = await owner.fetch("SELECT action, entity FROM audit_entries ORDER BY id LIMIT 2")
    assert [tuple(row) for row in trail] == [("update", "patient_photo"), ("read", "patient")]


async def test_a_photo_is_replaced_fetched_once_and_removed(
    client: httpx2.AsyncClient, url: str, desk: dict[str, str]
) -> None:
    await put(client, url, desk, picture("PNG"))
    first = await client.get(url, headers=desk)
    again = await client.get(url, headers=desk | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    await put(client, url, desk, picture("WEBP", (100, 50)))
    second = await client.get(url, headers=desk | {"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert Image.open(io.BytesIO(second.content)).size == (100, 50)
    for _ in range(2):
        assert (await client.delete(url, headers=desk)).status_code == 204
    assert (await client.get(url, headers=desk)).status_code == 404


async def test_patients_bring_their_own_photo_and_nobody_elses(client: httpx2.AsyncClient, world: World) -> None:
    own = world.a.as_("patient")
    assert (await put(client, f"/api/patients/{world.a.patient}/photo", own, picture("JPEG"))).status_code == 204
    for other in (world.a.other_patient, world.b.patient):
        refused = await put(client, f"/api/patients/{other}/photo", own, picture("JPEG"))
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


async def test_what_is_no_photo_is_refused(client: httpx2.AsyncClient, url: str, desk: dict[str, str]) -> None:
    wrong = {
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "gif": picture("GIF"),
        "bmp": picture("BMP"),
        "pdf": b"%PDF-1.7\n1 0 obj << /JS (app.alert(1)) >>",
        "empty": b"",
        "cut short": picture("JPEG")[:400],
        "html after a JPEG's first bytes": b"\xff\xd8\xff\xe0<html><script>alert(1)</script>",
        "a broken chunk": pixel_bomb(64, 64)[:-30],
    }
    for name, raw in wrong.items():
        answer = await put(client, url, desk, raw)
        assert (answer.status_code, answer.json()["code"]) == (422, "not_a_photo"), name
    for answer in (
        await put(client, url, desk, picture("JPEG"), field="photo"),
        await client.put(url, headers=desk, json={"file": "x"}),
        await client.put(url, headers=desk),
    ):
        assert answer.status_code == 422, answer.text
    assert (await client.get(url, headers=desk)).status_code == 404


async def test_bombs_are_refused_before_they_unpack(client: httpx2.AsyncClient, url: str, desk: dict[str, str]) -> None:
    for side in (50_000, 5_000):
        raw = pixel_bomb(side, side)
        assert len(raw) < 100_000
        started = time.perf_counter()
        answer = await put(client, url, desk, raw)
        assert (answer.status_code, answer.json()["code"]) == (422, "photo_too_large")
        assert time.perf_counter() - started < 1


async def test_only_this_route_takes_large_bodies(
    client: httpx2.AsyncClient, url: str, desk: dict[str, str], world: World
) -> None:
    noisy = picture("JPEG", (64, 64)) + bytes(3_000_000)
    assert (await put(client, url, desk, noisy)).status_code == 204
    beyond = await put(client, url, desk, picture("JPEG") + bytes(MAX_BYTES))
    assert (beyond.status_code, beyond.json()["code"]) == (422, "photo_too_large")
    huge = await put(client, url, desk, bytes(2 * MAX_BYTES))
    assert huge.status_code == 413
    elsewhere = await client.patch(
        f"/api/patients/{world.a.patient}", headers=desk, content=b'{"city": "' + b"x" * 3_000_000 + b'"}'
    )
    assert elsewhere.status_code == 413


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "L", "1", "P", "CMYK"])
def test_every_kind_of_pixel_becomes_a_colour(mode: str) -> None:
    raw = picture("JPEG" if mode == "CMYK" else "PNG", (30, 20), "RGB" if mode == "P" else mode)
    with Image.open(io.BytesIO(plain_jpeg(raw))) as kept:
        assert (kept.mode, kept.size) == ("RGB", (30, 20))


def test_just_too_many_pixels_are_too_many() -> None:
    side = int(MOST_PIXELS**0.5) + 1
    with pytest.raises(PhotoTooLarge):
        plain_jpeg(picture("PNG", (side, side), "1"))
