"""What the worker does for patients by the clock."""

from arogya.modules.organizations.api import all_organization_ids
from arogya.modules.patients.own import passes
from arogya.platform.jobs import Work, job


@job("patients.purge_passes", cron="40 20 * * *")
async def purge_passes(work: Work) -> None:
    """Once a day."""
    for organization_id in await all_organization_ids(work.database):
        async with work.database.transaction(organization_id) as session:
            await passes.purge(session, work.now())
