"""What a person would send: for each operation that invented values alone don't reach, a request that is right.

It is right of the hospital that `marked` (tests/test_canary.py) prepares, at ten on that Monday: free times, states
from which the step leads on, links that are good. The fuzz sends it as it is, and with one invented value grafted in.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from arogya.modules.identity.passwords import argon2id
from arogya.modules.identity.tokens import Tokens
from arogya.platform.bearer_tokens import LONG, hash_of, new_token
from tests.world import Hospital

PASSWORD = "monsoon umbrella"
_HASH = argon2id(memory_kib=8).hash(PASSWORD)
_ANOTHER = "lantern by the lake"
_FIRST_DAY = datetime(2026, 11, 30, 3, 30, tzinfo=UTC)
"""A Monday without leave, 09:00 in Kolkata."""


_SCREEN = UUID(int=4)
_PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC"
)


@dataclass(frozen=True)
class Right:
    """before: statements that the owner of the tables runs first, so that what is asked for can be done."""

    body: Any = None
    before: tuple[str, ...] = ()
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


def free_time(n: int) -> str:
    """The n-th place of the doctor with timed slots, from Monday to Friday of the next three weeks."""
    days, place = divmod(n % 180, 12)
    moment = _FIRST_DAY + timedelta(days=days // 5 * 7 + days % 5, minutes=20 * place)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def proved(b: Hospital, now: datetime) -> tuple[str, ...]:
    """What every request may count on, whatever the ones before it ended: sessions, accounts, a proof just given."""
    return (
        "UPDATE users SET is_active = true WHERE NOT is_active",
        "UPDATE organizations SET status = 'active' WHERE status <> 'active'",
        f"UPDATE sessions SET revoked_at = NULL, proved_at = '{now.isoformat()}', "
        f"expires_at = '{(now + timedelta(days=30)).isoformat()}' WHERE user_id IS NOT NULL "
        "AND (revoked_at IS NOT NULL OR proved_at IS NULL)",
        f"UPDATE credentials SET password_hash = '{_HASH}', must_change = false WHERE password_hash <> '{_HASH}'",
        "DELETE FROM login_throttles",
        "UPDATE patient_merges SET undone_at = created_at WHERE undone_at IS NULL",
        "UPDATE patients SET is_active = true, merged_into_id = NULL WHERE NOT is_active",
    )


def right_requests(b: Hospital, ids: Mapping[str, list[str]], n: int, who: str) -> dict[str, Right]:
    """By the operation's label. n: whatever must be new is made of it. who: the role that asks."""
    time, later = free_time(n), free_time(n + 60)
    visit, patient, other = ids["appointment_id"][0], str(b.patient), str(b.other_patient)
    doctor, colleague, main = str(b.practitioner), str(b.other_practitioner), str(b.main)
    with_doctor = {"patient_id": patient, "practitioner_id": doctor}
    token, series, offer, entry = (ids[name][0] for name in ("token_id", "series_id", "offer_id", "entry_id"))
    me, username = str(b.users.get(who, b.users["patient"])), f"{b.code}-{who}".lower()
    link, short = new_token(b.organization_id, LONG), new_token(b.organization_id)

    def state(status: str) -> tuple[str, ...]:
        return (
            f"UPDATE queue_tokens SET number = 900 WHERE id = '{token}'",
            f"DELETE FROM receipts WHERE appointment_id = '{visit}'",
            f"UPDATE appointments SET status = '{status}', starts_at = '2026-11-23 03:30Z', "
            f"ends_at = '2026-11-23 03:50Z', kind = 'walk-in', patient_id = '{patient}' WHERE id = '{visit}'",
        )

    def called(status: str) -> tuple[str, ...]:
        return (
            f"UPDATE queue_tokens SET status = '{status}', day = '2026-11-23' WHERE id = '{token}'",
            f"UPDATE appointments SET status = 'checked-in' WHERE id = "
            f"(SELECT appointment_id FROM queue_tokens WHERE id = '{token}')",
        )

    def imported(status: str) -> tuple[str, ...]:
        mapping = "'{\"name\": 0}'"
        return (
            f"UPDATE patient_imports SET status = '{status}', failure = NULL, mapping = {mapping}, date_order = 'dmy', "
            f"finished_at = '2026-11-23 04:00Z', run_at = '2026-11-23 04:00Z', taken = 1, "
            f"headings = ARRAY['Patient Name'] WHERE id = '{ids['import_id'][0]}'",
            f"INSERT INTO patient_import_files (organization_id, id, content) VALUES ('{b.organization_id}', "
            f"'{ids['import_id'][0]}', 'Patient Name\nImporta Test') ON CONFLICT DO NOTHING",
        )

    def offered(secret: str) -> tuple[str, ...]:
        kept = hash_of(secret).hex()
        return (
            f"UPDATE waitlist_entries SET status = 'offered' WHERE id = '{entry}'",
            f"UPDATE appointments SET status = 'cancelled' WHERE kind = 'slot' AND starts_at = "
            f"(SELECT starts_at FROM waitlist_offers WHERE id = '{offer}')",
            f"UPDATE waitlist_offers SET status = 'offered', answered_at = NULL, token_hash = '\\x{kept}' "
            f"WHERE id = '{offer}'",
        )

    def letter(purpose: str, secret: str) -> tuple[str, ...]:
        return (
            f"INSERT INTO account_links (id, purpose, user_id, address, token_hash, created_at, expires_at) VALUES "
            f"(gen_random_uuid(), '{purpose}', '{me}', 'new{n}@mail.example', '\\x{hash_of(secret).hex()}', "
            f"'2026-11-23 04:29Z', '2026-11-23 04:59Z')",
        )

    invitation = f"{b.organization_id.hex}.{ids['invitation_id'][0].replace('-', '')}.{short}"
    invited = (
        f"UPDATE invitations SET token_hash = '\\x{hash_of(invitation).hex()}', accepted_at = NULL, revoked_at = NULL, "
        f"expires_at = '2026-11-30 04:29Z', email = 'guest{n}@mail.example' WHERE id = '{ids['invitation_id'][0]}'",
    )
    slip = (
        f"INSERT INTO patient_passes (organization_id, id, patient_id, token_hash, expires_at, created_at, failures) "
        f"VALUES ('{b.organization_id}', gen_random_uuid(), '{other}', '\\x{hash_of(short).hex()}', '2026-11-24', "
        f"'2026-11-23', 0)",
    )
    session = b.sessions.get(who, b.sessions["patient"])
    refresh = Tokens(b.keys).refresh(session, 0)
    refreshed = (f"UPDATE sessions SET n = 0, token_hash = '\\x{hash_of(refresh).hex()}' WHERE id = '{session}'",)
    screen = f"{_SCREEN.hex}.{short}"
    shown = {"id": str(_SCREEN), "client": "display", "user_id": None, "token_hash": f"\\x{hash_of(screen).hex()}"}
    hung = (
        f"INSERT INTO sessions SELECT (jsonb_populate_record(s, '{json.dumps(shown)}')).* FROM sessions s "
        f"WHERE id = '{b.sessions['nurse']}' ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash",
        f"INSERT INTO device_links (organization_id, id, name, facility_id, created_at) VALUES "
        f"('{b.organization_id}', '{_SCREEN}', 'Waiting room', '{main}', '2026-11-23') ON CONFLICT DO NOTHING",
    )
    opened_by_code = (f"UPDATE sessions SET opened_by = 'code' WHERE user_id = '{me}'",)
    feed = (
        f"DELETE FROM calendar_feeds WHERE user_id = '{b.users['doctor']}'",
        f'INSERT INTO calendar_feeds (organization_id, id, user_id, "of", token_hash, created_at) VALUES '
        f"('{b.organization_id}', gen_random_uuid(), '{b.users['doctor']}', 'practitioner', "
        f"'\\x{hash_of(link).hex()}', '2026-11-23')",
    )
    member = {"user_id": str(b.users["nurse"])}
    rebooked = (*state("booked"), f"UPDATE appointments SET series_id = '{series}' WHERE id = '{visit}'")
    handover = {"from_practitioner_id": doctor, "to_practitioner_id": colleague, "facility_id": main}
    away = {"kind": "leave", "practitioner_id": doctor, "starts_at": "2026-12-21T00:00:00Z",
            "ends_at": "2026-12-22T00:00:00Z", "reason": "Conference"}  # fmt: skip
    return {
        "POST /api/appointments": Right(with_doctor | {"starts_at": time}),
        "POST /api/appointment-series": Right(with_doctor | {"starts": [time, later], "unit": "week", "every": 1}),
        "POST /api/appointment-series/preview": Right(
            with_doctor | {"starts_at": time, "unit": "week", "every": 1, "count": 3}
        ),
        "GET /api/appointment-series/{series_id}": Right(before=rebooked, path={"series_id": series}),
        "POST /api/appointment-series/{series_id}/cancel": Right(
            {"appointment_id": visit, "scope": "this", "reason": "Travelling"}, rebooked, {"series_id": series}
        ),
        "POST /api/appointment-series/{series_id}/move": Right(
            {"appointment_id": visit, "scope": "this", "starts_at": time}, rebooked, {"series_id": series}
        ),
        "POST /api/appointments/{appointment_id}/arrive": Right(before=state("booked"), path={"appointment_id": visit}),
        "POST /api/appointments/{appointment_id}/confirm": Right(
            before=state("pending"), path={"appointment_id": visit}
        ),
        "POST /api/appointments/{appointment_id}/check-in": Right(
            before=(f"DELETE FROM queue_tokens WHERE appointment_id = '{visit}'", *state("booked")),
            path={"appointment_id": visit},
        ),
        "POST /api/appointments/{appointment_id}/fulfil": Right(
            before=state("checked-in"), path={"appointment_id": visit}
        ),
        "POST /api/appointments/{appointment_id}/no-show": Right(
            before=state("booked"), path={"appointment_id": visit}
        ),
        "POST /api/appointments/{appointment_id}/cancel": Right(
            {"reason": "Better again"}, state("booked"), {"appointment_id": visit}
        ),
        "POST /api/appointments/{appointment_id}/receipt": Right(
            {"method": "cash"}, state("checked-in"), {"appointment_id": visit}
        ),
        "POST /api/appointments/{appointment_id}/reschedule": Right(
            {"starts_at": time}, state("booked"), {"appointment_id": visit}
        ),
        "GET /api/calendar/{token}.ics": Right(before=feed, path={"token": link}),
        "GET /api/patients/{patient_id}/comparison": Right(path={"patient_id": patient}, query={"other_id": other}),
        "GET /api/patients/claimable": Right(before=opened_by_code),
        "POST /api/patients/claims": Right(
            {"organization_id": str(b.organization_id), "patient_id": other, "birth_year": 1975},
            (*opened_by_code, "DELETE FROM patient_claim_tries",
             f"DELETE FROM patient_accounts WHERE user_id = '{me}' AND patient_id = '{other}'",
             f"INSERT INTO login_identifiers (id, user_id, kind, value, verified_at) VALUES (gen_random_uuid(), "
             f"'{me}', 'phone', '+919000011207', '2026-11-23') ON CONFLICT (kind, value) "
             f"DO UPDATE SET user_id = '{me}'"),
        ),
        "POST /api/patients/{patient_id}/merges": Right(
            {"merged_id": other}, path={"patient_id": patient}
        ),
        "PATCH /api/staff/{staff_id}": Right({"designation": "Head clerk"}, path={"staff_id": ids["staff_id"][0]}),
        "POST /api/staff": Right({"name": "Meena Test", "designation": "Clerk"}),
        "POST /api/counters": Right({"name": f"Desk {n}", "facility_id": main}),
        "POST /api/holds": Right({"practitioner_id": doctor, "starts_at": time}),
        "POST /api/hospitals": Right(
            {"name": f"Hospital {n}", "code": f"H{n % 1000000}", "facility_name": "Main", "facility_code": "MAIN",
             "admin_name": "Asha Test", "admin_username": f"asha{n}"}
        ),
        "POST /api/hospitals/{organization_id}/suspend": Right(
            before=(), path={"organization_id": str(b.organization_id)}
        ),
        "POST /api/hospitals/{organization_id}/resume": Right(
            before=("UPDATE organizations SET status = 'suspended'",), path={"organization_id": str(b.organization_id)}
        ),
        "POST /api/leave-cascades": Right({"leave": away, "decisions": [], "reason": "The doctor is away"}),
        "POST /api/leave-cascades/preview": Right({"leave": away}),
        "POST /api/schedule-exceptions": Right(away),
        "PUT /api/me/pin": Right({"current": PASSWORD, "pin": "4826"}),
        "PUT /api/sign-in-rules": Right({"window_minutes": 30}),
        "POST /api/me/email": Right({"email": f"me{n}@mail.example"}, ("DELETE FROM account_links",)),
        "POST /api/me/second-factor": Right(before=("DELETE FROM second_factors",)),
        "POST /api/users/{user_id}/reset-second-factor": Right(
            before=(
                f"INSERT INTO second_factors (id, user_id, secret, last_step, created_at, confirmed_at) VALUES "
                f"(gen_random_uuid(), '{member['user_id']}', '\\x00', 0, '2026-11-23', '2026-11-23') "
                f"ON CONFLICT (user_id) DO UPDATE SET confirmed_at = '2026-11-23'",
            ),
            path=member,
        ),
        "DELETE /api/me/second-factor": Right(
            before=(
                f"INSERT INTO second_factors (id, user_id, secret, last_step, created_at, confirmed_at) VALUES "
                f"(gen_random_uuid(), '{me}', '\\x00', 0, '2026-11-23', '2026-11-23') "
                f"ON CONFLICT (user_id) DO UPDATE SET confirmed_at = '2026-11-23'",
            )
        ),
        "POST /api/me/second-factor/recovery-codes": Right(
            before=(
                f"INSERT INTO second_factors (id, user_id, secret, last_step, created_at, confirmed_at) VALUES "
                f"(gen_random_uuid(), '{me}', '\\x00', 0, '2026-11-23', '2026-11-23') "
                f"ON CONFLICT (user_id) DO UPDATE SET confirmed_at = '2026-11-23'",
            )
        ),
        "DELETE /api/users/{user_id}/memberships/{membership_id}": Right(
            before=(
                f"DELETE FROM memberships WHERE id = '{ids['organization_id'][0]}'",
                f"INSERT INTO memberships (organization_id, id, user_id, role, valid_from, created_at, updated_at, "
                f"version) SELECT organization_id, '{ids['organization_id'][0]}', user_id, 'cashier', valid_from, "
                f"created_at, updated_at, version FROM memberships WHERE user_id = '{member['user_id']}' LIMIT 1",
            ),
            path=member | {"membership_id": ids["organization_id"][0]},
        ),
        "POST /api/users": Right(
            {"name": "Ravi Test", "username": f"ravi{n}", "memberships": [{"role": "nurse"}]}
        ),
        "POST /api/queue-handovers": Right(handover | {"later": []}, called("waiting")),
        "POST /api/queue-handovers/preview": Right(handover),
        "POST /api/queue/{token_id}/priority": Right({"is_priority": True}, called("waiting"), {"token_id": token}),
        "POST /api/queue/{token_id}/skip": Right(before=called("called"), path={"token_id": token}),
        "POST /api/queue/{token_id}/return": Right(before=called("skipped"), path={"token_id": token}),
        "POST /api/waitlist": Right(
            with_doctor | {"facility_id": main, "first_day": "2026-12-07", "last_day": "2026-12-11"},
            (f"UPDATE waitlist_entries SET status = 'left' WHERE patient_id = '{patient}'",),
        ),
        "POST /api/waitlist-offers/{offer_id}/accept": Right(before=offered(link), path={"offer_id": offer}),
        "POST /api/waitlist-offers/{offer_id}/decline": Right(before=offered(link), path={"offer_id": offer}),
        "POST /api/offer-link/show": Right({"token": short}, offered(short)),
        "POST /api/offer-link/accept": Right({"token": short}, offered(short)),
        "POST /api/offer-link/decline": Right({"token": short}, offered(short)),
        "POST /api/patient-imports": Right(
            {"file": b"UHID,Patient Name,Sex,DOB\nOLD-%d,Importa Test,F,13/04/1990\n" % n}
        ),
        "POST /api/patient-imports/{import_id}/cancel": Right(before=imported("running")),
        "POST /api/patient-imports/{import_id}/check": Right({"mapping": {"name": 0}}, imported("uploaded")),
        "POST /api/patient-imports/{import_id}/run": Right(before=imported("checked")),
        "POST /api/patient-imports/{import_id}/undo": Right(before=imported("done")),
        "POST /api/auth/login": Right({"username": username, "password": PASSWORD, "client": "api"}),
        "POST /api/auth/password": Right({"current": PASSWORD, "new": _ANOTHER}),
        "POST /api/auth/step-up": Right({"password": PASSWORD}),
        "POST /api/auth/register": Right(
            {"name": "Lata Test", "username": f"lata{n}", "password": _ANOTHER, "gender": "female", "age_years": 30,
             "phone": f"90000 {n % 100000:05}", "privacy_notice_version": "1",
             "organization_id": str(b.organization_id), "client": "api"},
            ("UPDATE organizations SET is_open_to_registration = true",),
        ),
        "POST /api/auth/reset": Right({"token": short, "password": _ANOTHER}, letter("reset", short)),
        "POST /api/auth/verify-email": Right({"token": short}, letter("email", short)),
        "POST /api/auth/slip": Right({"token": short, "birth_year": 1975, "client": "api"}, slip),
        "POST /api/auth/slip/show": Right({"token": short}, slip),
        "POST /api/auth/invitation": Right({"token": invitation}, invited),
        "POST /api/auth/invitation/accept": Right(
            {"token": invitation, "account": {"name": "Gita Test", "username": f"gita{n}", "password": _ANOTHER}},
            invited,
        ),
        "POST /api/auth/device": Right({"token": screen}, hung),
        "POST /api/auth/code": Right({"phone": "90000 11207"}),
        "POST /api/auth/refresh": Right({"refresh_token": refresh}, refreshed),
        "GET /api/appointments/{appointment_id}/slip": Right(before=state("booked"), path={"appointment_id": visit}),
        "GET /api/appointments/{appointment_id}/upi": Right(
            before=(*state("booked"), f"UPDATE appointments SET fee_paise = 60000 WHERE id = '{visit}'"),
            path={"appointment_id": visit},
        ),
        "POST /api/patients": Right({"name": f"Lata Test {n}", "gender": "female", "age_years": 30}),
        "PATCH /api/patients/{patient_id}": Right({"city": "Pune"}, path={"patient_id": patient}),
        "GET /api/patients/{patient_id}/history": Right(path={"patient_id": patient}),
        "PUT /api/patients/{patient_id}/photo": Right({"file": _PHOTO}, path={"patient_id": patient}),
        "DELETE /api/patients/{patient_id}/accounts/{account_id}": Right(
            before=("UPDATE patient_accounts SET valid_until = NULL",),
            path={"patient_id": patient, "account_id": ids["account_id"][0]},
        ),
        "POST /api/facilities": Right({"name": f"Branch {n}", "code": f"F{n % 1000000}"}),
        "POST /api/invitations": Right({"email": f"ravi{n}@mail.example", "role": "nurse"}),
        "DELETE /api/invitations/{invitation_id}": Right(before=invited),
        "POST /api/invitations/{invitation_id}/resend": Right(before=invited),
        "POST /api/practitioners-today/{practitioner_id}": Right(
            {"facility_id": main, "state": "here"}, path={"practitioner_id": doctor}
        ),
        "POST /api/practitioners": Right({"name": "Neha Test", "specialty": "ENT"}),
        "PATCH /api/practitioners/{practitioner_id}": Right({"specialty": "ENT"}, path={"practitioner_id": doctor}),
        "GET /api/practitioners/{practitioner_id}/day-sheet": Right(
            path={"practitioner_id": doctor}, query={"facility_id": main}
        ),
        "POST /api/queue/call-next": Right({"facility_id": main, "practitioner_id": doctor}, called("waiting")),
        "POST /api/queue/{token_id}/call": Right(before=called("waiting"), path={"token_id": token}),
        "POST /api/queue/{token_id}/recall": Right(before=called("called"), path={"token_id": token}),
        "POST /api/queue/{token_id}/start": Right(before=called("called"), path={"token_id": token}),
        "POST /api/queue/{token_id}/leave": Right(before=called("waiting"), path={"token_id": token}),
        "POST /api/waitlist/{entry_id}/priority": Right(
            {"is_priority": True}, (f"UPDATE waitlist_entries SET status = 'waiting' WHERE id = '{entry}'",)
        ),
        "POST /api/walk-ins": Right(
            with_doctor | {"facility_id": main},
            (f"UPDATE queue_tokens SET status = 'left' WHERE patient_id = '{patient}'",),
        ),
        "POST /api/patients/{patient_id}/merges/{merge_id}/undo": Right(
            before=(
                f"UPDATE patient_merges SET undone_at = NULL WHERE id = '{ids['merge_id'][0]}'",
                f"UPDATE patients SET is_active = false, merged_into_id = '{patient}' WHERE id = '{other}'",
            ),
            path={"patient_id": patient, "merge_id": ids["merge_id"][0]},
        ),
        "GET /api/walk-ins/preview": Right(query=with_doctor | {"facility_id": main}),
        "POST /api/schedules": Right(
            {"practitioner_id": doctor, "facility_id": str(b.branch), "slot_minutes": 20, "places": 1,
             "sessions": [{"weekday": 6, "starts": "15:00", "ends": "18:00"}],
             "valid_from": f"{2030 + n % 5000}-01-01", "valid_to": f"{2030 + n % 5000}-02-01"}
        ),
        "PATCH /api/schedules/{schedule_id}": Right({"places": 2}, path={"schedule_id": str(b.schedule)}),
        "POST /api/auth/logout": Right({}),
        "POST /api/auth/switch": Right({"organization_id": str(b.organization_id)}),
    }  # fmt: skip
