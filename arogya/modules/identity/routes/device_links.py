"""`/api/device-links`: the waiting room's displays."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from arogya.modules.identity.schemas.devices import CreatedDeviceLink, CreateDeviceLink, DeviceLinkRead
from arogya.modules.identity.service import devices
from arogya.platform.access import Context, requires
from arogya.platform.paging import Page, PageOf, page
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/device-links", tags=["displays"])
Manager = Annotated[Context, requires(Permission.DISPLAY_MANAGE)]


@router.get("", response_model=Page[DeviceLinkRead])
async def list_device_links(ctx: Manager, paging: PageOf) -> Response:
    """The displays that are signed in by a link."""
    return await page(ctx, devices.device_links(ctx), paging, DeviceLinkRead)


@router.post("", status_code=201, response_model=CreatedDeviceLink)
async def make_device_link(request: CreateDeviceLink, ctx: Manager) -> CreatedDeviceLink:
    """The link is shown once: open it on the screen in the waiting room.

    Takes no `Idempotency-Key`: the same answer again would need the link, of which only the hash is kept. One that
    was lost on its way stands in the list as never seen, to be revoked.
    """
    return await devices.make_device_link(ctx, request)


@router.delete("/{link_id}", status_code=204)
async def revoke_device_link(link_id: UUID, ctx: Manager) -> None:
    """The screen goes dark within a second."""
    await devices.revoke_device_link(ctx, link_id)
