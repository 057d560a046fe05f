"""How far a permission reaches: nowhere where it is not held, a screen's to its own branch."""

from types import MappingProxyType
from uuid import uuid4

from arogya.modules.identity import authenticator
from arogya.modules.patients.mrn import where_it_may_be_seen
from arogya.platform.access import Actor, Context, Scope
from arogya.platform.clock import SystemClock
from arogya.policy import DEVICE_PERMISSIONS, Permission

MAIN = uuid4()


def context(grants: dict[str, Scope]) -> Context:
    actor = Actor(kind="user", organization_id=uuid4(), user_id=uuid4(), grants=MappingProxyType(grants))
    return Context(actor, SystemClock(), "test", "test", None)  # type: ignore[arg-type]


def test_what_is_not_held_reaches_no_branch() -> None:
    ctx = context({Permission.QUEUE_READ.value: Scope(frozenset({MAIN}))})
    assert ctx.facilities(Permission.QUEUE_READ) == {MAIN}
    assert ctx.facilities(Permission.APPOINTMENT_READ) == frozenset()
    assert ctx.own_only(Permission.APPOINTMENT_READ)
    assert not ctx.own_only(Permission.QUEUE_READ)


def test_whose_number_it_is_learns_only_who_may_find_them() -> None:
    """What a taken number tells of its holder."""
    holder = uuid4()
    everywhere, ones_own = Scope(None), Scope(None, own_only=True)
    assert where_it_may_be_seen(context({Permission.PATIENT_READ.value: everywhere}), holder) == {"patient_id": holder}
    assert where_it_may_be_seen(context({Permission.PATIENT_READ.value: ones_own}), holder) == {}
    assert where_it_may_be_seen(context({Permission.PATIENT_REGISTER.value: everywhere}), holder) == {}


def test_a_screen_reaches_its_own_branch() -> None:
    here, elsewhere = uuid4(), uuid4()
    grants = authenticator.device_grants(here)
    assert set(grants) == {permission.value for permission in DEVICE_PERMISSIONS}
    actor = Actor(kind="device", organization_id=uuid4(), grants=grants)
    for permission in DEVICE_PERMISSIONS:
        assert actor.may(permission, here)
        assert not actor.may(permission, elsewhere)
