"""The twenty-five who are not doctors, by hospital. All of them are invented."""

from dataclasses import dataclass
from typing import Literal

from arogya.policy import Permission, Role

_K, _W, _N = "KTH", "WGH", "NSK"


@dataclass(frozen=True, slots=True)
class OwnRole:
    """One that the hospital made itself."""

    name: str
    name_hi: str
    permissions: tuple[Permission, ...]

    @property
    def value(self) -> str:
        """How the audit trail names it."""
        return f"custom:{self.name}"


MEDICAL_RECORDS = OwnRole(
    "Medical records",
    "चिकित्सा अभिलेख",
    (
        Permission.PATIENT_READ,
        Permission.PATIENT_UPDATE,
        Permission.STAFF_READ,
        Permission.APPOINTMENT_READ,
        Permission.COUNTER_SHARE,
    ),
)


@dataclass(frozen=True, slots=True)
class Employee:
    """signs_in: user name and role; branch None there: at all branches."""

    name: str
    designation: str
    department: str
    branch: str
    years: int
    grade: str
    shift: Literal["general", "morning", "evening", "night"] = "general"
    username: str | None = None
    role: Role | OwnRole | None = None
    everywhere: bool = False
    language: str = "en"


NIRMAL_STAFF = (
    Employee("Rekha Pawar", "Receptionist", "Administration", _K, 6, "C2", "morning", "reception", Role.RECEPTIONIST),
    Employee("Nikhil Apte", "Administrator", "Administration", _K, 9, "A1", "general", "admin", Role.HOSPITAL_ADMIN,
             everywhere=True),
    Employee("Shobha Thomas", "Staff nurse", "Nursing", _K, 8, "B2", "morning", "nurse", Role.NURSE),
    Employee("Ganesh Shinde", "Pharmacist", "Pharmacy", _K, 5, "B2", "general", "pharmacist", Role.PHARMACIST),
    Employee("Manisha Gokhale", "Cashier", "Administration", _K, 11, "C1", "general", "cashier", Role.CASHIER),
    Employee("Prakash Jagtap", "Laboratory technician", "Laboratory", _K, 7, "B2", "morning", "lab",
             Role.LAB_TECHNICIAN),
    Employee("Farida Contractor", "Privacy officer", "Administration", _K, 4, "A2", "general", "privacy",
             Role.PRIVACY_OFFICER, everywhere=True),
    Employee("Sandeep Mane", "Receptionist", "Administration", _W, 3, "C2", "general", "reception.wagholi",
             Role.RECEPTIONIST, language="hi"),
    Employee("Leena Chacko", "Staff nurse", "Nursing", _W, 5, "B2", "general", "nurse.wagholi", Role.NURSE),
    Employee("Jyoti Nikam", "Receptionist", "Administration", _K, 2, "C3", "evening"),
    Employee("Vandana Sawant", "Head nurse", "Nursing", _K, 15, "B1"),
    Employee("Asmita Lele", "Radiographer", "Laboratory", _K, 10, "B2"),
    Employee("Neelam Oswal", "Dietician", "Nursing", _K, 4, "B3"),
    Employee("Bharat Salunke", "Ward attendant", "Nursing", _K, 12, "D1", "night"),
    Employee("Sunil Ghule", "Ward attendant", "Nursing", _W, 1, "D2", "morning"),
    Employee("Mohan Kadam", "Ambulance driver", "Administration", _K, 8, "D1", "night"),
    Employee("Rafiq Tamboli", "Security guard", "Administration", _K, 3, "D2", "evening"),
    Employee("Chhaya Londhe", "Housekeeper", "Administration", _K, 6, "D2", "morning"),
    Employee("Iqbal Mulla", "Maintenance technician", "Administration", _W, 7, "C2"),
    Employee("Swapnil Barve", "Medical records officer", "Administration", _K, 5, "C1", "general", "records",
             MEDICAL_RECORDS),
)  # fmt: skip

SAROVAR_STAFF = (
    Employee("Archana Borse", "Receptionist", "Administration", _N, 1, "C2", "general", "reception2",
             Role.RECEPTIONIST),
    Employee("Vinayak Dhatrak", "Administrator", "Administration", _N, 1, "A2", "general", "admin2",
             Role.HOSPITAL_ADMIN, everywhere=True),
    Employee("Mercy Mathew", "Staff nurse", "Nursing", _N, 1, "B2", "morning"),
    Employee("Tukaram Ahire", "Pharmacist", "Pharmacy", _N, 1, "B3"),
    Employee("Zarina Shaikh", "Laboratory technician", "Laboratory", _N, 1, "B3"),
)  # fmt: skip
