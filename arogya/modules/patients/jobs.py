"""What the worker does for patients while nobody waits: files taken in, likely duplicates found, what is old gone."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select

from arogya.modules.organizations.api import all_organization_ids
from arogya.modules.patients.duplicates.refresh import not_looked_at, refresh
from arogya.modules.patients.importing.running import work_off
from arogya.modules.patients.importing.undoing import take_back
from arogya.modules.patients.models import PatientImport, PatientImportFile, PatientImportRefusal
from arogya.modules.patients.own import passes
from arogya.platform.jobs import Work, job

FORGOTTEN_AFTER: Final = timedelta(days=30)
COMPARED_AT_ONCE: Final = 200
"""Records that are compared in one transaction: what is registered meanwhile waits no longer than that takes."""


@job("patients.import")
async def work_on_import(work: Work, organization_id: str, import_id: str) -> None:
    """Whichever step the import waits for; nothing where it waits for none."""
    ids = UUID(organization_id), UUID(import_id)
    await work_off(work.database, work.clock, *ids, is_last_try=work.is_last_try)
    await take_back(work.database, work.clock, *ids)


@job("patients.forget_import_files", cron="40 21 * * *")
async def forget_import_files(work: Work) -> None:
    """The file and its refused lines are other systems' records of people: a month after the last step they go."""
    before = work.now() - FORGOTTEN_AFTER
    for organization_id in await all_organization_ids(work.database):
        async with work.database.transaction(organization_id) as session:
            moved = PatientImport.finished_at
            old = select(PatientImport.id).where(PatientImport.created_at < before, moved.is_(None) | (moved < before))
            await session.execute(delete(PatientImportFile).where(PatientImportFile.id.in_(old)))
            await session.execute(delete(PatientImportRefusal).where(PatientImportRefusal.import_id.in_(old)))


@job("patients.duplicates", cron="*/10 * * * *")
async def find_duplicates(work: Work) -> None:
    """Compare every record that is new or changed: after an import, or where an event was missed.

    Cut short, it goes on where it stood: a record's keys say that it was looked at.
    """
    for organization_id in await all_organization_ids(work.database):
        last, left = None, True
        while left:
            async with work.context(organization_id, "patients.duplicates") as ctx:
                ids = await not_looked_at(ctx, last, COMPARED_AT_ONCE)
                if ids:
                    await refresh(ctx, ids)
                    last = ids[-1]
                left = len(ids) == COMPARED_AT_ONCE


@job("patients.purge_passes", cron="40 20 * * *")
async def purge_passes(work: Work) -> None:
    """Once a day."""
    for organization_id in await all_organization_ids(work.database):
        async with work.database.transaction(organization_id) as session:
            await passes.purge(session, work.now())
