"""Raising text messages, as `service.notify` raises what is read in the product."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from arogya.modules.notifications.jobs import send_text
from arogya.modules.notifications.models import TextNotice
from arogya.modules.notifications.schemas import Template
from arogya.modules.notifications.service import Params, plain
from arogya.platform import jobs
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import new_id


async def text_to(ctx: Context, patient_id: UUID, template: Template, params: Params) -> None:
    """Send the patient one text message about the event that is being reacted to, where a phone is known.

    params: ids, times and codes only; a job looks the names and the number up and hands the message over.
    """
    raised = insert(TextNotice).values(
        organization_id=ctx.organization_id, id=new_id(), patient_id=patient_id, event_id=UUID(ctx.request_id),
        template=template.value, params={name: plain(value) for name, value in params.items()}, raised_at=ctx.now(),
        created_at=ctx.now(),
    )  # fmt: skip
    notice_id = await ctx.session.scalar(raised.on_conflict_do_nothing().returning(TextNotice.id))
    if notice_id is None:
        return
    ctx.audit(Action.CREATE, "text_notice", notice_id, patient_id=patient_id, details={"template": template.value})
    await jobs.defer(ctx.session, send_text, organization_id=ctx.organization_id, notice_id=notice_id)
