"""Bodies of claiming a record, of the family, and of who signs in for a patient."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from arogya.platform.bodies import Body, Read


class ClaimableRead(Read):
    """Someone with this phone's number, by no more than tells one of a family from another."""

    organization_id: UUID
    organization_name: str
    patient_id: UUID
    first_name: str
    initial: str
    age_years: int | None
    is_child: bool
    is_at_desk: bool = Field(description="Three tries failed: only the desk can open it now.")


class ClaimableList(Read):
    items: list[ClaimableRead]


class Claim(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "organization_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e",
                    "patient_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
                    "birth_year": 1990,
                }
            ]
        }
    )

    organization_id: UUID
    patient_id: UUID
    birth_year: Annotated[int, Field(ge=1880, le=2200)] | None = Field(default=None, repr=False)
    uhid: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = Field(
        default=None, repr=False, description="In place of the year: from the slip."
    )
    relation: Literal["self", "carer"] = Field(default="self", description="For a child it is always guardian.")

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if (self.birth_year is None) == (self.uhid is None):
            raise ValueError("give either birth_year or uhid")
        return self


class FamilyMember(Read):
    """relation: self, guardian or carer."""

    organization_id: UUID
    organization_name: str
    patient_id: UUID
    name: str
    relation: str


class Family(Read):
    items: list[FamilyMember]


class AccountRead(Read):
    """Who signs in for a patient. name: '' for who has given none; phone: '' for who came by a slip."""

    id: UUID
    user_id: UUID
    name: str
    phone: str
    relation: str
    valid_from: datetime
    last_seen_at: datetime | None


class AccountList(Read):
    items: list[AccountRead]
