"""Everyone whom a hospital knows, numbered in the order in which they first came."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from arogya.demo.cast import BABY, DESHMUKHS, FAMILY_PHONE, MOTHER, Player, everyone
from arogya.demo.families import Family
from arogya.demo.moment import MINUTE, SUNDAY, Moment, at
from arogya.demo.names import COMMUNITIES
from arogya.demo.people import Home, Maker, Person

_SIZES = {1: 34, 2: 26, 3: 20, 4: 15, 5: 5}
_SOCIETIES = (
    "Nandanvan Society",
    "Demo Heights",
    "Suyog Apartments",
    "Model Colony Flats",
    "Tulsi Park",
    "Anand Chawl",
)
_NEW_TODAY, _NEW_LATELY = 0.03, 0.24
_BEHIND_DAYS = 90
_REGISTERED_TWICE, _GROWN = 6, 25


@dataclass(frozen=True, slots=True)
class Area:
    name: str
    city: str
    postal_code: str
    near: str


def _misheard(name: str) -> str:
    """`Kavita Rane` as `Kavitaa Rane`: written down by ear."""
    given, *rest = name.split()
    return " ".join((given.replace("i", "ee", 1) if "i" in given else f"{given}{given[-1]}", *rest))


@dataclass(frozen=True, slots=True)
class Register:
    """How a hospital's numbers grew: (days ago, number), oldest first; the last is today's."""

    growth: tuple[tuple[int, int], ...]

    @property
    def oldest_days(self) -> int:
        return self.growth[0][0]

    def number_at(self, days_ago: int) -> int:
        older = min((p for p in self.growth if p[0] >= days_ago), key=lambda p: p[0])
        newer = max((p for p in self.growth if p[0] <= days_ago), key=lambda p: p[0])
        part = 0.0 if older == newer else (older[0] - days_ago) / (older[0] - newer[0])
        return round(older[1] + part * (newer[1] - older[1]))

    def days_ago(self, number: int) -> int:
        return next(days for days in range(self.oldest_days + 1) if self.number_at(days) <= number)


class Town:
    """Settled once: `people` are then all there are."""

    def __init__(self, moment: Moment, name: str, areas: Sequence[Area], register: Register) -> None:
        self._moment = moment
        self._draw = moment.draw(name, "people")
        self._maker = Maker(moment, self._draw)
        self._areas = areas
        self._register = register
        self._phones = iter(self._draw.sample([n for n in range(20_000, 99_000) if n != 11_207], 800))
        self._came_days_ago: dict[Person, int] = {}
        self.people: list[Person] = []

    def settle(self, count: int, *, with_cast: bool) -> None:
        """count people; with the cast, those whom the pictures show are among them."""
        if with_cast:
            self._settle_deshmukhs()
            self._settle_cast()
        doubles = _REGISTERED_TWICE if with_cast else 0
        while len(self.people) < count - doubles:
            self._settle_family(count - doubles - len(self.people))
        self._register_twice(doubles)
        self._number_all()
        self._close_some_records()

    def _settle_deshmukhs(self) -> None:
        home = Home(FAMILY_PHONE, "KTH", "7, Nandanvan Society, Kothrud", "Pune", "411038")
        family = {}
        for relative in DESHMUKHS:
            person = self._join(self._maker.player(relative, home), self._register.days_ago(relative.number or 0))
            person.relative_kind, person.relative_name = relative.relation, relative.of
            person.visits = relative.visits
            person.is_scripted = True
            family[relative.name.split()[0]] = person
        for name, contact, relation in (
            ("Sunita", "Mahesh", "husband"), ("Mahesh", "Sunita", "wife"), ("Kamala", "Mahesh", "son"),
            ("Ishita", "Sunita", "mother"), ("Aarav", "Sunita", "mother"),
        ):  # fmt: skip
            family[name].contact, family[name].contact_relation = family[contact], relation

    def _settle_cast(self) -> None:
        for player in everyone():
            long_ago = self._draw.randrange(_BEHIND_DAYS + 1, self._register.oldest_days)
            came = self._register.days_ago(player.number) if player.number else long_ago
            self._join(self._maker.player(player, self._home()), came)
        mother = self._join(self._maker.player(MOTHER, self._home()), self._register.days_ago(MOTHER.number or 0))
        baby = self._join(self._maker.player(Player(BABY, None, "female", 0, "bn"), mother.home), 2)
        baby.born, baby.mother, baby.abha = self._moment.day(-24), mother, None
        baby.contact, baby.contact_relation = mother, "mother"
        for gender, age in (("male", 40), ("female", 25)):
            stranger = Player(f"Unknown {gender} ~{age}", None, gender, age, "hi")
            person = self._join(self._maker.player(stranger, Home(None, "KTH")), 2)
            person.precision, person.is_unknown, person.is_medico_legal = "year", True, gender == "male"
            person.blood_group = person.abha = None

    def _settle_family(self, room: int) -> None:
        draw = self._draw
        community = draw.choices(COMMUNITIES, [c.share for c in COMMUNITIES])[0]
        size = min(room, draw.choices(list(_SIZES), list(_SIZES.values()))[0])
        came = self._chance_of_coming()
        for person in Family(self._maker, community, self._home(), draw).members(size):
            self._join(person, came)

    def _register_twice(self, count: int) -> None:
        """Some grown-ups whom a second desk did not find, for the worklist of likely duplicates."""
        grown = [p for p in self.people if p.age(self._moment.today) > _GROWN and self._came_days_ago[p] > _BEHIND_DAYS]
        for person in self._draw.sample([p for p in grown if not p.is_unknown and not p.visits], count):
            again = replace(person, name=_misheard(person.name), name_local=None, number=None, registered_at=None)
            again.abha = again.contact = None
            self._join(again, self._draw.randrange(2, _BEHIND_DAYS))

    def _chance_of_coming(self) -> int:
        """How many days ago a family came first: a few today, some lately, most before that."""
        chance = self._draw.random()
        if chance < _NEW_TODAY:
            return 0
        if chance < _NEW_TODAY + _NEW_LATELY:
            return self._draw.randrange(1, _BEHIND_DAYS)
        return self._draw.randrange(_BEHIND_DAYS, self._register.oldest_days)

    def _join(self, person: Person, came_days_ago: int) -> Person:
        self._came_days_ago[person] = came_days_ago
        self.people.append(person)
        return person

    def _home(self) -> Home:
        draw = self._draw
        area = draw.choice(self._areas)
        line = f"{draw.randrange(1, 60)}, {draw.choice(_SOCIETIES)}, {area.name}"
        return Home(f"90000 {next(self._phones):05d}", area.near, line, area.city, area.postal_code)

    def _number_all(self) -> None:
        taken = {person.number for person in self.people if person.number}
        number = 0
        for person in sorted(self.people, key=lambda p: -self._came_days_ago[p]):
            days = self._came_days_ago[person]
            person.registered_at = self._registered_at(days)
            if person.number is None:
                number = max(number + 1, self._register.number_at(days))
                while number in taken:
                    number += 1
                person.number = number

    def _registered_at(self, days_ago: int) -> datetime:
        """Between nine and seven; who came today came before now."""
        minutes = self._draw.randrange(600)
        if days_ago == 0:
            opened = at(self._moment.today)
            return opened + int((self._moment.now - opened) / MINUTE * (0.5 + minutes / 1500)) * MINUTE
        day = self._moment.day(-days_ago)
        if day.weekday() == SUNDAY:
            day -= timedelta(days=1)
        return at(day, time(9)) + minutes * MINUTE

    def _close_some_records(self) -> None:
        """One who died, two registered twice by mistake."""
        old = [p for p in self.people if p.age(self._moment.today) > 70 and not p.is_scripted]
        twice = [p for p in self.people if p.contact is None and not p.is_unknown and not p.is_scripted][-2:]
        for person in old[-1:]:
            person.is_deceased = True
        for person in twice:
            person.is_active = False
