"""A hospital's own rows: branches, departments, doctors, staff, weekly hours, and who may sign in."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID

from arogya.demo.doctors import DEPARTMENTS, Doctor, Hours, Room, Service
from arogya.demo.hospitals import Hospital
from arogya.demo.moment import Moment, at
from arogya.demo.rows import Rows
from arogya.demo.staff import Employee, OwnRole
from arogya.modules.identity.models import Credential, CustomRole, LoginIdentifier, Membership, User
from arogya.modules.organizations.models import Department, Facility, Organization
from arogya.modules.organizations.models import Room as RoomRow
from arogya.modules.scheduling.models import BookingRules, Schedule, ScheduleSession
from arogya.modules.staff.models import Practitioner, PractitionerFacility, StaffMember
from arogya.policy import Role

_COUNCIL = "Maharashtra Medical Council"
_STATE = "Maharashtra"


class SignUp:
    """Makes users, all with one password. rows: the platform's."""

    def __init__(self, rows: Rows, password_hash: str) -> None:
        self._rows = rows
        self._password_hash = password_hash

    def user(
        self, name: str, username: str, since: datetime, *, language: str = "en", is_platform_admin: bool = False,
        phone: str | None = None, email: str | None = None,
    ) -> UUID:  # fmt: skip
        user_id = self._rows.add(User, since, name=name, language=language, is_platform_admin=is_platform_admin)
        for kind, value in (("username", username), ("phone", phone), ("email", email)):
            if value:
                self._rows.add(LoginIdentifier, since, user_id=user_id, kind=kind, value=value, verified_at=since)
        self._rows.add(Credential, since, user_id=user_id, password_hash=self._password_hash, changed_at=since)
        return user_id


@dataclass
class Founded:
    """A hospital that is there, by the names that the demo has for its parts."""

    hospital: Hospital
    rows: Rows
    since: datetime
    branches: dict[str, UUID] = field(default_factory=dict)
    departments: dict[str, UUID] = field(default_factory=dict)
    users: dict[str, UUID] = field(default_factory=dict)
    practitioners: dict[str, UUID] = field(default_factory=dict)
    schedules: dict[tuple[str, Hours], UUID] = field(default_factory=dict)
    rooms: dict[tuple[str, str], UUID] = field(default_factory=dict)
    """By branch and number."""

    def room_of(self, doctor: Doctor, hours: Hours) -> UUID | None:
        """Where the doctor sits in these hours; by video nowhere."""
        if hours.mode == "video":
            return None
        return next((self.rooms[one.branch, one.number] for one in doctor.rooms if one.branch == hours.branch), None)

    def receptionist(self, branch: str) -> UUID | None:
        """Who sits at the branch's desk."""
        for employee in self.hospital.staff:
            if employee.role == Role.RECEPTIONIST and employee.branch == branch and employee.username:
                return self.users[employee.username]
        return None


def found(hospital: Hospital, moment: Moment, platform: Rows, sign_up: SignUp) -> Founded:
    since = at(moment.day(-hospital.open_days), time(9))
    organization_id = platform.add(Organization, since, name=hospital.name, code=hospital.code)
    founded = Founded(hospital, Rows(moment, hospital.code, organization_id), since)
    rows = founded.rows
    rows.add(BookingRules, since, id=organization_id, **hospital.rules)
    for branch in hospital.branches:
        founded.branches[branch.code] = rows.add(
            Facility, since, name=branch.name, code=branch.code, phone=branch.phone, address_line=branch.address_line,
            city=branch.city, state=_STATE, postal_code=branch.postal_code, gstin=branch.gstin, upi_vpa=branch.upi_vpa,
        )  # fmt: skip
    used = {doctor.department for doctor in hospital.doctors} | {one.department for one in hospital.staff}
    used |= {service.department for service in hospital.services}
    for name, name_hi in DEPARTMENTS.items():
        if name in used:
            founded.departments[name] = rows.add(Department, since, name=name, name_hi=name_hi)
    for n, doctor in enumerate(hospital.doctors, start=1):
        _engage(founded, doctor, n, moment.today, sign_up)
    for service in hospital.services:
        _offer(founded, service)
    for n, employee in enumerate(hospital.staff, start=1):
        _employ(founded, employee, n, moment, sign_up)
    return founded


def _engage(founded: Founded, doctor: Doctor, n: int, today: date, sign_up: SignUp) -> None:
    rows, since, code = founded.rows, founded.since, founded.hospital.code
    user_id = sign_up.user(doctor.name, doctor.username, since)
    founded.users[doctor.username] = user_id
    branches = [founded.branches[room.branch] for room in doctor.rooms]
    rows.add(
        Membership, since, user_id=user_id, role=Role.DOCTOR.value, valid_from=since,
        facility_id=branches[0] if len(branches) == 1 else None,
    )  # fmt: skip
    first_year = today.year - doctor.years
    practitioner_id = rows.add(
        Practitioner, since, user_id=user_id, name=doctor.name, gender=doctor.gender, specialty=doctor.department,
        department_id=founded.departments[doctor.department],
        registration_number=f"DEMO-{first_year}-{code}{n:02d}", registration_council=_COUNCIL,
        qualifications=[
            {"degree": degree, "institution": institution, "year": first_year - 3 * (len(doctor.degrees) - 1 - i)}
            for i, (degree, institution) in enumerate(doctor.degrees)
        ],
        languages=list(doctor.languages), practising_since=first_year, consultation_fee_paise=doctor.fee_rupees * 100,
        phone=f"90000 01{code == 'SH':d}{n:02d}", email=_email(doctor.name, code),
    )  # fmt: skip
    founded.practitioners[doctor.username] = practitioner_id
    for room in doctor.rooms:
        rows.add(
            PractitionerFacility, since, practitioner_id=practitioner_id, facility_id=founded.branches[room.branch],
            room=room.number, floor=room.floor,
        )  # fmt: skip
        _furnish(founded, room)
    for hours in doctor.hours:
        room_id = founded.room_of(doctor, hours)
        founded.schedules[doctor.username, hours] = _plan(founded, practitioner_id, hours, room_id)


def _furnish(founded: Founded, room: Room) -> UUID:
    made = founded.rows.add(
        RoomRow, founded.since, facility_id=founded.branches[room.branch], name=room.number, floor=room.floor
    )
    founded.rooms[room.branch, room.number] = made
    return made


def _offer(founded: Founded, service: Service) -> None:
    """A service, in a room of its own."""
    rows, since = founded.rows, founded.since
    service_id = rows.add(
        Practitioner, since, kind="service", title="", name=service.name, registration_council="", qualifications=[],
        department_id=founded.departments[service.department], consultation_fee_paise=service.fee_rupees * 100,
        visit_minutes=service.hours.minutes,
    )  # fmt: skip
    rows.add(PractitionerFacility, since, practitioner_id=service_id, facility_id=founded.branches[service.room.branch])
    _plan(founded, service_id, service.hours, _furnish(founded, service.room))


def _plan(founded: Founded, practitioner_id: UUID, hours: Hours, room_id: UUID | None) -> UUID:
    schedule_id = founded.rows.add(
        Schedule, founded.since, practitioner_id=practitioner_id, facility_id=founded.branches[hours.branch],
        room_id=room_id, kind=hours.kind, mode=hours.mode, slot_minutes=hours.minutes, places=hours.places,
        valid_from=founded.since.date(),
    )  # fmt: skip
    for weekday in hours.days:
        founded.rows.add(
            ScheduleSession, founded.since, schedule_id=schedule_id, weekday=weekday, starts=hours.starts,
            ends=hours.ends,
        )  # fmt: skip
    return schedule_id


def _employ(founded: Founded, employee: Employee, n: int, moment: Moment, sign_up: SignUp) -> None:
    rows, since, code = founded.rows, founded.since, founded.hospital.code
    user_id = None
    if employee.username and employee.role:
        user_id = sign_up.user(employee.name, employee.username, since, language=employee.language)
        founded.users[employee.username] = user_id
        own_role = employee.role if isinstance(employee.role, OwnRole) else None
        rows.add(
            Membership, since, user_id=user_id, valid_from=since,
            role=employee.role.value if isinstance(employee.role, Role) else None,
            custom_role_id=own_role and rows.add(
                CustomRole, since, name=own_role.name, name_hi=own_role.name_hi, permissions=list(own_role.permissions)
            ),
            facility_id=None if employee.everywhere else founded.branches[employee.branch],
        )  # fmt: skip
    rows.add(
        StaffMember, since, user_id=user_id, employee_number=f"{code}E{n:03d}", name=employee.name,
        designation=employee.designation, department_id=founded.departments[employee.department],
        facility_id=founded.branches[employee.branch], shift=employee.shift, salary_grade=employee.grade,
        joined_on=moment.day(-employee.years * 365 - 40 - n), phone=f"90000 02{code == 'SH':d}{n:02d}",
        email=_email(employee.name, code),
    )  # fmt: skip


def _email(name: str, code: str) -> str:
    return f"{name.replace(' ', '.')}@{code}.example".lower()
