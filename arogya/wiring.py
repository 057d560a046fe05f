"""Fills the ports that lower modules declare with the functions of upper ones."""

from uuid import UUID

from arogya.modules.analytics.api import ports as figures_ports
from arogya.modules.identity.api import ports
from arogya.modules.notifications import api as notifications
from arogya.modules.patients import api as patients
from arogya.modules.scheduling import api as scheduling
from arogya.modules.staff import api as staff
from arogya.platform.access import Context


def fill_ports() -> None:
    """Called once at the start of each process: the server, the worker, the demo."""
    ports.register_self = patients.register_self
    ports.account_patients = patients.account_patients
    ports.is_phone_known = patients.is_phone_known
    ports.look_at_pass = patients.look_at_pass
    ports.take_pass = patients.take_pass
    ports.open_by_pass = patients.open_by_pass
    ports.practitioner_of_user = staff.practitioner_of_user
    ports.link_practitioner = staff.link_user
    ports.link_staff_member = staff.link_staff_user
    patients.add_history_source(scheduling.visits)
    patients.add_visit_source(scheduling.visits)
    figures_ports.unread_count = notifications.unread_count
    ports.open_solo_practice = _open_solo_practice


async def _open_solo_practice(ctx: Context, user_id: UUID, name: str, facility_id: UUID) -> None:
    practitioner_id = await staff.add_practitioner(
        ctx, name=name, user_id=user_id, facilities=[staff.Workplace(facility_id, room=None, floor=None)]
    )
    await scheduling.open_solo_practice(ctx, practitioner_id, facility_id)
