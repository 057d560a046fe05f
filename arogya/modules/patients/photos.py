"""Patients' photos: whatever comes, a plain JPEG is kept."""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final
from uuid import UUID

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select

from arogya.modules.patients.doors import identify
from arogya.modules.patients.events import PatientChanged
from arogya.modules.patients.models import PatientPhoto
from arogya.modules.patients.service import find
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.errors import Invalid, NotFound

MAX_BYTES: Final = 5 * 1024 * 1024
LONGEST_SIDE_PX: Final = 512
MOST_PIXELS: Final = 20_000_000
_TOO_MANY_PIXELS: Final = "At most 20 megapixels"
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_QUALITY: Final = 85
_two_at_a_time = ThreadPoolExecutor(2, thread_name_prefix="photo")


class NotAPhoto(Invalid):
    code, title = "not_a_photo", "Send a JPEG, PNG or WebP picture"


class PhotoTooLarge(Invalid):
    code, title = "photo_too_large", "The picture is too large"


def plain_jpeg(raw: bytes) -> bytes:
    """The picture upright, at most 512 px a side, without anything that the camera wrote beside it.

    Raises NotAPhoto, PhotoTooLarge: a few bytes may unpack to gigabytes, so its size is asked before its pixels.
    """
    try:
        with Image.open(io.BytesIO(raw), formats=_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PhotoTooLarge(_TOO_MANY_PIXELS)
            picture.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except Image.DecompressionBombError:
        raise PhotoTooLarge(_TOO_MANY_PIXELS) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise NotAPhoto from None
    opaque = Image.new("RGB", upright.size, "white")
    opaque.paste(upright, mask=upright)
    written = io.BytesIO()
    opaque.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


async def keep_photo(ctx: Context, patient_id: UUID, raw: bytes) -> None:
    """Replace the patient's photo. ctx has no transaction: none waits while the picture is unpacked.

    Raises NotFound, NotAPhoto, PhotoTooLarge.
    """
    if not raw or len(raw) > MAX_BYTES:
        raise PhotoTooLarge if raw else NotAPhoto
    content = await asyncio.get_running_loop().run_in_executor(_two_at_a_time, plain_jpeg, raw)
    async with ctx.database.transaction(ctx.organization_id, ctx.user_id) as session:
        session.info["now"] = ctx.now()
        await _store(replace(ctx, _session=session), patient_id, content)


async def _store(ctx: Context, patient_id: UUID, content: bytes) -> None:
    patient = await find(ctx, patient_id)
    photo = await ctx.session.get(PatientPhoto, (ctx.organization_id, patient.id))
    if photo is None:
        ctx.add(PatientPhoto(id=patient.id, content=content))
    else:
        photo.content = content
    ctx.audit(Action.UPDATE, "patient_photo", patient.id, patient_id=patient.id)
    ctx.emit(PatientChanged(patient.id))


async def photo_of(ctx: Context, patient_id: UUID) -> PatientPhoto:
    """The patient's, or else that of a record merged into theirs.

    Raises NotFound for whom the actor may not know of, and where there is none.
    """
    patient = await identify(ctx, patient_id)
    photos = select(PatientPhoto).where(PatientPhoto.id.in_(patient.record_ids))
    photo = await ctx.session.scalar(photos.order_by(PatientPhoto.id != patient.id, PatientPhoto.updated_at.desc()))
    if photo is None:
        raise NotFound("There is no photo").about("patient_photo", patient_id)
    return photo


async def remove_photo(ctx: Context, patient_id: UUID) -> None:
    """Nothing happens where there is none. Raises NotFound."""
    patient = await find(ctx, patient_id)
    photo = await ctx.session.get(PatientPhoto, (ctx.organization_id, patient.id))
    if photo is not None:
        await ctx.session.delete(photo)
        ctx.audit(Action.UPDATE, "patient_photo", patient.id, patient_id=patient.id, details={"fields": ["removed"]})
        ctx.emit(PatientChanged(patient.id))
