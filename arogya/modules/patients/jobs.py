"""What the worker does for patients by the clock."""

from typing import Final

from arogya.modules.organizations.api import all_organization_ids
from arogya.modules.patients.duplicates.refresh import not_looked_at, refresh
from arogya.platform.jobs import Work, job

AT_ONCE: Final = 200
"""Records that are compared in one transaction: what is registered meanwhile waits no longer than that takes."""


@job("patients.duplicates", cron="*/10 * * * *")
async def find_duplicates(work: Work) -> None:
    """Compare every record that is new or changed: after an import, or where an event was missed.

    Cut short, it goes on where it stood: a record's keys say that it was looked at.
    """
    for organization_id in await all_organization_ids(work.database):
        last, left = None, True
        while left:
            async with work.context(organization_id, "patients.duplicates") as ctx:
                ids = await not_looked_at(ctx, last, AT_ONCE)
                if ids:
                    await refresh(ctx, ids)
                    last = ids[-1]
                left = len(ids) == AT_ONCE
