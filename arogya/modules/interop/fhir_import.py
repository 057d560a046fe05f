"""Takes a folder of FHIR R4 bundles in: each file in one transaction, again without doubles, nothing dropped unsaid."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import DataError, IntegrityError

from arogya.modules.interop.fhir_others import Nameless, read_organization, read_practitioner
from arogya.modules.interop.fhir_patient import IncomingPatient, NotAPatient, read_patient
from arogya.modules.interop.told import Told
from arogya.modules.organizations.api import Organization, keep_external
from arogya.modules.patients import api as patients
from arogya.modules.staff import api as staff
from arogya.platform.access import Actor, Context
from arogya.platform.audit import Action
from arogya.platform.bodies import Malformed, check_json
from arogya.platform.clock import Clock
from arogya.platform.database import Database
from arogya.platform.errors import Problem

EMPTY_ENTRY = "(an entry without a resource)"
Progress = Callable[[int, int], None]
"""(files done, files in all)"""


class NotFhir(ValueError):
    """Why a file is none."""


@dataclass(slots=True)
class Tally:
    """What became of everything that was read.

    added, known: by type; kept: of the types where new and known are not told apart.
    skipped: file and reason. refused: file, resource type and reason. not_understood: whole resources, by type.
    left_over: parts of understood resources that no module keeps, by path.
    """

    files: int = 0
    added: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    not_understood: Counter[str] = field(default_factory=Counter)
    left_over: Counter[str] = field(default_factory=Counter)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.skipped and not self.refused


async def import_folder(
    database: Database,
    clock: Clock,
    hospital: Organization,
    folder: Path,
    progress: Progress = lambda _done, _all: None,
) -> Tally:
    """Take every `*.json` of the folder into the hospital, as the system. One file that is broken harms no other."""
    paths = json_files(folder)
    tally = Tally(files=len(paths))
    for done, path in enumerate(paths):
        progress(done, len(paths))
        try:
            resources = list(resources_in(path.read_bytes()))
        except (NotFhir, OSError) as reason:
            tally.skipped.append((path.name, str(reason)))
            continue
        async with database.transaction(hospital.id) as session:
            session.info["now"] = clock.now()
            ctx = Context(
                actor=Actor(kind="system", organization_id=hospital.id),
                clock=clock,
                request_id=uuid4().hex,
                route="import fhir",
                database=database,
                _session=session,
            )
            await _take_all(ctx, path.name, resources, tally)
    progress(len(paths), len(paths))
    return tally


def json_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def resources_in(raw: bytes) -> Iterator[dict[str, Any]]:
    """The resources of a bundle, or the one that the file is. Raises NotFhir."""
    try:
        check_json(raw)
    except Malformed as fault:
        raise NotFhir(str(fault)) from None
    document = json.loads(raw)
    kind = document.get("resourceType") if isinstance(document, dict) else None
    if not isinstance(kind, str):
        raise NotFhir("JSON, but no FHIR resource")
    if kind != "Bundle":
        yield document
        return
    for entry in document.get("entry") or ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
            yield resource
        else:
            yield {"resourceType": EMPTY_ENTRY}


async def _take_all(ctx: Context, file: str, resources: Iterable[dict[str, Any]], tally: Tally) -> None:
    added = Counter(tally.added)
    for resource in resources:
        kind = resource["resourceType"]
        take = _TAKE.get(kind)
        if take is None:
            tally.not_understood[kind] += 1
            continue
        told = Told(resource)
        told.text("resourceType")
        try:
            async with ctx.session.begin_nested():
                outcome = await take(ctx, told, tally)
        except (NotAPatient, Nameless) as reason:
            tally.refused.append((file, kind, str(reason)))
            continue
        except Problem as reason:
            tally.refused.append((file, kind, reason.code))
            continue
        except (IntegrityError, DataError) as reason:
            tally.refused.append((file, kind, f"not storable ({type(reason).__name__})"))
            continue
        outcome[kind] += 1
        tally.left_over.update(told.left_over(kind))
    ctx.audit(Action.EXECUTE, "fhir_import", details={"added": dict(tally.added - added)})


async def _take_patient(ctx: Context, told: Told, tally: Tally) -> Counter[str]:
    incoming = read_patient(told)
    tally.left_over.update(f"Patient: refused {field}" for field in incoming.refused)
    if await _is_known(ctx, incoming):
        return tally.known
    registered = await patients.register(ctx, incoming.request, birth=incoming.birth, comes_from_elsewhere=True)
    if not incoming.is_active:
        await patients.set_active(ctx, registered.id, False)
    return tally.added


async def _is_known(ctx: Context, incoming: IncomingPatient) -> bool:
    for system, value in incoming.sources:
        if await patients.holders(ctx.session, "external", system, [value]):
            return True
    return False


async def _take_practitioner(ctx: Context, told: Told, tally: Tally) -> Counter[str]:
    one = read_practitioner(told)
    _, is_new = await staff.keep_external_practitioner(
        ctx, one.source, one.source_id, name=one.name, title=one.title, gender=one.gender, phone=one.phone,
        email=one.email, is_active=one.is_active,
    )  # fmt: skip
    return tally.added if is_new else tally.known


async def _take_organization(ctx: Context, told: Told, tally: Tally) -> Counter[str]:
    """Never a tenant: another institution, as this hospital's records name it."""
    one = read_organization(told)
    await keep_external(
        ctx.session, source=one.source, source_id=one.source_id, name=one.name, phone=one.phone, address=one.address,
        details=one.details,
    )  # fmt: skip
    return tally.kept


_TAKE: Mapping[str, Callable[[Context, Told, Tally], Awaitable[Counter[str]]]] = {
    "Patient": _take_patient,
    "Practitioner": _take_practitioner,
    "Organization": _take_organization,
}
