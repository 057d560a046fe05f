"""The audit trail over HTTP, for the privacy officer, and the platform's own for its administrators."""

from typing import Annotated

from fastapi import Response

from arogya.modules.audit import service
from arogya.modules.audit.schemas import AuditRead, Filtered, PlatformAuditRead, PlatformFiltered
from arogya.platform.access import Context, requires
from arogya.platform.export import Export, Headings, export, in_language
from arogya.platform.language import AskedLanguage
from arogya.platform.paging import Page, PageOf, as_json
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api", tags=["audit"])

COLUMNS: Headings = {
    "at": ("At (UTC)", "समय (UTC)"),
    "user_name": ("User", "उपयोगकर्ता"),
    "user_id": ("User id", "उपयोगकर्ता आईडी"),
    "actor_kind": ("Actor", "कर्ता"),
    "roles": ("Roles", "भूमिकाएँ"),
    "action": ("Action", "क्रिया"),
    "outcome": ("Outcome", "परिणाम"),
    "entity": ("Entity", "किसका"),
    "entity_ids": ("Entity ids", "किसके आईडी"),
    "patient_mrn": ("Patient MRN", "मरीज़ का UHID"),
    "route": ("Route", "रूट"),
    "request_id": ("Request", "अनुरोध"),
    "address": ("Address", "पता"),
    "details": ("Details", "विवरण"),
}


@router.get("/audit", response_model=Page[AuditRead])
async def list_audit(
    ctx: Annotated[Context, requires(Permission.AUDIT_READ)], paging: PageOf, wanted: Filtered
) -> Response:
    """What was done in this hospital, newest first. Reading it is itself recorded."""
    return as_json(AuditRead, *await service.read(ctx, wanted, paging))


@router.get("/audit/export", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def export_audit(
    ctx: Annotated[Context, requires(Permission.AUDIT_READ, transaction=False)],
    wanted: Filtered,
    language: AskedLanguage,
) -> Response:
    """The same as CSV, whole. Taking it away is recorded before its first line."""
    async with ctx.database.transaction(ctx.organization_id, ctx.user_id) as session:
        query = await service.hospital_query(ctx, session, wanted)
    return await export(
        ctx,
        Export(
            entity="audit",
            filename=f"audit-{ctx.now():%Y-%m-%d}.csv",
            query=query,
            columns=in_language(COLUMNS, language),
            details=service.as_asked(wanted),
            patient_id=wanted.patient_id,
            dress=service.with_names,
        ),
    )


@router.get("/platform-audit", response_model=Page[PlatformAuditRead])
async def list_platform_audit(
    ctx: Annotated[Context, requires(Permission.TENANT_MANAGE)], paging: PageOf, wanted: PlatformFiltered
) -> Response:
    """Sign-ins, and what the platform's administrators did. Names no patient."""
    return as_json(PlatformAuditRead, *await service.read_platform(ctx, wanted, paging))
