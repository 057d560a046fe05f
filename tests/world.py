"""Two plainly fictitious hospitals, just large enough that every rule has someone to obey and someone to refuse."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from arogya.modules.identity.api import mint_access_token
from arogya.modules.identity.models import Credential, LoginIdentifier, Membership, User, UserSession
from arogya.modules.organizations.models import Department, Facility, Organization
from arogya.modules.patients.models import Patient, PatientAccount, PatientPhone, PatientTerm
from arogya.modules.scheduling.models import BookingRules, Schedule, ScheduleSession
from arogya.modules.staff.models import Practitioner, PractitionerFacility, StaffMember
from arogya.platform.access import Claims
from arogya.platform.clock import Clock, FixedClock
from arogya.platform.database import Database, bind_tenant
from arogya.platform.keys import Keys
from arogya.platform.settings import APP_ROLE, Settings
from arogya.policy import Role

PASSWORD_HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$not-a-real-hash"
STAFF_ROLES = [role for role in Role if role not in {Role.PATIENT, Role.SUPER_ADMIN}]


@dataclass
class Hospital:
    """Ids of one hospital. `main` and `branch` are its facilities; staff work at both unless named `branch_…`."""

    keys: Keys
    clock: Clock
    organization_id: UUID
    code: str
    main: UUID
    branch: UUID
    department: UUID
    practitioner: UUID
    """Sees patients at `main`, 09:00 to 13:00 from Monday to Saturday, 20 minutes, one place."""
    other_practitioner: UUID
    """Sees patients at `main` in token sessions, 09:00 to 12:00 from Monday to Saturday, 30 places."""
    schedule: UUID
    token_schedule: UUID
    patient: UUID
    """Has an account: role `patient` signs in for them."""
    other_patient: UUID
    staff_member: UUID
    users: dict[str, UUID] = field(default_factory=dict)
    """By role, and `branch_receptionist`, who works at `branch` only."""
    sessions: dict[str, UUID] = field(default_factory=dict)

    def claims(self, who: str) -> Claims:
        return Claims("user", self.users[who], self.sessions[who], self.organization_id)

    def as_(self, who: str, key: str | None = None) -> dict[str, str]:
        """Headers of this person; key: an Idempotency-Key."""
        token = mint_access_token(self.keys, self.claims(who), self.clock.now(), timedelta(days=7))
        return {"Authorization": f"Bearer {token}", **({"Idempotency-Key": key} if key else {})}


@dataclass
class World:
    a: Hospital
    b: Hospital
    super_admin: UUID
    super_session: UUID

    def as_super_admin(self) -> dict[str, str]:
        claims = Claims("user", self.super_admin, self.super_session, None)
        return {
            "Authorization": f"Bearer {mint_access_token(self.a.keys, claims, self.a.clock.now(), timedelta(days=7))}"
        }


async def build_world(config: Settings, clock: FixedClock) -> World:
    database = Database(config.role_url(APP_ROLE), pool_size=2)
    try:
        a = await build_hospital(database, config.keys, clock, "Hospital A of the tests", "TA")
        b = await build_hospital(database, config.keys, clock, "Hospital B of the tests", "TB")
        async with database.transaction() as session:
            admin = User(name="Super Admin", is_platform_admin=True)
            session.add(admin)
            await session.flush()
            opened = _session(admin.id, None, clock.now())
            session.add(opened)
            await session.flush()
            return World(a, b, admin.id, opened.id)
    finally:
        await database.dispose()


def _session(user_id: UUID, organization_id: UUID | None, now: datetime) -> UserSession:
    return UserSession(
        user_id=user_id, organization_id=organization_id, client="api", token_hash=user_id.bytes, rotated_at=now,
        device_hash=b"test", created_at=now, last_seen_at=now, expires_at=now + timedelta(days=90),
    )  # fmt: skip


async def build_hospital(database: Database, keys: Keys, clock: Clock, name: str, code: str) -> Hospital:
    now = clock.now()
    long_ago = now - timedelta(days=9)
    async with database.transaction() as session:
        organization = Organization(name=name, code=code)
        session.add(organization)
        await session.flush()
        await bind_tenant(session, organization.id)
        main = Facility(name=f"{name}, main", code="MAIN", city="Pune", state="Maharashtra", upi_vpa="test@upi")
        branch = Facility(name=f"{name}, branch", code="BRN")
        department = Department(name="General medicine", name_hi="सामान्य चिकित्सा")
        session.add_all([main, branch, department, BookingRules(id=organization.id)])
        await session.flush()
        users: dict[str, UUID] = {}
        sessions: dict[str, UUID] = {}
        for who, role, facility_id in [
            *((role.value, role, None) for role in [*STAFF_ROLES, Role.PATIENT]),
            ("branch_receptionist", Role.RECEPTIONIST, branch.id),
            ("branch_doctor", Role.DOCTOR, branch.id),
        ]:
            user = User(name=f"{who} of {code}")
            session.add(user)
            await session.flush()
            opened = _session(user.id, organization.id, now)
            session.add_all([
                LoginIdentifier(user_id=user.id, kind="username", value=f"{code}-{who}".lower(), verified_at=now),
                Credential(user_id=user.id, password_hash=PASSWORD_HASH, changed_at=now),
                Membership(user_id=user.id, facility_id=facility_id, role=role.value, valid_from=long_ago),
                opened,
            ])  # fmt: skip
            await session.flush()
            users[who], sessions[who] = user.id, opened.id
        practitioner = Practitioner(
            name="Kavita Iyer", specialty="General medicine", department_id=department.id, user_id=users["doctor"],
            registration_number=f"{code}-1001", registration_council="MMC", consultation_fee_paise=60_000,
            qualifications=[{"degree": "MBBS", "institution": "Test College", "year": 2012}], languages=["en", "hi"],
            practising_since=2015,
        )  # fmt: skip
        other = Practitioner(
            name="Arvind Menon", specialty="Cardiology", department_id=department.id,
            registration_number=f"{code}-1002", registration_council="MMC",
            consultation_fee_paise=90_000, qualifications=[], languages=["en"],
        )  # fmt: skip
        staff_member = StaffMember(name="Ramesh Test", designation="Ward clerk", facility_id=main.id)
        session.add_all([practitioner, other, staff_member])
        await session.flush()
        schedule = Schedule(
            practitioner_id=practitioner.id, facility_id=main.id, kind="slots", slot_minutes=20, places=1,
            valid_from=date(2020, 1, 1),
        )  # fmt: skip
        tokens = Schedule(
            practitioner_id=other.id, facility_id=main.id, kind="tokens", slot_minutes=10, places=30,
            valid_from=date(2020, 1, 1),
        )  # fmt: skip
        session.add_all([
            schedule, tokens,
            PractitionerFacility(practitioner_id=practitioner.id, facility_id=main.id, room="4", floor="first floor"),
            PractitionerFacility(practitioner_id=other.id, facility_id=main.id, room="7", floor="first floor"),
        ])  # fmt: skip
        await session.flush()
        for weekday in range(6):
            session.add(ScheduleSession(schedule_id=schedule.id, weekday=weekday, starts=time(9), ends=time(13)))
            session.add(ScheduleSession(schedule_id=tokens.id, weekday=weekday, starts=time(9), ends=time(12)))
        patient = Patient(
            mrn=f"{code}-000001", name="Sunita Deshmukh", sort_name="sunita deshmukh", gender="female",
            birth_date=date(1980, 5, 1), blood_group="O+",
        )  # fmt: skip
        other_patient = Patient(
            mrn=f"{code}-000002", name="Mahesh Deshmukh", sort_name="mahesh deshmukh", gender="male",
            birth_date=date(1975, 2, 9),
        )  # fmt: skip
        session.add_all([patient, other_patient])
        await session.flush()
        for one in (patient, other_patient):
            session.add(PatientPhone(patient_id=one.id, number="90000 11207", e164="+919000011207"))
            for kind, term in [
                *(("name", word) for word in one.sort_name.split()),
                ("phone", "9000011207"),
                ("number", one.mrn.replace("-", "").lower()),
            ]:
                session.add(PatientTerm(kind=kind, term=term, sort_name=one.sort_name, patient_id=one.id))
        session.add(
            PatientAccount(
                patient_id=patient.id, user_id=users["patient"], relation="self", valid_from=now - timedelta(9)
            )
        )
        await session.flush()
        return Hospital(
            keys=keys, clock=clock, organization_id=organization.id, code=code, main=main.id, branch=branch.id,
            department=department.id, practitioner=practitioner.id, other_practitioner=other.id, schedule=schedule.id,
            token_schedule=tokens.id, patient=patient.id, other_patient=other_patient.id, staff_member=staff_member.id,
            users=users, sessions=sessions,
        )  # fmt: skip
