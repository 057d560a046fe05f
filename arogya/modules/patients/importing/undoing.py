"""Takes an import back while nobody has used it: its records close, and the numbers that they held are free again.

Nothing is deleted that anyone could have seen: name, birth and phones stay in the closed record. What goes is by what
it is found and told from others: search terms, ABHA numbers and the like; the UHID gets the import's mark behind it.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, delete, func, literal, select, union, update

from arogya.modules.patients.events import PatientImportMoved, PatientsImported
from arogya.modules.patients.importing.running import LINES_AT_A_TIME, Tell
from arogya.modules.patients.models import (
    Patient,
    PatientDuplicate,
    PatientIdentifier,
    PatientImport,
    PatientImportFile,
    PatientImportLine,
    PatientMatchKey,
    PatientTerm,
)
from arogya.platform.access import Context, system_context
from arogya.platform.audit import Action
from arogya.platform.base import metadata
from arogya.platform.clock import Clock
from arogya.platform.database import Database
from arogya.platform.modules import load_tables

_OWN_PARTS: Final = frozenset(
    {"patient_phones", "patient_identifiers", "patient_contacts", "patient_terms", "patient_import_lines",
     "patient_match_keys", "patient_duplicates"}
)  # fmt: skip
"""What an import writes itself, and what is reckoned from it. Every other table that points at a patient is a use."""


def _uses() -> list[Any]:
    """The columns of all tables by which a patient is used."""
    load_tables()
    return [
        table.c[column]
        for table in metadata.sorted_tables
        if table.name not in _OWN_PARTS
        for key in table.foreign_key_constraints
        if key.referred_table.name == "patients"
        for column in key.column_keys
        if column != "organization_id"
    ]


def _used(ids: Any) -> Select[UUID]:
    """Those of the ids that something points at, or that somebody changed."""
    changed = select(Patient.id.label("patient_id")).where(Patient.id.in_(ids), Patient.version > 1)
    found = [select(column.label("patient_id")).where(column.in_(ids)) for column in _uses()]
    used = union(changed, *found).subquery()
    return select(used.c.patient_id)


async def used_count(ctx: Context, import_id: UUID) -> int:
    """How many of an import's patients are in use."""
    ids = select(PatientImportLine.patient_id).where(PatientImportLine.import_id == import_id)
    return await ctx.session.scalar(select(func.count()).select_from(_used(ids).subquery())) or 0


async def take_back(
    database: Database, clock: Clock, organization_id: UUID, import_id: UUID, tell: Tell = lambda _: None
) -> None:
    """Undo an import that waits for it, portion by portion. Whoever is used meanwhile stays."""
    while True:
        async with system_context(
            database, clock, organization_id, route="patients.import", request_id=str(import_id)
        ) as ctx:
            query = select(PatientImport).where(PatientImport.id == import_id).with_for_update()
            row = (await ctx.session.execute(query)).scalar_one()
            if row.status != "undoing":
                return
            ctx.session.info["user_id"] = row.run_by
            ctx.actor = replace(ctx.actor, user_id=row.run_by)
            is_over = not await _portion(ctx, row)
            if is_over:
                row.status, row.finished_at = "undone", ctx.now()
                await ctx.session.execute(delete(PatientImportFile).where(PatientImportFile.id == row.id))
                ctx.emit(PatientsImported(row.id))
            ctx.emit(PatientImportMoved(row.id))
        tell(row)
        if is_over:
            return


async def _portion(ctx: Context, row: PatientImport) -> bool:
    """The next records. False where there are none left."""
    lines = (
        await ctx.session.execute(
            select(PatientImportLine.line, PatientImportLine.patient_id)
            .where(PatientImportLine.import_id == row.id, PatientImportLine.line > row.last_line)
            .order_by(PatientImportLine.line)
            .limit(LINES_AT_A_TIME)
        )
    ).all()
    if not lines:
        return False
    ids = {line.patient_id for line in lines}
    # Locked first: who books one of them now waits, and then finds a closed record.
    await ctx.session.execute(select(Patient.id).where(Patient.id.in_(ids)).order_by(Patient.id).with_for_update())
    unused = ids - set(await ctx.session.scalars(_used(ids)))
    await _close(ctx, row.id, unused)
    row.last_line = lines[-1].line
    row.lines_done += len(lines)
    row.undone += len(unused)
    return True


async def _close(ctx: Context, import_id: UUID, ids: Collection[UUID]) -> None:
    if not ids:
        return
    mark = literal(f"/undone-{import_id.hex[-8:]}")
    closed = {
        "is_active": False, "mrn": Patient.mrn + mark, "updated_at": ctx.now(), "updated_by": ctx.user_id,
        "version": Patient.version + 1,
    }  # fmt: skip
    await ctx.session.execute(update(Patient).where(Patient.id.in_(ids)).values(closed))
    for part in (PatientTerm, PatientIdentifier, PatientMatchKey):
        await ctx.session.execute(delete(part).where(part.patient_id.in_(ids)))
    either = PatientDuplicate.first_id.in_(ids) | PatientDuplicate.second_id.in_(ids)
    await ctx.session.execute(delete(PatientDuplicate).where(either))
    ctx.audit(Action.DEACTIVATE, "patient", *sorted(ids), details={"import_id": str(import_id)})
