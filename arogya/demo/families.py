"""A family: someone, perhaps with a partner, children and a parent, under one phone."""

from collections.abc import Iterator
from random import Random

from arogya.demo.names import Community, joined
from arogya.demo.people import Home, Maker, Person


class Family:
    def __init__(self, maker: Maker, community: Community, home: Home, draw: Random) -> None:
        self._maker, self._community, self._home, self._draw = maker, community, home, draw
        self._surname = draw.choice(community.families)
        self._taken: set[str] = set()

    def members(self, size: int) -> Iterator[Person]:
        """Elders after the two children, the head first."""
        head_age = self._draw.randrange(22, 66)
        head = self._person(self._draw.choice(("male", "female")), head_age)
        self._name_a_father(head)
        yield head
        partner = self._partner(head, head_age) if size > 1 and self._draw.random() < 0.75 else None
        if partner:
            yield partner
        for n in range(size - (2 if partner else 1)):
            if n == 2:
                yield self._elder(head, head_age)
            else:
                yield self._child(head, partner, max(0, min(17, head_age - self._draw.randrange(22, 40))))

    def _person(self, gender: str, age: int) -> Person:
        name = self._community.name(gender, self._surname, self._draw, self._taken)
        return self._maker.person(self._community, name, gender, age, self._home)

    def _name_a_father(self, head: Person) -> None:
        if self._draw.random() < 0.5:
            head.relative_kind = "S/o" if head.gender == "male" else "D/o"
            head.relative_name = joined(self._draw.choice(self._community.men), self._surname)[0]

    def _partner(self, head: Person, head_age: int) -> Person:
        gender = "female" if head.gender == "male" else "male"
        partner = self._person(gender, max(20, head_age + self._draw.randrange(-6, 7)))
        wife, husband = (head, partner) if head.gender == "female" else (partner, head)
        wife.relative_kind, wife.relative_name = "W/o", husband.name
        wife.contact, wife.contact_relation = husband, "husband"
        husband.contact, husband.contact_relation = wife, "wife"
        return partner

    def _child(self, head: Person, partner: Person | None, age: int) -> Person:
        child = self._person(self._draw.choice(("male", "female")), age)
        parents = [p for p in (head, partner) if p is not None]
        father = next((p for p in parents if p.gender == "male"), head)
        child.relative_kind, child.relative_name = ("S/o" if child.gender == "male" else "D/o"), father.name
        guardian = next((p for p in parents if p.gender == "female"), head)
        child.contact, child.contact_relation = guardian, "mother" if guardian.gender == "female" else "father"
        return child

    def _elder(self, head: Person, head_age: int) -> Person:
        elder = self._person(self._draw.choice(("male", "female")), head_age + self._draw.randrange(21, 29))
        elder.contact, elder.contact_relation = head, "son" if head.gender == "male" else "daughter"
        return elder
