"""A right request for each operation, aimed at a Place: what a page would send for what is there.

Whether it is taken is the table's business. An operation that only needs the ids in its address has no line here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import pyotp
from PIL import Image

from arogya.modules.identity.tokens import setup_code
from arogya.modules.identity.totp import SecondFactorKeys
from arogya.platform.bearer_tokens import hash_of
from tests.access.scene import (
    APP_SECRET,
    CODE,
    FRIDAY,
    KINDS,
    NEXT_SATURDAY,
    PIN,
    SATURDAY,
    TUESDAY,
    WEDNESDAY,
    Caller,
    Place,
    Scene,
)
from tests.conftest import KEYS, NOW
from tests.factories.identity import PASSWORD
from tests.factories.organizations import a_facility
from tests.factories.patients import a_patient
from tests.factories.staff import practitioner_body, staff_body

NEW_PASSWORD = "quiet river stones"
TODAY = NOW.date().isoformat()


@dataclass
class Asked:
    """ids: what stands in the address, where it is not the place's usual. shows: of a list, the id of what is there."""

    json: Any = None
    params: dict[str, str] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)
    files: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    shows: Any = None
    before: tuple[str, tuple[Any, ...]] | None = None
    """What must have happened: a statement and what it is told."""


@dataclass
class Aim:
    """One cell: who asks for what."""

    scene: Scene
    caller: Caller
    kind: str
    place: Place

    def __getitem__(self, name: str) -> str:
        return str(self.place.ids[name])

    @property
    def kind_letter(self) -> str:
        return next(letter for letter, kind in KINDS.items() if kind == self.kind)

    def personal(self, name: str) -> str:
        """Of what belongs to a user, not to a branch: the caller's own, a colleague's, a stranger's elsewhere."""
        whose = {"own": self.caller, "other": self.scene.keeper, "tenant": self.scene.stranger}[self.kind]
        return str(whose.own.get(name, self.scene.keeper.own[name]))

    def when(self, day: str, minutes: int = 0) -> str:
        return self.place.at(day, minutes).isoformat()


def _of(*names: str) -> Callable[[Aim], Asked]:
    """The place's id of this name in the address, in place of the operation's own."""
    pairs = [name.split("=") for name in names]
    return lambda aim: Asked(ids={into: aim[of] for into, of in pairs})


def _body(**told: Any) -> Callable[[Aim], Asked]:
    return lambda aim: Asked(json=told)


def _ids(*names: str, **told: Any) -> Callable[[Aim], Asked]:
    return lambda aim: Asked(json={**{name: aim[name] for name in names}, **told})


def _shows(name: str, *filters: str, **params: str) -> Callable[[Aim], Asked]:
    return lambda aim: Asked(params={**{f: aim[f] for f in filters}, **params}, shows=aim[name])


def _asks(*names: str, **params: str) -> Callable[[Aim], Asked]:
    return lambda aim: Asked(params={**{name: aim[name] for name in names}, **params})


def _picture() -> bytes:
    into = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(into, "PNG")
    return into.getvalue()


def _visit(aim: Aim, **told: Any) -> dict[str, Any]:
    return {"patient_id": aim["patient_id"], "practitioner_id": aim["practitioner_id"],
            "facility_id": aim["facility_id"], **told}  # fmt: skip


def _leave(aim: Aim) -> dict[str, Any]:
    return {"kind": "leave", "practitioner_id": aim["practitioner_id"], "facility_id": aim["facility_id"],
            "starts_at": aim.when(SATURDAY), "ends_at": aim.when(SATURDAY, 60)}  # fmt: skip


def _role(aim: Aim) -> dict[str, Any]:
    return {"role": "lab_technician", "facility_id": aim["facility_id"]}


def _weekly() -> list[dict[str, Any]]:
    return [{"weekday": 6, "starts": "09:00", "ends": "11:00"}]


def _feed_of(aim: Aim) -> str:
    return "practitioner" if aim.caller.letter == "D" else "patient"


def _at_this_browser(aim: Aim, body: Any) -> Asked:
    """As from the browser at which the caller typed the password."""
    device = "the browser of the scene"
    before = "UPDATE sessions SET client = 'browser', device_hash = $1 WHERE id = $2"
    return Asked(
        json=body, headers={"Cookie": f"arogya-device={device.replace(' ', '-')}"},
        before=(before, (hash_of(device.replace(" ", "-")), aim.caller.session_id)) if aim.caller.session_id else None,
    )  # fmt: skip


def _with_an_app(aim: Aim, confirmed_at: datetime | None) -> tuple[str, tuple[Any, ...]] | None:
    """The caller's second factor, confirmed or still to be."""
    user_id = aim.caller.user_id
    if user_id is None:
        return None
    secret = SecondFactorKeys(KEYS).seal(user_id, APP_SECRET)
    before = (
        "INSERT INTO second_factors (id, user_id, secret, last_step, created_at, confirmed_at) "
        "VALUES ($1, $1, $2, 0, $3, $4) ON CONFLICT DO NOTHING"
    )
    return before, (user_id, secret, NOW, confirmed_at)


def _in_person(aim: Aim, word: str) -> Asked:
    """With the browser's cookie of the shared counter."""
    return Asked(
        headers={"Cookie": f"arogya-counter={aim.scene.tokens['counter']}"}, json={"user_id": word, "pin": PIN}
    )


ASKED: dict[str, Callable[[Aim], Asked]] = {
    # appointments
    "POST /api/appointments": lambda aim: Asked(json=_visit(aim, starts_at=aim.when(SATURDAY))),
    "GET /api/appointments": _shows("appointment_id", limit="200"),
    "GET /api/appointments/today": _shows("today", limit="200"),
    "POST /api/appointments/search": lambda aim: Asked(json={"search": "Deshmukh", "limit": 50}, shows=aim["today"]),
    "PATCH /api/appointments/{appointment_id}": _body(reason="Cough"),
    "POST /api/appointments/{appointment_id}/arrive": _of("appointment_id=today"),
    "POST /api/appointments/{appointment_id}/cancel": _body(reason="No time"),
    "POST /api/appointments/{appointment_id}/check-in": _of("appointment_id=arrived"),
    "POST /api/appointments/{appointment_id}/confirm": _of("appointment_id=pending"),
    "POST /api/appointments/{appointment_id}/fulfil": _of("appointment_id=inside"),
    "POST /api/appointments/{appointment_id}/no-show": _of("appointment_id=overdue"),
    "GET /api/appointments/{appointment_id}/place": _of("appointment_id=waiting_visit"),
    "POST /api/appointments/{appointment_id}/receipt": lambda aim: Asked(
        json={"method": "cash"}, ids={"appointment_id": aim["waiting_visit"]}
    ),
    "POST /api/appointments/{appointment_id}/reschedule": lambda aim: Asked(json={"starts_at": aim.when(SATURDAY)}),
    "GET /api/appointments/{appointment_id}/slip": _of("appointment_id=waiting_visit"),
    "GET /api/appointments/{appointment_id}/upi": _of("appointment_id=waiting_visit"),
    "POST /api/appointment-series": lambda aim: Asked(
        json=_visit(aim, unit="week", starts=[aim.when(SATURDAY), aim.when(NEXT_SATURDAY)])
    ),
    "POST /api/appointment-series/preview": lambda aim: Asked(
        json=_visit(aim, unit="week", count=2, starts_at=aim.when(SATURDAY))
    ),
    "POST /api/appointment-series/{series_id}/cancel": lambda aim: Asked(
        json={"appointment_id": aim["in_series"], "reason": "No time", "scope": "this"}
    ),
    "POST /api/appointment-series/{series_id}/move": lambda aim: Asked(
        json={"appointment_id": aim["in_series"], "scope": "this", "starts_at": aim.when(WEDNESDAY, 40)}
    ),
    "GET /api/fees": _asks("patient_id", "practitioner_id"),
    "GET /api/no-shows": _asks("patient_id"),
    "POST /api/holds": lambda aim: Asked(json=_visit(aim, starts_at=aim.when(SATURDAY, 20))),
    "DELETE /api/holds/{hold_id}": lambda aim: Asked(ids={"hold_id": aim.personal("hold_id")}),
    "POST /api/walk-ins": lambda aim: Asked(json=_visit(aim, practitioner_id=aim["colleague_id"])),
    "GET /api/walk-ins/preview": _asks("patient_id", "practitioner_id", "facility_id"),
    # the waitlist
    "GET /api/waitlist": _shows("entry_id"),
    "POST /api/waitlist": lambda aim: Asked(
        json={
            "patient_id": aim["patient_id"],
            "practitioner_id": aim["colleague_id"],
            "facility_id": aim["facility_id"],
            "first_day": TUESDAY,
            "last_day": FRIDAY,
        }
    ),
    "POST /api/waitlist/{entry_id}/priority": _body(is_priority=True),
    # the queue
    "GET /api/queue": _shows("waiting", "facility_id"),
    "POST /api/queue/call-next": lambda aim: Asked(
        json={"facility_id": aim["facility_id"], "practitioner_id": aim["practitioner_id"]}
    ),
    "POST /api/queue/{token_id}/call": _of("token_id=waiting"),
    "POST /api/queue/{token_id}/leave": _of("token_id=waiting"),
    "POST /api/queue/{token_id}/priority": lambda aim: Asked(
        json={"is_priority": True}, ids={"token_id": aim["waiting"]}
    ),
    "POST /api/queue/{token_id}/recall": _of("token_id=called"),
    "POST /api/queue/{token_id}/return": _of("token_id=skipped"),
    "POST /api/queue/{token_id}/skip": _of("token_id=called"),
    "POST /api/queue/{token_id}/start": lambda aim: Asked(
        ids={"token_id": aim["called"]},
        before=("UPDATE queue_tokens SET status = 'done', ended_at = now() WHERE status = 'in-consultation'", ()),
    ),
    "POST /api/queue-handovers": lambda aim: Asked(
        json={
            "facility_id": aim["facility_id"],
            "from_practitioner_id": aim["practitioner_id"],
            "to_practitioner_id": aim["colleague_id"],
        }
    ),
    "GET /api/practitioners-today": _asks("facility_id"),
    "POST /api/practitioners-today/{practitioner_id}": _ids("facility_id", state="late", minutes=20),
    # the desk's papers
    "GET /api/receipts": _shows("receipt_id", "facility_id"),
    "GET /api/opd-register": _shows("paid", **{"from": TODAY, "to": TODAY, "limit": "200"}),
    "GET /api/opd-register/export": _asks("facility_id", **{"from": TODAY, "to": TODAY}),
    "GET /api/opd-register/pdf": _asks("facility_id", **{"from": TODAY, "to": TODAY}),
    "GET /api/practitioners/{practitioner_id}/day-sheet": _asks("facility_id"),
    # calendars
    "POST /api/calendar-feeds": lambda aim: Asked(json={"of": _feed_of(aim)}),
    "DELETE /api/calendar-feeds/{of}": lambda aim: Asked(ids={"of": _feed_of(aim)}),
    "GET /api/calendar/{token}.ics": lambda aim: Asked(ids={"token": aim.scene.tokens["feed"]}),
    # schedules
    "GET /api/slots": _asks("practitioner_id", **{"from": TUESDAY, "to": TUESDAY}),
    "GET /api/practitioner-load": _asks("facility_id"),
    "GET /api/schedules": _shows("schedule_id", limit="200"),
    "POST /api/schedules": lambda aim: Asked(
        json={
            "practitioner_id": aim["practitioner_id"],
            "facility_id": aim["facility_id"],
            "slot_minutes": 20,
            "sessions": _weekly(),
        }
    ),
    "PATCH /api/schedules/{schedule_id}": _body(extra_places=1),
    "POST /api/schedules/{schedule_id}/reactivate": _of("schedule_id=idle_schedule_id"),
    "GET /api/schedule-exceptions": _shows("exception_id", limit="200"),
    "POST /api/schedule-exceptions": lambda aim: Asked(json=_leave(aim)),
    "POST /api/leave-cascades": lambda aim: Asked(json={"leave": _leave(aim), "decisions": []}),
    "POST /api/leave-cascades/preview": lambda aim: Asked(json={"leave": _leave(aim)}),
    "PUT /api/booking-rules": _body(days_ahead=40),
    # the hospital
    "PATCH /api/organization": _body(is_open_to_registration=True),
    "GET /api/departments": _shows("department_id", limit="200"),
    "POST /api/departments": _body(name="Dermatology"),
    "PATCH /api/departments/{department_id}": _body(name="Dermatology"),
    "POST /api/departments/{department_id}/reactivate": _of("department_id=closed_department_id"),
    "GET /api/facilities": _shows("facility_id", limit="200"),
    "POST /api/facilities": lambda aim: Asked(json=a_facility()),
    "PATCH /api/facilities/{facility_id}": _body(city="Nashik"),
    "GET /api/rooms": _shows("room_id", limit="200"),
    "POST /api/rooms": _ids("facility_id", name="77"),
    "PATCH /api/rooms/{room_id}": _body(note="First floor"),
    "POST /api/rooms/{room_id}/reactivate": _of("room_id=closed_room_id"),
    "GET /api/stats": _asks("facility_id"),
    "PUT /api/sign-in-rules": _body(window_minutes=30),
    # who works here
    "GET /api/practitioners": _shows("practitioner_id", limit="200"),
    "POST /api/practitioners": lambda aim: Asked(
        json=practitioner_body(facilities=[{"facility_id": aim["facility_id"]}])
    ),
    "PATCH /api/practitioners/{practitioner_id}": _body(specialty="Geriatrics"),
    "POST /api/practitioners/{practitioner_id}/reactivate": _of("practitioner_id=idle_practitioner_id"),
    "GET /api/staff": _shows("staff_id", limit="200"),
    "POST /api/staff": lambda aim: Asked(json=staff_body(facility_id=aim["facility_id"])),
    "PATCH /api/staff/{staff_id}": _body(shift="night"),
    "POST /api/staff/{staff_id}/reactivate": _of("staff_id=gone_staff_id"),
    "GET /api/users": _shows("user_id", limit="200"),
    "POST /api/users": lambda aim: Asked(json={"name": "Asha", "username": "asha.scene", "memberships": [_role(aim)]}),
    "PATCH /api/users/{user_id}": _body(name="Another Name"),
    "POST /api/users/{user_id}/memberships": lambda aim: Asked(json=_role(aim)),
    "GET /api/invitations": _shows("invitation_id", limit="200"),
    "POST /api/invitations": lambda aim: Asked(
        json={"email": "new@scene.example.org", "role": "nurse", "facility_id": aim["facility_id"]}
    ),
    "GET /api/roles": _shows("custom_role_id"),
    "POST /api/roles": _body(name="Tea and smiles", permissions=["patient.read"]),
    "PATCH /api/roles/{custom_role_id}": _body(name="Tea and smiles"),
    "POST /api/roles/{custom_role_id}/reactivate": _of("custom_role_id=ended_role_id"),
    "GET /api/device-links": _shows("link_id", limit="200"),
    "POST /api/device-links": _ids("facility_id", name="Hall"),
    "GET /api/counters": _shows("counter_id", limit="200"),
    "POST /api/counters": lambda aim: _at_this_browser(aim, {"facility_id": aim["facility_id"], "name": "Counter 9"}),
    "PATCH /api/counters/{counter_id}": _body(idle_minutes=5),
    "POST /api/counters/{counter_id}/reactivate": _of("counter_id=ended_counter_id"),
    # patients
    "GET /api/patients": _shows("patient_id", search="Deshmukh"),
    "POST /api/patients": lambda aim: Asked(json=a_patient()),
    "POST /api/patients/search": lambda aim: Asked(json={"search": "Deshmukh"}, shows=aim["patient_id"]),
    "POST /api/patients/similar": lambda aim: Asked(
        json={"name": "Mahesh Deshmukh", "phone": "90000 11207"}, shows=aim["patient_id"]
    ),
    "POST /api/patients/export": _body(search="Deshmukh"),
    "PATCH /api/patients/{patient_id}": _body(city="Pune"),
    "DELETE /api/patients/{patient_id}": lambda aim: Asked(),
    "PUT /api/patients/{patient_id}/photo": lambda aim: Asked(files={"file": ("a.png", _picture(), "image/png")}),
    "GET /api/patients/{patient_id}/comparison": lambda aim: Asked(
        ids={"patient_id": aim["first_id"]}, params={"other_id": aim["second_id"]}
    ),
    "POST /api/patients/{patient_id}/merges": lambda aim: Asked(
        ids={"patient_id": aim["first_id"]}, json={"merged_id": aim["second_id"]}
    ),
    "POST /api/patients/{patient_id}/merges/{merge_id}/undo": _of("patient_id=survivor_id"),
    "POST /api/patients/{patient_id}/pass": lambda aim: Asked(),
    "GET /api/patients/duplicates": _shows("duplicate_id"),
    "POST /api/patients/claims": lambda aim: Asked(
        json={
            "organization_id": aim["organization_id"],
            "birth_year": 1970,
            "relation": "carer",
            "patient_id": str(aim.scene.callers["R"].places["own"].ids["claimable_id"]),
        }
    ),
    "GET /api/patients/family": _shows("patient_id"),
    "GET /api/patient-imports": _shows("import_id", limit="200"),
    "POST /api/patient-imports": lambda aim: Asked(
        files={"file": ("p.csv", b"Name,Sex\nAsha Test,female\n", "text/csv")}
    ),
    "POST /api/patient-imports/{import_id}/check": _body(mapping={"name": 0, "gender": 1}),
    "POST /api/patient-imports/{import_id}/run": _of("import_id=import_checked"),
    "POST /api/patient-imports/{import_id}/cancel": _of("import_id=import_running"),
    "POST /api/patient-imports/{import_id}/undo": _of("import_id=import_done"),
    # oneself
    "PATCH /api/me": _body(language="hi"),
    "POST /api/me/email": lambda aim: Asked(json={"email": f"{aim.caller.letter.lower()}@scene.example.org"}),
    "PUT /api/me/pin": _body(current=PASSWORD, pin=PIN),
    "POST /api/me/second-factor/confirm": lambda aim: Asked(
        json={"code": pyotp.TOTP(APP_SECRET).at(NOW)}, before=_with_an_app(aim, None)
    ),
    "POST /api/me/second-factor/recovery-codes": lambda aim: Asked(before=_with_an_app(aim, NOW)),
    "DELETE /api/me/second-factor": lambda aim: Asked(before=_with_an_app(aim, NOW)),
    "GET /api/auth/sessions": lambda aim: Asked(shows=aim.personal("session_id")),
    "DELETE /api/auth/sessions/{session_id}": lambda aim: Asked(ids={"session_id": aim.personal("session_id")}),
    "POST /api/auth/step-up": _body(password=PASSWORD),
    "POST /api/auth/switch": lambda aim: Asked(json={"organization_id": aim["organization_id"]}),
    "POST /api/auth/password": _body(current=PASSWORD, new=NEW_PASSWORD),
    "GET /api/notifications": lambda aim: Asked(shows=aim.personal("notification_id")),
    "POST /api/notifications/{notification_id}/read": lambda aim: Asked(
        ids={"notification_id": aim.personal("notification_id")}
    ),
    # for anybody, or for whoever holds the secret
    "POST /api/auth/login": _body(username="ta-nurse", password=PASSWORD, client="api"),
    "POST /api/auth/refresh": lambda aim: Asked(json={"refresh_token": aim.scene.tokens["refresh"]}),
    "POST /api/auth/logout": lambda aim: Asked(json={"refresh_token": aim.scene.tokens["refresh"]}),
    "POST /api/auth/register": lambda aim: Asked(
        json={
            "name": "Asha",
            "username": "asha.arrives",
            "password": NEW_PASSWORD,
            "phone": "90000 55555",
            "gender": "female",
            "age_years": 30,
            "privacy_notice_version": "1",
            "client": "api",
            "organization_id": str(aim.scene.world.a.organization_id),
        }
    ),
    "POST /api/auth/device": lambda aim: Asked(json={"token": aim.scene.tokens["device"]}),
    "POST /api/auth/code": _body(phone="90000 11299"),
    "POST /api/auth/code/sign-in": lambda aim: Asked(
        json={"code_id": aim.scene.tokens["code_id"], "code": CODE, "client": "api"}
    ),
    "POST /api/auth/slip/show": lambda aim: Asked(json={"token": aim.scene.tokens["slip"]}),
    "POST /api/auth/slip": lambda aim: Asked(
        json={"token": aim.scene.tokens["slip"], "birth_year": 1970, "relation": "carer", "client": "api"}
    ),
    "POST /api/auth/forgot": _body(username="n@example.org"),
    "POST /api/auth/reset": lambda aim: Asked(json={"token": aim.scene.tokens["reset"], "password": NEW_PASSWORD}),
    "POST /api/auth/verify-email": lambda aim: Asked(json={"token": aim.scene.tokens["email"]}),
    "POST /api/auth/invitation": lambda aim: Asked(json={"token": aim.scene.tokens["invitation"]}),
    "POST /api/auth/invitation/accept": lambda aim: Asked(
        json={
            "token": aim.scene.tokens["invitation"],
            "account": {"name": "Asha", "username": "asha.accepts", "password": NEW_PASSWORD},
        }
    ),
    "POST /api/setup": lambda aim: Asked(
        json={
            "code": setup_code(KEYS),
            "admin_name": "Asha",
            "username": "asha.first",
            "password": NEW_PASSWORD,
            "facility_name": "Main",
            "hospital_code": "ZZ",
            "hospital_name": "One more",
            "client": "api",
        }
    ),
    "POST /api/counter/sign-in": lambda aim: _in_person(aim, str(aim.scene.world.a.users["receptionist"])),
    "POST /api/offer-link/show": lambda aim: Asked(json={"token": aim.place.tokens["offer"]}),
    "POST /api/offer-link/accept": lambda aim: Asked(json={"token": aim.place.tokens["offer"]}),
    "POST /api/offer-link/decline": lambda aim: Asked(json={"token": aim.place.tokens["offer"]}),
    # the platform
    "GET /api/hospitals": _shows("organization_id"),
    "POST /api/hospitals": _body(
        name="Hospital Z", code="ZZ", facility_name="Main", admin_name="Zoya", admin_username="zoya.scene"
    ),
}
ASKED["POST /api/queue-handovers/preview"] = ASKED["POST /api/queue-handovers"]


def asked(operation: str, aim: Aim) -> tuple[str, str, Asked]:
    """Method, address and the rest of the request."""
    method, path = operation.split(" ")
    wanted = ASKED.get(operation, lambda _: Asked())(aim)
    url = re.sub(r"\{(\w+)\}", lambda found: _id(found[1], wanted, aim), path)
    return method, url, wanted


def _id(name: str, wanted: Asked, aim: Aim) -> str:
    found: str | UUID = wanted.ids[name] if name in wanted.ids else aim.place.ids[name]
    return str(found)
