"""A series as people read it: what was agreed, and its visits as they are now."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from arogya.modules.scheduling import reach
from arogya.modules.scheduling.appointments import reads
from arogya.modules.scheduling.models import Appointment, AppointmentSeries
from arogya.modules.scheduling.series.schemas import SeriesRead
from arogya.modules.scheduling.series.service import Made
from arogya.platform.access import Context
from arogya.platform.errors import NotFound

_Later = aliased(Appointment)
_MOVED = exists().where(
    _Later.organization_id == Appointment.organization_id, _Later.rescheduled_from_id == Appointment.id
)


async def read(ctx: Context, made: Made) -> SeriesRead:
    """With an audit row for its visits. Raises NotFound for a series of which the actor may know no visit."""
    series = await ctx.session.scalar(select(AppointmentSeries).where(AppointmentSeries.id == made.id))
    query = reads.everything().where(Appointment.series_id == made.id, ~_MOVED).order_by(Appointment.starts_at)
    rows = (await ctx.session.execute(await reach.narrowed(ctx, query))).mappings().all()
    if series is None or not rows:
        raise NotFound().about("appointment_series", made.id)
    shown = await reads.assemble(ctx, rows)
    reads.audit_list(ctx, shown)
    told = {name: getattr(series, name) for name in SeriesRead.model_fields if hasattr(series, name)}
    return SeriesRead.model_validate({**told, "appointments": shown, "left_out": made.left_out})


async def again(_ctx: Context, series_id: UUID) -> Made:
    """What an earlier request with the same key made; `read` asks whether the actor may know of it."""
    return Made(series_id)
