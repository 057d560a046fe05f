"""What a text message says, in the patient's language. One message, one or two sentences, and whom to call."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from sqlalchemy import update

from arogya.modules.notifications.models import TextNotice
from arogya.modules.notifications.quiet import held_until
from arogya.modules.notifications.schemas import Template
from arogya.modules.organizations import api as organizations
from arogya.modules.patients import api as patients
from arogya.modules.scheduling import api as scheduling
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.messages import TextMessage

_CALL: Final = {"en": ("call {phone}", "call the hospital"), "hi": ("{phone} पर फ़ोन करें", "अस्पताल को फ़ोन करें")}
_WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        Template.APPOINTMENT_RESCHEDULED: "{name}: your visit with {before_doctor} on {before} is moved, the doctor is "
        "away. New: {doctor}, {at}, {facility}. If that does not suit, {call}.",
        Template.APPOINTMENT_CANCELLED: "{name}: your visit with {doctor} on {at} is cancelled, the doctor is away. "
        "For a new time {call}.",
        Template.VISIT_HANDED_OVER: "{name}: {before_doctor} had to leave. {doctor} sees you instead, {where}; "
        "your new number is {number}.",
        Template.PLACE_OFFERED: "{name}: a time is free with {doctor}: {at}, {facility}. It is held for you until "
        "{until}. To take it {call}, or open {link}",
    },
    "hi": {
        Template.APPOINTMENT_RESCHEDULED: "{name}: {before_doctor} के साथ {before} की आपकी मुलाक़ात बदली गई है, "
        "डॉक्टर नहीं होंगे। "
        "नया समय: {doctor}, {at}, {facility}। यह ठीक न हो तो {call}।",
        Template.APPOINTMENT_CANCELLED: "{name}: {doctor} के साथ {at} की आपकी मुलाक़ात रद्द हुई है, डॉक्टर नहीं होंगे। "
        "नए समय के लिए {call}।",
        Template.VISIT_HANDED_OVER: "{name}: {before_doctor} को जाना पड़ा। अब {doctor} आपको देखेंगे, {where}; "
        "आपका नया नंबर {number} है।",
        Template.PLACE_OFFERED: "{name}: {doctor} के पास एक समय खाली है: {at}, {facility}। यह {until} तक आपके लिए रखा है। "
        "लेने के लिए {call}, या खोलें: {link}",
    },
}
_ROOM: Final = {"en": "room {room}", "hi": "कमरा {room}"}
_NUMBER: Final = 4
"""What is no longer than this is a room's number: 4, 12B, G-07."""


async def message_of(ctx: Context, notice_id: UUID, origin: str) -> TextMessage | datetime | None:
    """The message as it is to be sent now, or until when it waits; None where it was sent, can't reach anybody, or is
    too late."""
    notice = await ctx.session.get(TextNotice, (ctx.organization_id, notice_id))
    if notice is None or notice.sent_at is not None:
        return None
    to = (await patients.recipients(ctx.session, [notice.patient_id], ctx.now())).get(notice.patient_id)
    if to is None or to.e164 is None:
        return None
    if (held := await held_until(ctx, notice)) is not None:
        return held
    if notice.template == Template.PLACE_OFFERED:
        offer = await scheduling.offer_facts(ctx.session, UUID(notice.params["offer_id"]), ctx.now())
        if offer is None or not offer.is_open:
            return None
    language = to.language if to.language in _WORDS else "en"
    link = None
    if notice.template == Template.PLACE_OFFERED:
        # Made now, as it is sent: no table has it. What follows the # reaches no server and no log.
        link = f"{origin}/my/offer#{await scheduling.offer_link(ctx, UUID(notice.params['offer_id']))}"
    return TextMessage(
        to.e164, _WORDS[language][notice.template].format(**await _facts(ctx, notice, to, language, link))
    )


async def mark_sent(ctx: Context, notice_id: UUID) -> None:
    await ctx.session.execute(update(TextNotice).where(TextNotice.id == notice_id).values(sent_at=ctx.now()))


async def _facts(
    ctx: Context, notice: TextNotice, to: patients.Recipient, language: str, link: str | None
) -> dict[str, Any]:
    """link: where an offer can be answered."""
    told = notice.params
    branch = await organizations.facility(ctx.session, UUID(told["facility_id"]))
    doctor = await staff.practitioner(ctx, UUID(told["practitioner_id"]))
    before = told.get("previous_practitioner_id")
    in_room = UUID(told["room_id"]) if told.get("room_id") else None
    named = (await organizations.rooms(ctx.session, [in_room])).get(in_room) if in_room else None
    room = named.name if named else doctor.room_at(branch.id)
    with_phone, without = _CALL[language]
    return {
        # A family shares one phone: the first name says whose visit it is, and no more of it is needed.
        "name": to.name.split()[0] if to.name.split() else "",
        "doctor": doctor.display_name,
        "before_doctor": (await staff.practitioner(ctx, UUID(before))).display_name if before else "",
        "facility": branch.name,
        "where": _where(room, language) if room else branch.name,
        "number": told.get("token_number") or "–",
        "at": _moment(told.get("starts_at"), branch.zone, language),
        "before": _moment(told.get("previous_starts_at"), branch.zone, language),
        "until": _time(told.get("until"), branch.zone, language),
        "call": with_phone.format(phone=branch.phone) if branch.phone else without,
        "link": link,  # last in its message: a full stop would become a part of it
    }


def _where(room: str, language: str) -> str:
    """`room 4`; but `X-ray`, which is a name and no number, as it is."""
    return _ROOM[language].format(room=room) if len(room) <= _NUMBER else room


def _moment(at: str | None, zone: ZoneInfo, language: str) -> str:
    if at is None:
        return ""
    local = datetime.fromisoformat(at).astimezone(zone)
    return f"{format_date(local.date(), 'd MMM', locale=language)} {_time(at, zone, language)}"


def _time(at: str | None, zone: ZoneInfo, language: str) -> str:
    if at is None:
        return ""
    # Without tzinfo babel would turn it into UTC.
    return format_time(datetime.fromisoformat(at).astimezone(zone), "HH:mm", tzinfo=zone, locale=language)
