"""What follows from what happens to patients' records: their likely duplicates are found anew."""

from arogya.modules.patients.duplicates.refresh import refresh
from arogya.modules.patients.events import MergeUndone, PatientChanged, PatientRegistered, PatientsMerged
from arogya.platform.access import Context
from arogya.platform.outbox import on


@on(PatientRegistered)
async def compare_a_new_record(ctx: Context, event: PatientRegistered) -> None:
    await refresh(ctx, [event.patient_id])


@on(PatientChanged)
async def compare_a_changed_record(ctx: Context, event: PatientChanged) -> None:
    await refresh(ctx, [event.patient_id])


@on(PatientsMerged)
async def compare_what_was_merged(ctx: Context, event: PatientsMerged) -> None:
    await refresh(ctx, [event.patient_id, event.merged_id])


@on(MergeUndone)
async def compare_what_was_parted(ctx: Context, event: MergeUndone) -> None:
    await refresh(ctx, [event.patient_id, event.merged_id])
