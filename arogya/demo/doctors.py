"""The fourteen doctors: who they are, and when they see patients where. All of them are invented."""

from dataclasses import dataclass
from datetime import time
from typing import Literal

Sees = Literal["adult", "child", "woman", "any"]
Cast = Literal["here", "calling", "late", "on-break", "leave", "elsewhere"]
"""What the doctor does at the moment when the demo is filled; 'elsewhere': only what the weekly hours say."""

WORKDAYS = (0, 1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Hours:
    """One schedule. minutes: a slot's, or of one number in a token session. walk_ins: in one session, on average."""

    branch: str
    starts: time
    ends: time
    minutes: int
    days: tuple[int, ...] = WORKDAYS
    kind: Literal["slots", "tokens"] = "slots"
    places: int = 1
    mode: Literal["in-person", "video"] = "in-person"
    walk_ins: float = 2


@dataclass(frozen=True, slots=True)
class Room:
    branch: str
    number: str
    floor: str


@dataclass(frozen=True, slots=True)
class Doctor:
    """demand: which part of the places is usually taken. pace: how long one takes, of the time that is planned."""

    username: str
    name: str
    gender: str
    department: str
    fee_rupees: int
    years: int
    languages: tuple[str, ...]
    degrees: tuple[tuple[str, str], ...]
    rooms: tuple[Room, ...]
    hours: tuple[Hours, ...]
    sees: Sees = "adult"
    now: Cast = "elsewhere"
    demand: float = 0.5
    pace: float = 0.85


DEPARTMENTS: dict[str, str] = {
    "General medicine": "सामान्य चिकित्सा",
    "Cardiology": "हृदय रोग",
    "Orthopaedics": "हड्डी रोग",
    "Paediatrics": "बाल रोग",
    "Gynaecology": "स्त्री रोग",
    "ENT": "नाक-कान-गला",
    "Dermatology": "त्वचा रोग",
    "Ophthalmology": "नेत्र रोग",
    "Psychiatry": "मनोरोग",
    "Dentistry": "दंत चिकित्सा",
    "Nursing": "नर्सिंग",
    "Pharmacy": "औषधालय",
    "Laboratory": "प्रयोगशाला",
    "Radiology": "रेडियोलॉजी",
    "Administration": "प्रशासन",
}

_K, _W, _N = "KTH", "WGH", "NSK"
_MBBS = ("MBBS", "Demo Medical College, Pune")
_NAGPUR = ("MBBS", "Demo Medical College, Nagpur")


def _pg(degree: str) -> tuple[str, str]:
    return degree, "Institute of Postgraduate Studies, Demo University"


NIRMAL_DOCTORS: tuple[Doctor, ...] = (
    Doctor(
        "doctor", "Kavita Iyer", "female", "General medicine", 600, 11, ("en", "hi", "mr", "ta"),
        (_MBBS, _pg("MD General Medicine")), (Room(_K, "4", "first floor"),),
        (Hours(_K, time(8), time(13), 20, walk_ins=4),
         Hours(_K, time(17), time(18, 30), 15, days=(5,), mode="video", walk_ins=0)),
        now="here", demand=0.6, pace=1.0,
    ),
    Doctor(
        "dr.menon", "Arvind Menon", "male", "Cardiology", 900, 18, ("en", "hi", "ml"),
        (_MBBS, _pg("MD General Medicine"), _pg("DM Cardiology")),
        (Room(_K, "7", "first floor"), Room(_W, "2", "ground floor")),
        (Hours(_K, time(8), time(12, 30), 30, walk_ins=1), Hours(_W, time(16), time(18), 30, days=(1, 3), walk_ins=0)),
        now="here", demand=0.55,
    ),
    Doctor(
        "dr.gill", "Harpreet Gill", "male", "Orthopaedics", 700, 14, ("en", "hi", "pa"),
        (_NAGPUR, _pg("MS Orthopaedics")), (Room(_K, "9", "second floor"),),
        (Hours(_K, time(10, 20), time(12, 20), 20, places=2, walk_ins=2),), now="late", demand=0.6, pace=0.8,
    ),
    Doctor(
        "dr.farooqui", "Sana Farooqui", "female", "Paediatrics", 700, 9, ("en", "hi", "ur", "mr"),
        (_MBBS, _pg("MD Paediatrics")), (Room(_K, "2", "ground floor"), Room(_W, "4", "ground floor")),
        (Hours(_K, time(8, 30), time(13, 30), 15, walk_ins=2),
         Hours(_W, time(17), time(19), 15, days=(2, 4), walk_ins=1)),
        sees="child", now="leave", demand=0.5, pace=0.85,
    ),
    Doctor(
        "dr.nambiar", "Meera Nambiar", "female", "Gynaecology", 750, 16, ("en", "hi", "ml"),
        (_NAGPUR, _pg("MS Obstetrics and Gynaecology")), (Room(_K, "5", "first floor"),),
        (Hours(_K, time(8, 30), time(12, 30), 20, walk_ins=1),), sees="woman", now="here", demand=0.5, pace=0.75,
    ),
    Doctor(
        "dr.kulkarni", "Rohan Kulkarni", "male", "ENT", 600, 12, ("en", "hi", "mr"),
        (_MBBS, _pg("MS ENT")), (Room(_K, "3", "ground floor"),),
        (Hours(_K, time(8, 30), time(13), 20, walk_ins=2),), sees="any", now="on-break", demand=0.6,
    ),
    Doctor(
        "dr.rao", "Lalitha Rao", "female", "Dermatology", 650, 21, ("en", "hi", "te", "kn"),
        (_NAGPUR, _pg("MD Dermatology")), (Room(_K, "6", "first floor"),),
        (Hours(_K, time(8, 30), time(12, 30), 10, kind="tokens", places=24, walk_ins=3),),
        sees="any", now="calling", demand=0.55, pace=0.95,
    ),
    Doctor(
        "dr.lobo", "Joseph Lobo", "male", "Ophthalmology", 550, 24, ("en", "hi", "mr"),
        (_MBBS, _pg("MS Ophthalmology")), (Room(_K, "8", "second floor"),),
        (Hours(_K, time(16), time(18), 10, days=(0, 2, 4), places=2, walk_ins=1),), sees="any", demand=0.4,
    ),
    Doctor(
        "dr.deshpande", "Tanvi Deshpande", "female", "Psychiatry", 1200, 8, ("en", "hi", "mr"),
        (_MBBS, _pg("MD Psychiatry")), (Room(_K, "10", "second floor"),),
        (Hours(_K, time(18), time(20), 30, days=(0, 1, 2, 3), mode="video", walk_ins=0),
         Hours(_K, time(10), time(13), 30, days=(5,), walk_ins=0)), demand=0.6,
    ),
    Doctor(
        "dr.pawar", "Subhash Pawar", "male", "General medicine", 400, 27, ("en", "hi", "mr"),
        (_NAGPUR,), (Room(_W, "1", "ground floor"),),
        (Hours(_W, time(8, 30), time(12, 30), 10, kind="tokens", places=24, walk_ins=3),),
        sees="any", now="here", demand=0.5, pace=1.05,
    ),
    Doctor(
        "dr.bansal", "Nikita Bansal", "female", "Dentistry", 500, 6, ("en", "hi"),
        (("BDS", "Demo Dental College, Pune"),), (Room(_W, "3", "ground floor"),),
        (Hours(_W, time(8, 30), time(12, 30), 30, walk_ins=1),
         Hours(_W, time(16), time(19), 30, days=(0, 2, 4), walk_ins=0)),
        sees="any", now="here", demand=0.45,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Service:
    """What is booked and is no doctor. Its room is where its hours are held."""

    name: str
    department: str
    fee_rupees: int
    room: Room
    hours: Hours


NIRMAL_SERVICES: tuple[Service, ...] = (
    Service("X-ray", "Radiology", 450, Room(_K, "X-ray", "ground floor"), Hours(_K, time(8), time(18), 10)),
    Service(
        "Physiotherapy", "Orthopaedics", 500, Room(_K, "11", "second floor"),
        Hours(_K, time(9), time(17), 30, places=2),
    ),
)  # fmt: skip

SAROVAR_DOCTORS: tuple[Doctor, ...] = (
    Doctor(
        "dr.bhosale", "Ramesh Bhosale", "male", "General medicine", 300, 19, ("en", "hi", "mr"),
        (_NAGPUR, _pg("MD General Medicine")), (Room(_N, "1", "ground floor"),),
        (Hours(_N, time(8, 30), time(12, 30), 15, walk_ins=2),), sees="any", now="here", demand=0.3,
    ),
    Doctor(
        "dr.wagh", "Anjali Wagh", "female", "Gynaecology", 400, 10, ("en", "hi", "mr"),
        (_NAGPUR, _pg("MS Obstetrics and Gynaecology")), (Room(_N, "2", "ground floor"),),
        (Hours(_N, time(11), time(13), 20, days=(0, 2, 4), walk_ins=0),), sees="woman", demand=0.4,
    ),
    Doctor(
        "dr.maniyar", "Zubair Maniyar", "male", "Orthopaedics", 450, 13, ("en", "hi", "ur"),
        (_MBBS, _pg("MS Orthopaedics")), (Room(_N, "3", "first floor"),),
        (Hours(_N, time(16), time(18), 10, days=(1, 3, 5), kind="tokens", places=12, walk_ins=1),),
        demand=0.4,
    ),
)  # fmt: skip

REASONS: dict[str, tuple[str, ...]] = {
    "General medicine": ("Fever, 3 days", "Headache", "Follow-up, thyroid", "Blood pressure check", "Sugar reports",
                         "Cough and cold", "Body ache", "Stomach pain", "Weakness", "Fitness certificate"),
    "Cardiology": ("Chest pain on walking", "ECG review", "Palpitations", "Follow-up after angiography",
                   "Breathless on stairs", "Blood pressure, second opinion"),
    "Orthopaedics": ("Knee pain", "Back pain", "Plaster check", "Shoulder stiff", "Ankle twisted", "Heel pain"),
    "Paediatrics": ("Vaccination", "Fever since yesterday", "Cough at night", "Growth check", "Loose motions", "Rash"),
    "Gynaecology": ("Antenatal check", "Irregular periods", "Scan report", "White discharge", "Follow-up"),
    "ENT": ("Ear pain", "Blocked nose", "Sore throat", "Giddiness", "Ear wax", "Hoarse voice"),
    "Dermatology": ("Itching", "Acne", "Hair fall", "Fungal infection, review", "Mole to look at", "Dry skin"),
    "Ophthalmology": ("Spectacles check", "Red eye", "Cataract opinion", "Watering eyes"),
    "Psychiatry": ("Sleeps badly", "Follow-up", "Worries a lot", "Medicines, review"),
    "Dentistry": ("Tooth pain", "Cleaning", "Filling", "Root canal, second sitting", "Braces, adjustment"),
}  # fmt: skip
