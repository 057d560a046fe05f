"""A patient before becoming rows: who, of which family, since when known to the hospital."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from stdnum import luhn

from arogya.demo.cast import Player
from arogya.demo.moment import Moment
from arogya.demo.names import Community, Name

_BLOOD_GROUPS = {"O+": 28, "B+": 24, "A+": 17, "AB+": 6, "O-": 1, "B-": 1, "A-": 1, "AB-": 1, None: 21}
_MOST_PEOPLE = 1000


@dataclass(frozen=True, slots=True)
class Home:
    """One phone and one address for the family. near: the branch that is closest."""

    phone: str | None
    near: str
    address_line: str | None = None
    city: str | None = None
    postal_code: str | None = None


@dataclass(eq=False, slots=True)
class Person:
    """is_scripted: chance gives this patient no visits. visits: those that the script wants, (doctor, days ahead)."""

    name: str
    name_local: str | None
    gender: str
    language: str
    home: Home
    born: date
    precision: str = "day"
    number: int | None = None
    registered_at: datetime | None = None
    blood_group: str | None = None
    relative_kind: str | None = None
    relative_name: str | None = None
    contact: "Person | None" = None
    contact_relation: str = ""
    abha: str | None = None
    is_unknown: bool = False
    is_medico_legal: bool = False
    is_deceased: bool = False
    is_active: bool = True
    mother: "Person | None" = None
    is_scripted: bool = False
    visits: tuple[tuple[str, int], ...] = ()
    doctors: list[str] = field(default_factory=list)
    id: UUID | None = None

    def age(self, on: date) -> int:
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))

    @property
    def known_since(self) -> datetime:
        assert self.registered_at is not None
        return self.registered_at


class Maker:
    """Makes people of a given age; the rest is drawn."""

    def __init__(self, moment: Moment, draw: Random) -> None:
        self.today = moment.today
        self._draw = draw
        self._numbers = iter(draw.sample(range(10**7), _MOST_PEOPLE))

    def person(self, community: Community, name: Name, gender: str, age: int, home: Home) -> Person:
        born, precision = self.born(age), "day"
        if age > 45 and self._draw.random() < 0.4:  # many know their age only
            born, precision = self.today.replace(year=self.today.year - age, day=1), "year"
        return Person(
            *name, gender, community.language, home, born, precision, blood_group=self._blood_group(), abha=self._abha()
        )

    def player(self, player: Player, home: Home) -> Person:
        return Person(
            player.name, player.name_local, player.gender, player.language, home, self.born(player.age),
            number=player.number, blood_group=player.blood_group or self._blood_group(), abha=self._abha(),
        )  # fmt: skip

    def born(self, age: int) -> date:
        """A birthday that makes this the age today."""
        return self.today - timedelta(days=int(age * 365.25) + self._draw.randrange(4, 360))

    def _blood_group(self) -> str | None:
        return self._draw.choices(list(_BLOOD_GROUPS), list(_BLOOD_GROUPS.values()))[0]

    def _abha(self) -> str | None:
        """Fourteen digits of a range that nobody has; the last one fits. Not everyone has such a number."""
        body = f"917000{next(self._numbers):07d}"
        return body + luhn.calc_check_digit(body) if self._draw.random() < 0.45 else None
