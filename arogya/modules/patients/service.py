"""What is done with patients: register, read, change, deactivate, open the history."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import flag_modified

from arogya.modules.organizations.api import Organization, organization
from arogya.modules.patients import ports
from arogya.modules.patients.ages import OLDEST_YEARS, Birth, birth_from_age
from arogya.modules.patients.doors import identities, not_found, open_record, sees_own_only, visible
from arogya.modules.patients.events import PatientChanged, PatientRegistered
from arogya.modules.patients.identifiers import UNIQUE_KINDS
from arogya.modules.patients.models import (
    Patient,
    PatientConsent,
    PatientContact,
    PatientFormerName,
    PatientIdentifier,
    PatientPhone,
    PatientTerm,
)
from arogya.modules.patients.mrn import keep_mrn, next_mrn, where_it_may_be_seen
from arogya.modules.patients.names import sort_name
from arogya.modules.patients.phones import e164
from arogya.modules.patients.queries import whole_record
from arogya.modules.patients.schemas import ChangePatient, Consent, Contact, Identifier, PrivacyNotice, RegisterPatient
from arogya.modules.patients.terms import name_terms, number_terms, phone_terms
from arogya.modules.patients.vocabulary import keep_words
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import local_day, new_id
from arogya.platform.errors import Conflict, Field, Forbidden, Invalid
from arogya.platform.etags import check_version
from arogya.platform.paging import Paging

_PARTS: Final = frozenset(
    {"phones", "identifiers", "contacts", "consents", "privacy_notice", "age_years", "age_months"}
)
"""Fields of a request that are no column of `patients`."""
_NEVER_EMPTY: Final = (
    "name", "gender", "mrn", "language", "is_unknown", "is_medico_legal", "is_deceased", "birth_date", "privacy_notice",
)  # fmt: skip
_SEARCHED: Final = frozenset({"name", "name_local", "mrn", "phones", "identifiers"})
OWN_DETAILS: Final = frozenset(
    {"phones", "email", "language", "address_line", "city", "district", "state", "postal_code", "country", "contacts",
     "consents", "privacy_notice"}
)  # fmt: skip
"""What patients, and those who act for them, may change themselves."""


class IdentifierTaken(Conflict):
    code, title = "identifier_taken", "Another patient has this number"


class NotAMother(Invalid):
    code, title = "not_a_mother", "A man is nobody's mother"


class PatientMerged(Conflict):
    """Carries `patient_id`: the record that stands for this person now. Reads lead there by themselves."""

    code, title = "patient_merged", "This record was merged into another"


async def register(
    ctx: Context, request: RegisterPatient, *, birth: Birth | None = None, comes_from_elsewhere: bool = False
) -> Patient:
    """A new patient. Raises MrnTaken, IdentifierTaken, Invalid.

    birth: how it is known, where that is not in the request. comes_from_elsewhere: another system's record, which may
    lack it; the desk asks at least for an age.
    """
    hospital = await organization(ctx.session, ctx.organization_id)
    birth = birth or birth_told(request, _today(ctx, hospital))
    if birth is None and not (request.is_unknown or comes_from_elsewhere):
        raise Invalid.field("birth_date", "Tell a birth date or an age", "required")
    name = request.name or await _name_without_one(ctx, request)
    if request.name and request.mother_id:
        await _mother_name(ctx, request.mother_id)
    facts = request.model_dump(exclude=set(_PARTS | {"name", "mrn", "language", "birth_date"}))
    patient = Patient(
        id=new_id(), name=name, sort_name=sort_name(name, request.name_local),
        mrn=await (keep_mrn(ctx, request.mrn) if request.mrn else next_mrn(ctx, hospital.code)),
        language=request.language or hospital.language, **facts, **_born(birth),
    )  # fmt: skip
    _check_relative(patient)
    _show_notice(ctx, patient, request.privacy_notice)
    ctx.add(patient)
    await ctx.session.flush()
    _add_phones(ctx, patient, hospital, request.phones)
    _add_contacts(ctx, patient, request.contacts)
    _add_consents(ctx, patient, request.consents)
    await _add_identifiers(ctx, patient, request.identifiers)
    ctx.audit(Action.CREATE, "patient", patient.id, patient_id=patient.id)
    ctx.emit(PatientRegistered(patient.id))
    await ctx.session.flush()
    await write_terms(ctx, patient)
    return patient


async def record(ctx: Context, patient_id: UUID) -> dict[str, Any]:
    """The whole demographic record, for answers to one's own write: no audit row. Raises NotFound."""
    found = await whole_record(ctx, patient_id)
    if found is None:
        raise not_found(patient_id)
    return found


async def read(ctx: Context, patient_id: UUID) -> dict[str, Any]:
    """The whole demographic record, with its audit row. A merged record's id reads the other one. Raises NotFound."""
    found = await record(ctx, patient_id)
    ctx.audit(Action.READ, "patient", *dict.fromkeys((found["id"], patient_id)), patient_id=found["id"])
    return found


async def change(ctx: Context, patient_id: UUID, request: ChangePatient, if_match: str | None) -> None:
    """Edit what was sent. A new name keeps the old one beside it.

    Raises NotFound, PatientMerged, Forbidden, PreconditionFailed, MrnTaken, IdentifierTaken, Invalid.
    """
    patient = await find(ctx, patient_id)
    check_version(patient, if_match)
    sent = request.model_fields_set
    _refuse_others_details(ctx, sent)
    for name in _NEVER_EMPTY:
        if name in sent and getattr(request, name) is None:
            raise Invalid.field(name, "May not be empty", "required")
    hospital = await organization(ctx.session, ctx.organization_id)
    await _change_facts(ctx, patient, request, hospital)
    await _change_parts(ctx, patient, request, hospital)
    await _changed(ctx, patient, Action.UPDATE, sorted(sent))
    if sent & _SEARCHED:
        await write_terms(ctx, patient)


async def set_active(ctx: Context, patient_id: UUID, is_active: bool) -> None:
    """Deactivate or reactivate; nothing happens where it is so already. Raises NotFound, PatientMerged."""
    patient = await find(ctx, patient_id)
    if patient.is_active == is_active:
        return
    patient.is_active = is_active
    await ctx.session.execute(
        update(PatientTerm).where(PatientTerm.patient_id == patient_id).values(is_active=is_active)
    )
    await _changed(ctx, patient, Action.REACTIVATE if is_active else Action.DEACTIVATE)
    if is_active:
        await write_terms(ctx, patient)  # a record of an import that was undone has none


async def history(ctx: Context, patient_id: UUID, paging: Paging) -> tuple[list[ports.HistoryEntry], int]:
    """What happened in the patient's care, newest first, and how much in all. Raises NotFound, NoRecordGrant."""
    patient = await open_record(ctx, patient_id, "history")
    return await ports.history_of(ctx, patient.record_ids, paging.skip, paging.limit)


async def find(ctx: Context, patient_id: UUID) -> Patient:
    """The row, to change it: locked, so that an edit without If-Match waits for another.

    Raises NotFound, PatientMerged.
    """
    query = visible(ctx, select(Patient).where(Patient.id == patient_id)).with_for_update(of=Patient)
    patient = await ctx.session.scalar(query)
    if patient is None:
        raise not_found(patient_id)
    if patient.merged_into_id is not None:
        raise PatientMerged(extra={"patient_id": patient.merged_into_id}).about("patient", patient_id)
    return patient


def _today(ctx: Context, hospital: Organization) -> date:
    return local_day(ctx.now(), ZoneInfo(hospital.time_zone))


def birth_told(request: RegisterPatient | ChangePatient, today: date) -> Birth | None:
    """When the patient was born, by the date or the age that was told; None where neither was."""
    if request.age_years is not None or request.age_months is not None:
        return birth_from_age(today, request.age_years or 0, request.age_months)
    born = request.birth_date
    if born is None:
        return None
    if born > today:
        raise Invalid.field("birth_date", "In the future", "in_the_future")
    if born.year < today.year - OLDEST_YEARS:
        raise Invalid.field("birth_date", f"More than {OLDEST_YEARS} years ago", "too_long_ago")
    return Birth(born, "day")


def _born(birth: Birth | None) -> dict[str, Any]:
    return {"birth_date": birth.date, "birth_date_precision": birth.precision} if birth else {}


async def _name_without_one(ctx: Context, request: RegisterPatient) -> str:
    """What is written on the file of one who can't say a name. Raises Invalid."""
    if request.mother_id:
        return f"Baby of {await _mother_name(ctx, request.mother_id)}"[:120]
    if not request.is_unknown:
        raise Invalid.field("name", "A name, or is_unknown", "required")
    person = {"male": "Unknown male", "female": "Unknown female"}.get(request.gender, "Unknown person")
    return person if request.age_years is None else f"{person} ~{request.age_years}"


async def _mother_name(ctx: Context, mother_id: UUID) -> str:
    found = await identities(ctx, [mother_id])
    if mother_id not in found:
        raise Invalid.field("mother_id", "There is no such patient", "not_found")
    if found[mother_id].gender == "male":
        raise NotAMother(fields=[Field("mother_id", NotAMother.code, NotAMother.title)])
    ctx.audit(Action.READ, "patient", mother_id, patient_id=mother_id)
    return found[mother_id].name


def _check_relative(patient: Patient) -> None:
    if bool(patient.relative_kind) != bool(patient.relative_name):
        missing = "relative_name" if patient.relative_kind else "relative_kind"
        raise Invalid.field(missing, "Say whose child or spouse, and which", "required")


def _refuse_others_details(ctx: Context, sent: Iterable[str]) -> None:
    """Patients mend how they are reached; who they are is the hospital's to change."""
    beyond = sorted(set(sent) - OWN_DETAILS)
    if beyond and sees_own_only(ctx):
        raise Forbidden(
            "Ask the reception to change this",
            fields=[Field(name, "not_yours", "Changed at the desk") for name in beyond],
        )


def _show_notice(ctx: Context, patient: Patient, notice: PrivacyNotice | None) -> None:
    if notice:
        patient.privacy_notice_version, patient.privacy_notice_language = notice.version, notice.language
        patient.privacy_notice_at = ctx.now()


async def _change_facts(ctx: Context, patient: Patient, request: ChangePatient, hospital: Organization) -> None:
    if request.mrn and request.mrn != patient.mrn:
        patient.mrn = await keep_mrn(ctx, request.mrn)
    if request.mother_id is not None:
        if request.mother_id == patient.id:
            raise Invalid.field("mother_id", "Nobody is their own mother")
        await _mother_name(ctx, request.mother_id)
    birth = birth_told(request, _today(ctx, hospital))
    _keep_former_name(ctx, patient, request)
    for name, value in (request.model_dump(include=request.model_fields_set - _PARTS - {"mrn"}) | _born(birth)).items():
        setattr(patient, name, value)
    patient.sort_name = sort_name(patient.name, patient.name_local)
    _check_relative(patient)
    _show_notice(ctx, patient, request.privacy_notice)


def _keep_former_name(ctx: Context, patient: Patient, request: ChangePatient) -> None:
    """Who was registered without a name, or under another one, stays to be seen. A named person is no unknown one."""
    sent = request.model_fields_set
    name = request.name if "name" in sent else patient.name
    name_local = request.name_local if "name_local" in sent else patient.name_local
    if (name, name_local) == (patient.name, patient.name_local):
        return
    ctx.add(
        PatientFormerName(
            patient_id=patient.id, name=patient.name, name_local=patient.name_local, was_unknown=patient.is_unknown
        )
    )
    if name != patient.name and "is_unknown" not in sent:
        patient.is_unknown = False


async def _change_parts(ctx: Context, patient: Patient, request: ChangePatient, hospital: Organization) -> None:
    sent = request.model_fields_set
    if "phones" in sent:
        await ctx.session.execute(delete(PatientPhone).where(PatientPhone.patient_id == patient.id))
        _add_phones(ctx, patient, hospital, request.phones or ())
    if "contacts" in sent:
        await ctx.session.execute(delete(PatientContact).where(PatientContact.patient_id == patient.id))
        _add_contacts(ctx, patient, request.contacts or ())
    if "identifiers" in sent:
        await _replace_identifiers(ctx, patient, request.identifiers or ())
    _add_consents(ctx, patient, request.consents or ())


def _add_phones(ctx: Context, patient: Patient, hospital: Organization, phones: Sequence[str]) -> None:
    for position, number in enumerate(dict.fromkeys(phones)):
        read = e164(number, hospital.country)
        ctx.add(PatientPhone(patient_id=patient.id, number=number, e164=read, position=position))


def _add_contacts(ctx: Context, patient: Patient, contacts: Sequence[Contact]) -> None:
    for position, contact in enumerate(contacts):
        ctx.add(PatientContact(patient_id=patient.id, position=position, **contact.model_dump()))


def _add_consents(ctx: Context, patient: Patient, consents: Sequence[Consent]) -> None:
    """Each under the notice that was shown. Raises Invalid where none was, or a purpose stands twice."""
    if consents and patient.privacy_notice_version is None:
        raise Invalid.field("privacy_notice", "Nobody can agree to what was not shown", "required")
    if len({consent.purpose for consent in consents}) != len(consents):
        raise Invalid.field("consents", "A purpose stands twice", "duplicate")
    for consent in consents:
        ctx.add(
            PatientConsent(
                patient_id=patient.id, purpose=consent.purpose, is_given=consent.is_given,
                notice_version=patient.privacy_notice_version, notice_language=patient.privacy_notice_language,
            )
        )  # fmt: skip


async def _add_identifiers(ctx: Context, patient: Patient, identifiers: Sequence[Identifier]) -> None:
    """Raises IdentifierTaken. A second desk that adds the same number waits here for the first one's commit."""
    wanted = {(one.kind, one.system, one.value): one for one in identifiers}
    if not wanted:
        return
    common = {
        "organization_id": ctx.organization_id, "patient_id": patient.id, "created_at": ctx.now(),
        "created_by": ctx.user_id,
    }  # fmt: skip
    rows = [common | {"id": new_id(), **one.model_dump()} for one in wanted.values()]
    kept = insert(PatientIdentifier).values(rows).on_conflict_do_nothing()
    columns = (PatientIdentifier.kind, PatientIdentifier.system, PatientIdentifier.value)
    added = {tuple(row) for row in await ctx.session.execute(kept.returning(*columns))}
    for key, one in wanted.items():
        if key not in added:
            raise await _taken(ctx, identifiers, one)


async def _replace_identifiers(ctx: Context, patient: Patient, identifiers: Sequence[Identifier]) -> None:
    """What stays keeps its row, which says since when it is known."""
    wanted = {(one.kind, one.system, one.value) for one in identifiers}
    there = await ctx.session.scalars(select(PatientIdentifier).where(PatientIdentifier.patient_id == patient.id))
    known = {(one.kind, one.system, one.value): one for one in there}
    for key, gone in known.items():
        if key not in wanted:
            await ctx.session.delete(gone)
    await ctx.session.flush()
    await _add_identifiers(ctx, patient, [one for one in identifiers if (one.kind, one.system, one.value) not in known])


async def _taken(ctx: Context, sent: Sequence[Identifier], one: Identifier) -> IdentifierTaken:
    assert one.kind in UNIQUE_KINDS
    holder = await ctx.session.scalar(
        select(PatientIdentifier.patient_id).where(
            PatientIdentifier.kind == one.kind,
            PatientIdentifier.system == one.system,
            PatientIdentifier.value == one.value,
        )
    )
    field = Field(f"identifiers.{sent.index(one)}.value", "identifier_taken", IdentifierTaken.title)
    shown = where_it_may_be_seen(ctx, holder) if holder else {}
    return IdentifierTaken(fields=[field], extra={"kind": one.kind, **shown})


async def _changed(ctx: Context, patient: Patient, action: Action, fields: Sequence[str] = ()) -> None:
    # Phones and contacts are rows of their own: the record's version must move with them.
    flag_modified(patient, "updated_at")
    ctx.audit(
        action, "patient", patient.id, patient_id=patient.id, details={"fields": list(fields)} if fields else None
    )
    ctx.emit(PatientChanged(patient.id))
    await ctx.session.flush()


async def write_terms(ctx: Context, patient: Patient) -> None:
    """Make the patient findable by what is known now, and by what was known of the records merged into this one."""
    merged = (await ctx.session.scalars(select(Patient).where(Patient.merged_into_id == patient.id))).all()
    records = [patient, *merged]
    whose = [record.id for record in records]
    phones = await ctx.session.execute(
        select(PatientPhone.number, PatientPhone.e164).where(PatientPhone.patient_id.in_(whose))
    )
    identifiers = await ctx.session.execute(
        select(PatientIdentifier.kind, PatientIdentifier.value).where(PatientIdentifier.patient_id.in_(whose))
    )
    terms = {term for record in records for term in name_terms(record.name, record.name_local)}
    terms |= phone_terms((row.number, row.e164) for row in phones)
    numbers = [(row.kind, row.value) for row in identifiers]
    terms |= {term for record in records for term in number_terms(record.mrn, numbers)}
    await ctx.session.execute(delete(PatientTerm).where(PatientTerm.patient_id.in_(whose)))
    # The words of all names stand behind the patient's own: further words of a search are looked for there.
    words = dict.fromkeys(word for record in records for word in record.sort_name.split())
    common = {
        "organization_id": ctx.organization_id, "is_active": patient.is_active, "sort_name": " ".join(words),
        "patient_id": patient.id,
    }  # fmt: skip
    rows = [common | {"kind": kind, "term": term} for kind, term in sorted(terms)]
    await ctx.session.execute(insert(PatientTerm).values(rows))
    await keep_words(ctx.session, ctx.organization_id, (term for kind, term in terms if kind == "name"))
