"""The two hospitals: a network with two branches, and a small one that has nothing to do with it. Both are invented."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from arogya.demo.doctors import NIRMAL_DOCTORS, NIRMAL_SERVICES, SAROVAR_DOCTORS, Doctor, Service
from arogya.demo.moment import Moment, at
from arogya.demo.sessions import Absence
from arogya.demo.staff import NIRMAL_STAFF, SAROVAR_STAFF, Employee
from arogya.demo.town import Area, Register


@dataclass(frozen=True, slots=True)
class Branch:
    code: str
    name: str
    phone: str
    address_line: str
    city: str
    postal_code: str
    gstin: str
    upi_vpa: str


@dataclass(frozen=True, slots=True)
class Hospital:
    """code: also the prefix of its MRNs. rules: booking rules that are not the default."""

    code: str
    name: str
    open_days: int
    branches: tuple[Branch, ...]
    doctors: tuple[Doctor, ...]
    staff: tuple[Employee, ...]
    patients: int
    areas: tuple[Area, ...]
    register: Register
    with_cast: bool
    absences: Callable[[Moment], list[Absence]]
    rules: dict[str, Any] = field(default_factory=dict)
    services: tuple[Service, ...] = ()

    @property
    def revisit_days(self) -> int:
        days: int = self.rules.get("revisit_days", 14)
        return days


def _whole_days(moment: Moment, first: int, last: int, reason: str, **whose: Any) -> Absence:
    return Absence(at(moment.day(first)), at(moment.day(last)) + timedelta(days=1), reason, **whose)


def _nirmal_absences(moment: Moment) -> list[Absence]:
    doctors = {doctor.username: doctor for doctor in NIRMAL_DOCTORS}
    return [
        _whole_days(moment, -30, -30, "Founders' day", branch="WGH"),
        _whole_days(moment, -20, -18, "Family wedding", doctor=doctors["dr.kulkarni"]),
        _whole_days(moment, 9, 11, "Conference", doctor=doctors["dr.menon"]),
        _whole_days(moment, 16, 16, "Water supply repaired", branch="WGH"),
        _whole_days(moment, 21, 25, "Holiday", doctor=doctors["dr.lobo"]),
    ]


NIRMAL = Hospital(
    code="NH", name="Nirmal Hospital", open_days=1400,
    branches=(
        Branch("KTH", "Kothrud", "90000 00100", "12, Demo Marg, Kothrud", "Pune", "411038", "27AAACN0001N1ZT",
               "demo.kothrud@invalid"),
        Branch("WGH", "Wagholi", "90000 00200", "3, Demo Chowk, Wagholi", "Pune", "412207", "27AAACN0001N1ZT",
               "demo.wagholi@invalid"),
    ),
    doctors=NIRMAL_DOCTORS, services=NIRMAL_SERVICES, staff=NIRMAL_STAFF, patients=430,
    areas=(
        Area("Kothrud", "Pune", "411038", "KTH"), Area("Karve Nagar", "Pune", "411052", "KTH"),
        Area("Warje", "Pune", "411058", "KTH"), Area("Bavdhan", "Pune", "411021", "KTH"),
        Area("Wagholi", "Pune", "412207", "WGH"), Area("Kharadi", "Pune", "411014", "WGH"),
    ),
    register=Register(((1400, 174_000), (95, 221_060), (0, 222_260))), with_cast=True, absences=_nirmal_absences,
)  # fmt: skip

SAROVAR = Hospital(
    code="SH", name="Sarovar Hospital", open_days=400,
    branches=(
        Branch("NSK", "Nashik", "90000 00300", "5, Demo Path, Gangapur Road", "Nashik", "422013", "27AAACS0001S1ZE",
               "demo.sarovar@invalid"),
    ),
    doctors=SAROVAR_DOCTORS, staff=SAROVAR_STAFF, patients=70,
    areas=(Area("Gangapur Road", "Nashik", "422013", "NSK"), Area("Panchavati", "Nashik", "422003", "NSK")),
    register=Register(((400, 1), (90, 60), (0, 90))), with_cast=False, absences=lambda _moment: [],
    rules={"patient_bookings_need_confirming": False, "revisit_days": 7},
)  # fmt: skip

HOSPITALS = (NIRMAL, SAROVAR)
