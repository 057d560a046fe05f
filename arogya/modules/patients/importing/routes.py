"""Imports of patients over HTTP: send a file, say what is in it, check, run, undo."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from starlette.datastructures import UploadFile

from arogya.modules.patients.importing import service
from arogya.modules.patients.importing.schemas import (
    CheckImport,
    ImportPreview,
    ImportRead,
    RefusalRead,
)
from arogya.modules.patients.models import PatientImport
from arogya.platform.access import Context, requires
from arogya.platform.audit import Action
from arogya.platform.errors import Invalid
from arogya.platform.export import FILES, Form, export
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.language import AskedLanguage
from arogya.platform.paging import Page, PageOf, as_json, page, rows_and_total
from arogya.platform.web import Router
from arogya.policy import Permission

_FILE_WITH_ITS_ENVELOPE = service.MAX_BYTES + 64 * 1024
_FILE_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        }
    },
}

router = Router(prefix="/api/patient-imports", tags=["patient imports"])

Importer = Annotated[Context, requires(Permission.PATIENT_IMPORT)]
Sender = Annotated[Context, requires(Permission.PATIENT_IMPORT, transaction=False)]


@router.get("", response_model=Page[ImportRead])
async def list_patient_imports(ctx: Importer, paging: PageOf) -> Response:
    """The newest first."""
    return await page(ctx, service.imports(), paging, ImportRead)


@router.post(
    "",
    status_code=201,
    response_model=ImportRead,
    max_body_size=_FILE_WITH_ITS_ENVELOPE,
    openapi_extra={"requestBody": _FILE_FORM, **REPEATABLE},
)
async def send_patient_import(request: Request, ctx: Sender) -> PatientImport:
    """A CSV or XLSX file of at most 50 MB, headings in its first line. Answers with what each column seems to be."""
    # Not a parameter of type UploadFile: FastAPI would unpack a stranger's form before asking who that is.
    async with request.form(max_files=1, max_fields=1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Invalid.field("file", "A table, as multipart/form-data", "missing")
        filename, raw = file.filename or "", await file.read()
    head = await service.read_head(raw)
    async with ctx.database.transaction(ctx.organization_id, ctx.user_id) as session:
        session.info["now"] = ctx.now()
        own = service.as_sent(replace(ctx, _session=session), filename, raw)
        return await once(
            own, lambda: service.keep_file(own, filename, raw, head), lambda made: service.find(own, made)
        )


@router.get("/{import_id}", response_model=ImportRead)
async def read_patient_import(import_id: UUID, ctx: Importer) -> PatientImport:
    """How far it is. Names nobody."""
    return await service.find(ctx, import_id)


@router.get("/{import_id}/preview", response_model=ImportPreview)
async def preview_patient_import(import_id: UUID, ctx: Importer) -> ImportPreview:
    """The first lines, to see whether the columns are what they seem."""
    return ImportPreview(samples=await service.samples(ctx, import_id))


@router.post("/{import_id}/check", response_model=ImportRead)
async def check_patient_import(import_id: UUID, request: CheckImport, ctx: Importer) -> PatientImport:
    """Begin the dry run with these columns. It writes no patient."""
    return await service.check(ctx, import_id, request)


@router.post("/{import_id}/run", response_model=ImportRead)
async def run_patient_import(import_id: UUID, ctx: Importer) -> PatientImport:
    """Take in what was checked; where it was interrupted, go on at the next line."""
    return await service.run(ctx, import_id)


@router.post("/{import_id}/cancel", response_model=ImportRead)
async def cancel_patient_import(import_id: UUID, ctx: Importer) -> PatientImport:
    """Stop it. What was taken in stays, until it is undone or gone on with."""
    return await service.cancel(ctx, import_id)


@router.post("/{import_id}/undo", response_model=ImportRead)
async def undo_patient_import(import_id: UUID, ctx: Importer) -> PatientImport:
    """Close all of its records and free their numbers, while none of its patients is used."""
    return await service.undo(ctx, import_id)


@router.get("/{import_id}/refusals", response_model=Page[RefusalRead])
async def list_refused_lines(import_id: UUID, ctx: Importer, paging: PageOf) -> Response:
    """The lines that were not taken, or would not be, and why."""
    row = await service.find(ctx, import_id)
    rows, total, capped = await rows_and_total(ctx, service.refusals(row.id), paging)
    ctx.audit(Action.READ, "patient_import", row.id, details={"part": "refusals"})
    return as_json(RefusalRead, rows, total, capped)


@router.get(
    "/{import_id}/refusals/export",
    response_class=Response,
    responses=FILES,
)
async def export_refused_lines(
    import_id: UUID, ctx: Sender, language: AskedLanguage, form: Annotated[Form, Query()] = "csv"
) -> Response:
    """The same as a table: mend it, and send it as the next file."""
    async with ctx.database.transaction(ctx.organization_id, ctx.user_id) as session:
        row = await service.find(replace(ctx, _session=session), import_id)
    return await export(ctx, service.report(ctx, row, form, language))
