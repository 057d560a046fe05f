"""How a user comes to sign in for a patient."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ValidationError

from arogya.modules.identity.api import SelfRegistration
from arogya.modules.patients.models import PatientAccount
from arogya.modules.patients.schemas import PrivacyNotice, RegisterPatient
from arogya.modules.patients.service import register
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.errors import Field, Invalid

Relation = Literal["self", "guardian", "carer"]


async def open_account(
    ctx: Context,
    patient_id: UUID,
    user_id: UUID,
    relation: Relation,
    until: datetime | None = None,
    *,
    by: str | None = None,
) -> None:
    """Let a user sign in for a patient from now on. A guardian's access lapses by itself when the child is of age.

    by: what showed that the record is theirs, for the audit: `birth_year`, `uhid`, `slip`.
    """
    ctx.add(
        PatientAccount(
            patient_id=patient_id, user_id=user_id, relation=relation, valid_from=ctx.now(), valid_until=until
        )
    )  # fmt: skip
    details = {"relation": relation} | ({"by": by} if by else {})
    ctx.audit(Action.CREATE, "patient_account", user_id, patient_id=patient_id, details=details)
    await ctx.session.flush()


async def register_self(ctx: Context, user_id: UUID, person: SelfRegistration) -> UUID:
    """Make the record of a person who registers themselves, and their account. Raises Invalid."""
    try:
        request = RegisterPatient(
            name=person.name,
            gender=person.gender,
            birth_date=person.birth_date,
            age_years=person.age_years,
            phones=[person.phone],
            language=person.language,
            privacy_notice=PrivacyNotice(version=person.privacy_notice_version, language=person.language),
        )
    except ValidationError as fault:
        raise Invalid(
            fields=[Field(".".join(map(str, e["loc"])), e["type"], e["msg"]) for e in fault.errors()]
        ) from None
    patient = await register(ctx, request)
    await open_account(ctx, patient.id, user_id, "self")
    return patient.id
