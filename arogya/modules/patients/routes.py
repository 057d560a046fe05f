"""Patients: search, register, read, change, photo, history."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Query, Request, Response
from starlette.datastructures import UploadFile

from arogya.modules.patients import photos, service, uhid_card
from arogya.modules.patients.duplicates import routes as duplicates
from arogya.modules.patients.exporting import patients_export
from arogya.modules.patients.identifiers import check_digit_fails
from arogya.modules.patients.importing import routes as importing
from arogya.modules.patients.importing.schemas import ExportPatients
from arogya.modules.patients.merging import routes as merging
from arogya.modules.patients.own import routes as own
from arogya.modules.patients.schemas import (
    ChangePatient,
    FindSimilar,
    HistoryEntryRead,
    PatientRead,
    PatientRegisteredRead,
    PatientRow,
    RegisterPatient,
    RegistrationWarning,
    SearchPatients,
    Similar,
    WantedPatients,
)
from arogya.modules.patients.search import search
from arogya.modules.patients.similar import matches, similar
from arogya.platform.access import Context, requires
from arogya.platform.audit import Action
from arogya.platform.errors import Invalid
from arogya.platform.etags import IfMatch
from arogya.platform.export import FILES, export
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.language import AskedLanguage
from arogya.platform.paging import TOTAL_CAP, Page, PageOf, as_json
from arogya.platform.web import Router
from arogya.policy import Permission

_PHOTO_WITH_ITS_ENVELOPE = photos.MAX_BYTES + 64 * 1024

_PHOTO_FORM = {
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

people = Router(prefix="/api/patients", tags=["patients"])
people.include_router(own.router)  # first: "claimable" is no patient's id
people.include_router(duplicates.router)
people.include_router(merging.router)

Reader = Annotated[Context, requires(Permission.PATIENT_READ)]
Registrar = Annotated[Context, requires(Permission.PATIENT_REGISTER)]
Editor = Annotated[Context, requires(Permission.PATIENT_UPDATE)]
PhotoEditor = Annotated[Context, requires(Permission.PATIENT_UPDATE, transaction=False)]
Exporter = Annotated[Context, requires(Permission.PATIENT_EXPORT, transaction=False)]
CardPrinter = Annotated[Context, requires(Permission.PATIENT_UPDATE, transaction=False)]
Deactivator = Annotated[Context, requires(Permission.PATIENT_DEACTIVATE)]
ChartReader = Annotated[Context, requires(Permission.CHART_OPEN)]


@people.get("", response_model=Page[PatientRow])
async def list_patients(wanted: Annotated[WantedPatients, Query()], ctx: Reader) -> Response:
    """For programs; people's search goes by `POST /api/patients/search`, which keeps names out of addresses."""
    return await _page(ctx, wanted)


@people.post("/search", response_model=Page[PatientRow])
async def search_patients(request: SearchPatients, ctx: Reader) -> Response:
    """Names in any order of words, the beginning or the end of a phone number, MRN, ABHA."""
    return await _page(ctx, request)


async def _page(ctx: Context, wanted: WantedPatients) -> Response:
    rows, total, capped = await search(ctx, wanted)
    return as_json(PatientRow, rows, total, capped)


@people.post(
    "/export",
    response_class=Response,
    responses=FILES,
)
async def export_patients(request: ExportPatients, ctx: Exporter, language: AskedLanguage) -> Response:
    """The list as its filters show it, whole, as CSV or XLSX. Taking it away is recorded before its first line."""
    async with ctx.database.transaction(ctx.organization_id, ctx.user_id) as session:
        what = await patients_export(replace(ctx, _session=session), request, language)
    return await export(ctx, what)


@people.post("/similar", response_model=Similar)
async def find_similar_patients(request: FindSimilar, ctx: Registrar) -> Similar:
    """Whom a new patient might already be, while the form is filled."""
    return Similar.model_validate({"items": await similar(ctx, request)})


@people.post("", status_code=201, response_model=PatientRegisteredRead, openapi_extra=REPEATABLE)
async def register_patient(request: RegisterPatient, ctx: Registrar, response: Response) -> PatientRegisteredRead:
    """A name of one word is enough. The same MRN or ABHA number is refused; what only looks alike is warned of."""
    registered = await once(ctx, lambda: service.register(ctx, request), lambda made: service.find(ctx, made))
    record = await _shown(ctx, registered.id, response)
    response.headers["Location"] = f"/api/patients/{registered.id}"
    return PatientRegisteredRead.model_validate(record | {"warnings": await _warnings(ctx, registered.id, request)})


async def _warnings(ctx: Context, patient_id: UUID, request: RegisterPatient) -> list[RegistrationWarning]:
    warnings = []
    if any(check_digit_fails(one.kind, one.value) for one in request.identifiers):
        warnings.append(RegistrationWarning(code="abha_check_digit"))
    told = FindSimilar(
        name=request.name,
        phone=request.phones[0] if request.phones else None,
        birth_date=request.birth_date,
        age_years=request.age_years,
    )
    alike = [match for match in await matches(ctx, told, but=patient_id) if match.is_probably_the_same]
    if alike:
        ctx.audit(Action.SEARCH, "patient", *(match.id for match in alike), details={"by": ["registration"]})
    return warnings + [
        RegistrationWarning(code="possible_duplicate", patient_id=match.id, because=match.because) for match in alike
    ]


@people.get("/{patient_id}", response_model=PatientRead)
async def read_patient(patient_id: UUID, ctx: Reader, response: Response) -> dict[str, Any]:
    record = await service.read(ctx, patient_id)
    response.headers["ETag"] = f'"{record["version"]}"'
    return record


@people.patch("/{patient_id}", response_model=PatientRead)
async def change_patient(
    patient_id: UUID, request: ChangePatient, ctx: Editor, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Patients themselves change how they are reached; who they are is changed at the desk."""
    await service.change(ctx, patient_id, request, if_match)
    return await _shown(ctx, patient_id, response)


@people.delete("/{patient_id}", status_code=204)
async def deactivate_patient(patient_id: UUID, ctx: Deactivator) -> None:
    """Nothing is deleted: the record leaves the lists."""
    await service.set_active(ctx, patient_id, False)


@people.post("/{patient_id}/reactivate", response_model=PatientRead)
async def reactivate_patient(patient_id: UUID, ctx: Deactivator, response: Response) -> dict[str, Any]:
    await service.set_active(ctx, patient_id, True)
    return await _shown(ctx, patient_id, response)


async def _shown(ctx: Context, patient_id: UUID, response: Response) -> dict[str, Any]:
    record = await service.record(ctx, patient_id)
    response.headers["ETag"] = f'"{record["version"]}"'
    return record


@people.put(
    "/{patient_id}/photo",
    status_code=204,
    max_body_size=_PHOTO_WITH_ITS_ENVELOPE,
    openapi_extra={"requestBody": _PHOTO_FORM},
)
async def keep_patient_photo(patient_id: UUID, request: Request, ctx: PhotoEditor) -> None:
    """JPEG, PNG or WebP, at most 5 MB and 20 megapixels; a JPEG of at most 512 px a side is kept."""
    # Not a parameter of type UploadFile: FastAPI would unpack a stranger's form before asking who that is.
    async with request.form(max_files=1, max_fields=1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Invalid.field("file", "A picture, as multipart/form-data", "missing")
        await photos.keep_photo(ctx, patient_id, await file.read())


@people.get("/{patient_id}/photo", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
async def read_patient_photo(
    patient_id: UUID, ctx: Reader, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    photo = await photos.photo_of(ctx, patient_id)
    headers = {"ETag": f'"{photo.version}"', "Cache-Control": "private, no-store"}
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(photo.content, media_type="image/jpeg", headers=headers)


@people.delete("/{patient_id}/photo", status_code=204)
async def remove_patient_photo(patient_id: UUID, ctx: Editor) -> None:
    await photos.remove_photo(ctx, patient_id)


@people.get(
    "/{patient_id}/card",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def print_patient_card(patient_id: UUID, ctx: CardPrinter) -> Response:
    """The UHID card as a PDF of 85.6 × 54 mm: the desk's, or one's own."""
    headers = {"Content-Disposition": 'inline; filename="card.pdf"', "Cache-Control": "private, no-store"}
    return Response(await uhid_card.card(ctx, patient_id), media_type="application/pdf", headers=headers)


@people.get("/{patient_id}/history", response_model=Page[HistoryEntryRead])
async def read_patient_history(patient_id: UUID, ctx: ChartReader, paging: PageOf) -> Response:
    """What happened in the patient's care, newest first: one's own, or with a part in the care."""
    entries, total = await service.history(ctx, patient_id, paging)
    return as_json(HistoryEntryRead, entries, min(total, TOTAL_CAP), total > TOTAL_CAP)


router = Router()
router.include_router(people)
router.include_router(importing.router)
