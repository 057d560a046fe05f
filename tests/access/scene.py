"""Who asks, and the four kinds of object that they may ask for.

A Place is a branch, a patient there and one of everything about them. Seen from each caller four of them are their
`own`, `other` (another patient's, another user's), `branch` (at the other branch) and `tenant` (another hospital's).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.api import mint_access_token
from arogya.modules.identity.authenticator import TokenAuthenticator
from arogya.modules.identity.models import (
    AccountLink,
    CounterPerson,
    Credential,
    CustomRole,
    DeviceLink,
    Invitation,
    LoginIdentifier,
    Membership,
    SecondFactor,
    SharedCounter,
    SignInCode,
    User,
    UserSession,
)
from arogya.modules.identity.passwords import argon2id
from arogya.modules.notifications.models import Notification
from arogya.modules.organizations.models import Department, Facility, Room
from arogya.modules.patients.models import (
    Patient,
    PatientAccount,
    PatientDuplicate,
    PatientImport,
    PatientImportFile,
    PatientImportLine,
    PatientMerge,
    PatientPass,
    PatientPhone,
    PatientPhoto,
    PatientTerm,
    RecordGrant,
)
from arogya.modules.scheduling.models import (
    Appointment,
    AppointmentSeries,
    BookingRules,
    CalendarFeed,
    Hold,
    QueueCounter,
    QueueToken,
    Receipt,
    Schedule,
    ScheduleException,
    ScheduleSession,
    WaitlistEntry,
    WaitlistOffer,
)
from arogya.modules.staff.models import Practitioner, PractitionerFacility, StaffMember
from arogya.platform.access import Claims
from arogya.platform.bearer_tokens import LONG, hash_of, new_token
from arogya.platform.clock import FixedClock, new_id
from arogya.platform.database import Database
from arogya.platform.keys import Keys
from tests.factories.identity import PASSWORD
from tests.factories.scheduling import moment
from tests.world import Hospital, World

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = (f"2026-11-{day}" for day in range(24, 29))
NEXT_WEDNESDAY, NEXT_SATURDAY = "2026-12-02", "2026-12-05"
PIN = "2749"
CODE = "402913"
APP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOOKS_AND_REGISTERS = ["patient.read", "patient.register", "appointment.read", "queue.read"]
"""What the hospital's own role gives beside what every role does."""
KINDS = {"o": "own", "p": "other", "b": "branch", "t": "tenant"}


@dataclass
class Place:
    """hour: when its own visits of a day begin, so that one patient's at two branches do not meet."""

    hospital: Hospital
    facility_id: UUID
    patient_id: UUID
    practitioner_id: UUID
    hour: int
    ids: dict[str, UUID] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def at(self, day: str, minutes: int = 0) -> datetime:
        return moment(day, f"{self.hour + minutes // 60:02}:{minutes % 60:02}")


@dataclass
class Caller:
    """letter: how the table names them. places: the four kinds of object, as this one sees them."""

    letter: str
    name: str
    headers: dict[str, str]
    places: dict[str, Place]
    user_id: UUID | None = None
    session_id: UUID | None = None
    unproved: dict[str, str] = field(default_factory=dict)
    """The headers of their session that has not proved who is there."""
    own: dict[str, UUID] = field(default_factory=dict)
    """What belongs to the caller in person: `session_id`, `notification_id`, `hold_id`."""


@dataclass
class Scene:
    world: World
    callers: dict[str, Caller]
    keeper: Caller
    """Somebody else of hospital A, whose things are `other` in person; and of hospital B, `tenant`."""
    stranger: Caller
    tokens: dict[str, str]


STAFF = {
    "R": "receptionist", "D": "doctor", "N": "nurse", "F": "pharmacist", "C": "cashier", "L": "lab_technician",
    "A": "hospital_admin", "V": "privacy_officer", "U": "patient", "B": "branch_receptionist",
}  # fmt: skip


async def build(database: Database, world: World, keys: Keys, clock: FixedClock) -> Scene:
    return await _Builder(database, world, keys, clock).build()


class _Builder:
    def __init__(self, database: Database, world: World, keys: Keys, clock: FixedClock) -> None:
        self._database, self._world, self._keys, self._clock = database, world, keys, clock
        self._now = clock.now()
        self._auth = TokenAuthenticator(keys, clock)
        self._password_hash = argon2id(memory_kib=8).hash(PASSWORD)
        self._lane = 10

    async def build(self) -> Scene:
        a, b = self._world.a, self._world.b
        async with self._database.transaction(a.organization_id) as session:
            session.info["now"] = self._now
            everywhere = await self._everywhere(session, a)
            own = await self._place(session, a, a.main, a.patient, 9, a.practitioner)
            other = await self._place(session, a, a.main, a.other_patient, 9)
            own_at_branch = await self._place(session, a, a.branch, a.patient, 11)
            other_at_branch = await self._place(session, a, a.branch, a.other_patient, 11)
            people = await self._people(session, a, everywhere)
            session.add(
                RecordGrant(
                    patient_id=a.patient, user_id=a.users["doctor"], purpose="treatment", source="appointment",
                    source_id=own.ids["inside"], valid_from=self._now,
                )
            )  # fmt: skip
            screen = await self._screen(session, a)
        async with self._database.transaction(b.organization_id) as session:
            session.info["now"] = self._now
            theirs = await self._everywhere(session, b)
            elsewhere = await self._place(session, b, b.main, b.patient, 9, b.practitioner)
            stranger = await self._caller(session, b, "", "stranger", b.users["nurse"], {})
        for place, found in ((own, everywhere), (other, everywhere), (own_at_branch, everywhere),
                             (other_at_branch, everywhere), (elsewhere, theirs)):  # fmt: skip
            place.ids.update(found)
        at_main = {"own": own, "other": other, "branch": own_at_branch, "tenant": elsewhere}
        at_branch = {"own": own_at_branch, "other": other_at_branch, "branch": own, "tenant": elsewhere}
        callers: dict[str, Caller] = {}
        async with self._database.transaction(a.organization_id) as session:
            session.info["now"] = self._now
            await self._personal_secrets(session, a, own)
            for letter, name in STAFF.items():
                places = at_branch if letter == "B" else at_main
                callers[letter] = await self._caller(session, a, letter, name, a.users[name], places)
            for letter, (name, user_id) in people.items():
                places = at_branch if letter == "M" else at_main
                if letter == "K":
                    continue
                callers[letter] = await self._caller(session, a, letter, name, user_id, places)
            keeper = await self._caller(session, a, "", "keeper", people["K"][1], at_main)
            tokens = await self._public_secrets(session, own, callers)
        async with self._database.transaction() as session:
            callers["S"] = await self._caller(session, None, "S", "super_admin", self._world.super_admin, at_main)
        callers["T"] = Caller("T", "display", self._headers("device", screen, screen, a.organization_id), at_main)
        callers["0"] = Caller("0", "nobody", {}, at_main)
        return Scene(self._world, callers, keeper, stranger, tokens)

    def _headers(self, kind: Any, user_id: UUID, session_id: UUID, organization_id: UUID | None) -> dict[str, str]:
        claims = Claims(kind, user_id, session_id, organization_id)
        token = mint_access_token(self._keys, claims, self._now, timedelta(days=7))
        return {"Authorization": f"Bearer {token}"}

    def _session(self, user_id: UUID, hospital: Hospital | None, **more: Any) -> UserSession:
        family = new_id()
        return UserSession(
            id=family, user_id=user_id, organization_id=hospital.organization_id if hospital else None, client="api",
            token_hash=hash_of(self._auth.tokens.refresh(family, 0)), rotated_at=self._now, device_hash=b"scene",
            created_at=self._now, last_seen_at=self._now, expires_at=self._now + timedelta(days=90), **more,
        )  # fmt: skip

    async def _caller(
        self, session: AsyncSession, hospital: Hospital | None, letter: str, name: str, user_id: UUID,
        places: dict[str, Place],
    ) -> Caller:  # fmt: skip
        """With a session that has just proved who is there, another one, a notification and a hold."""
        here = self._session(
            user_id,
            hospital,
            proved_at=self._now,
            with_password=True,
            opened_by="code" if letter == "U" else "password",
        )
        second = self._session(user_id, hospital)
        session.add_all([here, second])
        await session.flush()
        organization_id = hospital.organization_id if hospital else None
        caller = Caller(
            letter, name, self._headers("user", user_id, here.id, organization_id), places, user_id, here.id,
            unproved=self._headers("user", user_id, second.id, organization_id), own={"session_id": second.id},
        )  # fmt: skip
        if hospital is None:
            return caller
        note = Notification(
            user_id=user_id, event_id=new_id(), template="appointment.booked", raised_at=self._now,
            params={"appointment_id": str(new_id())},
        )  # fmt: skip
        self._lane += 1
        starts_at = moment(FRIDAY, "12:40")
        at_branch = letter in {"B", "M"}
        hold = Hold(
            user_id=user_id, patient_id=hospital.patient, practitioner_id=hospital.practitioner,
            facility_id=hospital.branch if at_branch else hospital.main, starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=20),
            during=Range(starts_at, starts_at + timedelta(minutes=20)), lane=self._lane,
            expires_at=self._now + timedelta(hours=1),
        )  # fmt: skip
        session.add_all([note, hold])
        await session.flush()
        caller.own |= {"notification_id": note.id, "hold_id": hold.id}
        return caller

    async def _everywhere(self, session: AsyncSession, hospital: Hospital) -> dict[str, UUID]:
        """What a hospital has as a whole."""
        now = self._now
        session.add(department := Department(name="Paediatrics of the scene"))
        role = CustomRole(name="Looks and registers", permissions=LOOKS_AND_REGISTERS)
        ended_role = CustomRole(name="Given up", permissions=["patient.read"], is_active=False)
        closed = Department(name="Closed of the scene", is_active=False)
        invitation = Invitation(
            email=f"asked@{hospital.code.lower()}.example.org", role="nurse", expires_at=now + timedelta(days=7)
        )
        session.add_all([role, ended_role, invitation, closed])
        await session.flush()
        ids = {
            "organization_id": hospital.organization_id, "department_id": department.id, "custom_role_id": role.id,
            "ended_role_id": ended_role.id, "invitation_id": invitation.id, "closed_department_id": closed.id,
        }  # fmt: skip
        for status in ("uploaded", "checked", "running", "done"):
            one = PatientImport(
                filename="scene.csv", form="csv", size_bytes=1, sha256=b"", headings=["Name", "Sex"],
                mapping={"name": 0, "gender": 1}, status=status, lines_total=1, taken=1 if status == "done" else 0,
                run_at=now if status in {"running", "done"} else None,
            )  # fmt: skip
            session.add(one)
            await session.flush()
            session.add(PatientImportFile(id=one.id, content=b"Name,Sex\nAsha Test,female\n"))
            ids[f"import_{status}"] = one.id
        ids["import_id"] = ids["import_uploaded"]
        taken_in = await self._patient(session, hospital, "Imported", 7)
        session.add(PatientImportLine(import_id=ids["import_done"], line=2, patient_id=taken_in))
        first, second = (
            await self._patient(session, hospital, "Twin", 8),
            await self._patient(session, hospital, "Twin", 9),
        )
        pair = PatientDuplicate(first_id=min(first, second), second_id=max(first, second), score=90, because=["phone"])
        kept, merged = (
            await self._patient(session, hospital, "Kept", 5),
            await self._patient(session, hospital, "Kept", 6),
        )
        link = PatientMerge(survivor_id=kept, merged_id=merged, was_active=True, created_at=now)
        session.add_all([pair, link])
        await session.execute(
            update(Patient).where(Patient.id == merged).values(merged_into_id=kept, is_active=False)
        )  # fmt: skip
        await session.execute(update(BookingRules).values(open_per_patient=50, days_ahead=60))
        await session.execute(update(Facility).values(upi_vpa="scene@upi"))
        await session.flush()
        return ids | {
            "duplicate_id": pair.id, "merge_id": link.id, "survivor_id": kept, "first_id": first, "second_id": second,
        }  # fmt: skip

    async def _patient(self, session: AsyncSession, hospital: Hospital, name: str, n: int) -> UUID:
        row = Patient(
            mrn=f"{hospital.code}-SCENE-{n}", name=f"{name} Scene", sort_name=f"{name.lower()} scene", gender="female",
            birth_date=date(1970, 1, n),
        )  # fmt: skip
        session.add(row)
        await session.flush()
        session.add(PatientTerm(kind="name", term="scene", sort_name=row.sort_name, patient_id=row.id))
        return row.id

    async def _place(
        self, session: AsyncSession, hospital: Hospital, facility_id: UUID, patient_id: UUID, hour: int,
        practitioner_id: UUID | None = None,
    ) -> Place:  # fmt: skip
        """A doctor with a schedule, a queue, and a patient who has one of everything with them."""
        now = self._now
        place = Place(
            hospital, facility_id, patient_id, practitioner_id or await self._doctor(session, facility_id), hour
        )
        if practitioner_id is None:
            place.ids["schedule_id"] = await self._schedule(session, place)
        else:
            place.ids["schedule_id"] = hospital.schedule
        colleague = await self._doctor(session, facility_id)
        place.ids["colleague_id"] = colleague
        place.ids["colleague_schedule_id"] = await self._schedule(
            session, Place(hospital, facility_id, patient_id, colleague, hour)
        )
        idle = await self._doctor(session, facility_id, is_active=False)
        worker = await self._user(session, hospital, "nurse", facility_id)
        helper = await self._user(session, hospital, "cashier", facility_id)
        session.add(
            SecondFactor(
                user_id=worker, secret=self._auth.second_factors.seal(worker, APP_SECRET), created_at=now,
                confirmed_at=now,
            )
        )  # fmt: skip
        room = Room(name=f"S{hour}{len(str(patient_id))}{self._lane}", facility_id=facility_id)
        self._lane += 1
        closed_room = Room(name=f"C{self._lane}", facility_id=facility_id, is_active=False)
        self._lane += 1
        person = StaffMember(name="Scene Person", designation="Ward clerk", facility_id=facility_id)
        gone = StaffMember(name="Scene Gone", designation="Ward clerk", facility_id=facility_id, is_active=False)
        counter = SharedCounter(name=f"Counter {self._lane}", facility_id=facility_id)
        ended_counter = SharedCounter(name=f"Counter no more {self._lane}", facility_id=facility_id, is_active=False)
        leave = ScheduleException(
            kind="leave", practitioner_id=colleague, facility_id=facility_id, starts_at=now + timedelta(days=20),
            ends_at=now + timedelta(days=21), reason="scene",
        )  # fmt: skip
        idle_schedule = Schedule(
            practitioner_id=idle, facility_id=facility_id, kind="slots", slot_minutes=20, places=1,
            valid_from=date(2020, 1, 1), is_active=False,
        )  # fmt: skip
        account = PatientAccount(patient_id=patient_id, user_id=helper, relation="carer", valid_from=now)
        session.add_all([room, closed_room, person, gone, counter, ended_counter, leave, idle_schedule, account])
        await session.flush()
        screen = await self._screen(session, hospital, facility_id)
        membership = await self._membership_of(session, worker)
        place.ids |= {
            "facility_id": facility_id, "patient_id": patient_id, "practitioner_id": place.practitioner_id,
            "idle_practitioner_id": idle, "user_id": worker, "other_user_id": helper, "membership_id": membership,
            "room_id": room.id, "closed_room_id": closed_room.id, "staff_id": person.id, "gone_staff_id": gone.id,
            "counter_id": counter.id, "ended_counter_id": ended_counter.id, "exception_id": leave.id,
            "idle_schedule_id": idle_schedule.id, "account_id": account.id, "link_id": screen,
        }  # fmt: skip
        await self._visits(session, place)
        if await session.get(PatientPhoto, (hospital.organization_id, patient_id)) is None:
            session.add(PatientPhoto(id=patient_id, content=b"\xff\xd8\xff\xe0 a picture"))
        return place

    async def _doctor(self, session: AsyncSession, facility_id: UUID, *, is_active: bool = True) -> UUID:
        row = Practitioner(
            name="Scene Doctor", specialty="General medicine", consultation_fee_paise=50_000, qualifications=[],
            languages=["en"], is_active=is_active,
        )  # fmt: skip
        session.add(row)
        await session.flush()
        session.add(PractitionerFacility(practitioner_id=row.id, facility_id=facility_id))
        return row.id

    async def _schedule(self, session: AsyncSession, place: Place) -> UUID:
        row = Schedule(
            practitioner_id=place.practitioner_id, facility_id=place.facility_id, kind="slots", slot_minutes=20,
            places=1, valid_from=date(2020, 1, 1),
        )  # fmt: skip
        session.add(row)
        await session.flush()
        for weekday in range(6):
            session.add(ScheduleSession(schedule_id=row.id, weekday=weekday, starts=time(9), ends=time(15)))
        return row.id

    async def _user(self, session: AsyncSession, hospital: Hospital, role: str, facility_id: UUID | None) -> UUID:
        user = User(name=f"Scene {role}")
        session.add(user)
        await session.flush()
        session.add_all([
            LoginIdentifier(user_id=user.id, kind="username", value=f"scene-{user.id}", verified_at=self._now),
            Credential(user_id=user.id, password_hash=self._password_hash, changed_at=self._now),
            Membership(
                user_id=user.id, facility_id=facility_id, role=role, valid_from=self._now - timedelta(days=9)
            ),
        ])  # fmt: skip
        await session.flush()
        return user.id

    async def _membership_of(self, session: AsyncSession, user_id: UUID) -> UUID:
        found: UUID | None = await session.scalar(select(Membership.id).where(Membership.user_id == user_id))
        assert found is not None
        return found

    async def _screen(self, session: AsyncSession, hospital: Hospital, facility_id: UUID | None = None) -> UUID:
        link_id = new_id()
        session.add(
            UserSession(
                id=link_id, user_id=None, organization_id=hospital.organization_id, client="display",
                token_hash=hash_of(f"{link_id.hex}.{'s' * 43}"), rotated_at=self._now, device_hash=b"",
                created_at=self._now, last_seen_at=self._now, expires_at=self._now + timedelta(days=365),
            )
        )  # fmt: skip
        await session.flush()
        session.add(DeviceLink(id=link_id, name="Screen of the scene", facility_id=facility_id or hospital.main))
        await session.flush()
        return link_id

    async def _visits(self, session: AsyncSession, place: Place) -> None:
        series = AppointmentSeries(
            patient_id=place.patient_id, practitioner_id=place.practitioner_id, facility_id=place.facility_id,
            unit="week", every=1, starts_at=place.at(WEDNESDAY), count=2,
        )  # fmt: skip
        session.add(series)
        await session.flush()
        today = self._now.date().isoformat()
        slots = {
            "appointment_id": ("booked", place.at(TUESDAY), None),
            "pending": ("pending", place.at(TUESDAY, 20), None),
            "today": ("booked", place.at(today, 160), None),
            "arrived": ("arrived", place.at(today, 140), None),
            "overdue": ("booked", moment(today, f"09:{20 if place.hour == 11 else 0:02}"), None),
            "in_series": ("booked", place.at(WEDNESDAY), series.id),
            "next_in_series": ("booked", place.at(NEXT_WEDNESDAY), series.id),
        }
        for name, (status, starts_at, series_id) in slots.items():
            place.ids[name] = await self._visit(session, place, status, starts_at, series_id=series_id)
        for n, status in enumerate(("waiting", "called", "skipped", "in-consultation"), 1):
            visit = await self._visit(session, place, "checked-in", self._now - timedelta(minutes=n), kind="walk-in")
            token = QueueToken(
                appointment_id=visit, patient_id=place.patient_id, practitioner_id=place.practitioner_id,
                facility_id=place.facility_id, day=date.fromisoformat(today), session="09:00", number=n,
                status=status, due_at=self._now, issued_at=self._now,
                called_at=None if status == "waiting" else self._now,
            )  # fmt: skip
            session.add(token)
            await session.flush()
            place.ids[f"{status}_visit"], place.ids[status] = visit, token.id
        session.add(
            QueueCounter(
                practitioner_id=place.practitioner_id, facility_id=place.facility_id, day=date.fromisoformat(today),
                session="09:00", last=4,
            )
        )  # fmt: skip
        place.ids["inside"] = place.ids["in-consultation_visit"]
        paid = await self._visit(session, place, "fulfilled", self._now - timedelta(hours=1), kind="walk-in")
        starts_at = place.at(THURSDAY)
        self._lane += 1
        receipt = Receipt(
            number=f"SCENE/{self._lane}", appointment_id=paid, patient_id=place.patient_id,
            facility_id=place.facility_id, amount_paise=50_000, method="cash", is_verified=True, issued_at=self._now,
        )  # fmt: skip
        entry = WaitlistEntry(
            patient_id=place.patient_id, practitioner_id=place.practitioner_id, facility_id=place.facility_id,
            first_day=self._now.date(), last_day=self._now.date() + timedelta(days=7), joined_at=self._now,
            stands_at=self._now, status="offered",
        )  # fmt: skip
        session.add_all([receipt, entry])
        await session.flush()
        link = new_token(place.hospital.organization_id)
        offer = WaitlistOffer(
            entry_id=entry.id, patient_id=place.patient_id, practitioner_id=place.practitioner_id,
            facility_id=place.facility_id, kind="slot", mode="in-person", starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=20), during=Range(starts_at, starts_at + timedelta(minutes=20)),
            lane=1, offered_at=self._now, expires_at=self._now + timedelta(minutes=15), token_hash=hash_of(link),
        )  # fmt: skip
        session.add(offer)
        await session.flush()
        place.ids |= {
            "series_id": series.id, "receipt_id": receipt.id, "entry_id": entry.id, "offer_id": offer.id, "paid": paid,
        }  # fmt: skip
        place.tokens["offer"] = link

    async def _visit(
        self, session: AsyncSession, place: Place, status: str, starts_at: datetime, *, kind: str = "slot",
        series_id: UUID | None = None,
    ) -> UUID:  # fmt: skip
        ends_at = starts_at + timedelta(minutes=20)
        row = Appointment(
            patient_id=place.patient_id, practitioner_id=place.practitioner_id, facility_id=place.facility_id,
            kind=kind, status=status, starts_at=starts_at, ends_at=ends_at, fee_paise=50_000, series_id=series_id,
            schedule_id=None if kind == "walk-in" else place.ids["schedule_id"],
            during=None if kind == "walk-in" else Range(starts_at, ends_at),
            arrived_at=self._now if status in {"arrived", "checked-in", "fulfilled"} else None,
            checked_in_at=self._now if status in {"checked-in", "fulfilled"} else None,
            fulfilled_at=self._now if status == "fulfilled" else None,
        )  # fmt: skip
        session.add(row)
        await session.flush()
        return row.id

    async def _people(
        self, session: AsyncSession, a: Hospital, everywhere: dict[str, UUID]
    ) -> dict[str, tuple[str, UUID]]:
        """Those whom the world does not have."""
        role = await self._user(session, a, "receptionist", None)
        row = await session.get_one(Membership, (a.organization_id, await self._membership_of(session, role)))
        row.role, row.custom_role_id = None, everywhere["custom_role_id"]
        ended = await self._user(session, a, "receptionist", None)
        row = await session.get_one(Membership, (a.organization_id, await self._membership_of(session, ended)))
        row.valid_until = self._now - timedelta(days=1)
        guardian = await self._user(session, a, "patient", None)
        session.add(
            PatientAccount(
                patient_id=a.patient, user_id=guardian, relation="guardian", valid_from=self._now - timedelta(days=9)
            )
        )  # fmt: skip
        return {
            "O": ("own role", role),
            "M": ("branch administrator", await self._user(session, a, "hospital_admin", a.branch)),
            "E": ("ended membership", ended),
            "G": ("guardian whose access lapsed", guardian),
            "K": ("keeper", await self._user(session, a, "receptionist", None)),
        }

    async def _personal_secrets(self, session: AsyncSession, a: Hospital, own: Place) -> None:
        """All of A's people sign in with PASSWORD; the patient's phone is theirs."""
        users = list(a.users.values())
        session.add(
            Credential(user_id=self._world.super_admin, password_hash=self._password_hash, changed_at=self._now)
        )
        keyed = self._auth.counter_keys.keyed(a.users["receptionist"], PIN)
        await session.execute(
            update(Credential).where(Credential.user_id.in_(users))
            .values(password_hash=self._password_hash)
        )  # fmt: skip
        await session.execute(
            update(Credential).where(Credential.user_id == a.users["receptionist"])
            .values(pin_hash=argon2id(memory_kib=8).hash(keyed))
        )  # fmt: skip
        session.add_all([
            LoginIdentifier(
                user_id=a.users["patient"], kind="phone", value="+919000011299", verified_at=self._now
            ),
            CounterPerson(
                counter_id=own.ids["counter_id"], user_id=a.users["receptionist"], password_at=self._now
            ),
        ])  # fmt: skip
        claimed = await self._patient(session, a, "Claimable", 11)
        own.ids["claimable_id"] = claimed
        session.add(PatientPhone(patient_id=claimed, number="90000 11299", e164="+919000011299"))
        await session.flush()

    async def _public_secrets(self, session: AsyncSession, own: Place, callers: dict[str, Caller]) -> dict[str, str]:
        """What opens one thing for whoever holds it."""
        a, now = self._world.a, self._now
        organization_id, later = a.organization_id, now + timedelta(minutes=10)
        feed, slip = new_token(organization_id, LONG), new_token(organization_id)
        code_id = new_id()
        invited = f"{organization_id.hex}.{own.ids['invitation_id'].hex}.{'i' * 43}"
        counter = self._auth.counter_keys.cookie(organization_id, own.ids["counter_id"])
        fresh = await self._patient(session, a, "Slip", 12)
        session.add_all([
            CalendarFeed(user_id=a.users["patient"], of="patient", token_hash=hash_of(feed), created_at=now),
            CalendarFeed(user_id=a.users["doctor"], of="practitioner", token_hash=hash_of("d"), created_at=now),
            PatientPass(id=new_id(), patient_id=fresh, token_hash=hash_of(slip), expires_at=later),
            AccountLink(
                purpose="reset", user_id=a.users["nurse"], address="n@example.org", token_hash=hash_of("r" * 43),
                created_at=now, expires_at=later,
            ),
            AccountLink(
                purpose="email", user_id=a.users["nurse"], address="new@example.org", token_hash=hash_of("e" * 43),
                created_at=now, expires_at=later,
            ),
            SignInCode(
                id=code_id, phone=self._auth.phone_codes.sealed(code_id, "+919000011299"), language="en",
                code_hash=self._auth.phone_codes.hash_of(code_id, CODE), created_at=now, expires_at=later,
            ),
        ])  # fmt: skip
        invitation = await session.get_one(Invitation, (organization_id, own.ids["invitation_id"]))
        invitation.token_hash, invitation.sent_at = hash_of(invited), now
        session.add(LoginIdentifier(user_id=a.users["nurse"], kind="email", value="n@example.org", verified_at=now))
        await session.flush()
        family = callers["N"].own["session_id"]
        return {
            "feed": feed, "slip": slip, "reset": "r" * 43, "email": "e" * 43, "code_id": str(code_id),
            "invitation": invited, "counter": counter, "refresh": self._auth.tokens.refresh(family, 0),
            "device": f"{own.ids['link_id'].hex}.{'s' * 43}",
        }  # fmt: skip
