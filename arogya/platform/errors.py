"""Refusals. Services raise them, one handler renders RFC 9457 problem+json."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Field:
    """One field's fault. name: dotted path in the body; code: stable, for the client's own words."""

    name: str
    code: str
    message: str


class Problem(Exception):
    """A refusal with a stable `code`. Never name a patient in `detail`; `extra` holds ids and times only."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong"

    def __init__(
        self,
        detail: str = "",
        *,
        fields: Sequence[Field] = (),
        extra: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.audit_entity = ""
        self.audit_ids: tuple[UUID, ...] = ()
        self.detail = detail or self.title
        self.fields = tuple(fields)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})

    def about(self, entity: str, *ids: UUID) -> Self:
        """Name what was refused, for the audit row of the denial."""
        self.audit_entity, self.audit_ids = entity, ids
        return self


class Unauthenticated(Problem):
    status, code, title = 401, "unauthenticated", "Sign in first"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    status, code, title = 403, "forbidden", "You may not do this"


class NotFound(Problem):
    status, code, title = 404, "not_found", "There is no such record"


class MethodNotAllowed(Problem):
    status, code, title = 405, "method_not_allowed", "This address takes other methods"

    def __init__(self, takes: Sequence[str]) -> None:
        super().__init__(headers={"Allow": ", ".join(takes)})


class Conflict(Problem):
    status, code, title = 409, "conflict", "This does not fit with what is already there"


class PreconditionFailed(Problem):
    status, code, title = 412, "changed_meanwhile", "Someone else changed this record meanwhile"


class PreconditionRequired(Problem):
    status, code, title = 428, "if_match_required", "Send If-Match with the ETag that you read"


class TooLarge(Problem):
    status, code, title = 413, "too_large", "This is larger than can be taken here"


class NotJson(Problem):
    status, code, title = 415, "not_json", "Send JSON, with Content-Type: application/json"


class Invalid(Problem):
    status, code, title = 422, "invalid", "Some of what was sent can't be taken"

    @classmethod
    def field(cls, name: str, message: str, code: str = "invalid") -> "Invalid":
        return cls(message, fields=[Field(name, code, message)])


class TooMany(Problem):
    status, code, title = 429, "too_many_requests", "Too many tries"

    def __init__(self, detail: str = "", *, retry_after_s: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)}, extra={"retry_after_s": retry_after_s})


class Unavailable(Problem):
    status, code, title = 503, "unavailable", "Not available just now"

    def __init__(self, detail: str = "", *, retry_after_s: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)})


_by_constraint: dict[str, type[Problem]] = {}


def constraint_means(name: str, problem: type[Problem]) -> None:
    """Say which refusal a broken constraint of the schema is: the last word in a race belongs to the schema."""
    _by_constraint[name] = problem


def problem_of_constraint(name: str | None) -> Problem | None:
    kind = _by_constraint.get(name or "")
    return kind() if kind else None
