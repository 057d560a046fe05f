"""Who hears what of a change: by permission, by branch, patients what is theirs, the waiting room no patient's id."""

from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from arogya.live import LiveAudience
from arogya.platform.access import Actor, Scope
from arogya.policy import Permission as P

HOSPITAL, HERE, ELSEWHERE, USER, PATIENT = (uuid4() for _ in range(5))
WHERE = {"practitioner_id": "p", "facility_id": str(HERE)}
IDS = {**WHERE, "token_id": "t", "appointment_id": "a", "patient_id": str(PATIENT)}


def actor(*permissions: P, facility: UUID | None = None, own_only: bool = False, kind: Any = "user") -> Actor:
    scope = Scope(None if facility is None else frozenset({facility}), own_only)
    user_id = USER if kind == "user" else None
    return Actor(kind, HOSPITAL, user_id, grants={p.value: scope for p in permissions})


def heard(
    who: Actor, topic: str, ids: dict[str, Any] = IDS, own: frozenset[str] = frozenset()
) -> dict[str, Any] | None:
    return LiveAudience(cast(Any, None), cast(Any, None)).hears(who, own, topic, ids)


@pytest.mark.parametrize(
    ("topic", "permission"),
    [
        ("patients", P.PATIENT_READ), ("appointments", P.APPOINTMENT_READ), ("queue", P.QUEUE_READ),
        ("schedules", P.SLOT_READ), ("holds", P.SLOT_READ), ("organization", P.ORGANIZATION_READ),
        ("receipts", P.RECEIPT_READ),
    ],
)  # fmt: skip
def test_topic_is_heard_by_who_may_read_it(topic: str, permission: P) -> None:
    assert heard(actor(permission), topic) == IDS
    assert heard(actor(P.LIVE_LISTEN), topic) is None
    assert heard(actor(permission, facility=HERE), topic) == IDS
    assert heard(actor(permission, facility=ELSEWHERE), topic) is None


def test_what_happened_at_no_branch_is_heard_at_each() -> None:
    assert heard(actor(P.PATIENT_READ, facility=ELSEWHERE), "patients", {"patient_id": "x"}) == {"patient_id": "x"}


def test_unknown_topic_is_heard_by_nobody() -> None:
    assert heard(actor(*P), "secrets") is None


def test_patient_hears_of_their_own_visits_only() -> None:
    sunita = actor(P.APPOINTMENT_READ, P.QUEUE_READ, own_only=True)
    assert heard(sunita, "appointments", own=frozenset({str(PATIENT)})) == IDS
    assert heard(sunita, "appointments", own=frozenset({str(uuid4())})) is None
    assert heard(sunita, "appointments") is None


def test_patient_hears_that_the_queue_moved_and_not_for_whom() -> None:
    assert heard(actor(P.QUEUE_READ, own_only=True), "queue") == WHERE


def test_waiting_room_hears_of_its_own_branch_and_of_no_patient() -> None:
    assert heard(actor(P.DISPLAY_SHOW, facility=HERE, kind="device"), "queue") == WHERE
    assert heard(actor(P.DISPLAY_SHOW, facility=ELSEWHERE, kind="device"), "queue") is None
    assert heard(actor(P.DISPLAY_SHOW, facility=HERE, kind="device"), "appointments") is None


def test_notification_is_heard_by_its_recipient_alone() -> None:
    mine, theirs = {"user_id": str(USER)}, {"user_id": str(uuid4())}
    assert heard(actor(P.NOTIFICATION_OWN), "notifications", mine) == mine
    assert heard(actor(*P), "notifications", theirs) is None
    assert heard(actor(P.DISPLAY_SHOW, kind="device"), "notifications", {}) is None
