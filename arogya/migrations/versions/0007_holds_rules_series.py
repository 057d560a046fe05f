"""Holds, booking rules complete, buffers, and recurring series."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from arogya.platform.tables import secure_tenant_table

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_RULES: tuple[sa.Column[Any], ...] = (
    sa.Column("first_visits_need_confirming", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    sa.Column("confirm_practitioner_ids", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column("confirm_department_ids", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column("min_notice_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
    sa.Column("revisit_fee_paise", sa.Integer(), server_default=sa.text("0"), nullable=False),
    sa.Column("queue_order", sa.String(), server_default=sa.text("'by-turns'"), nullable=False),
    sa.Column("noshow_marking", sa.String(), server_default=sa.text("'by-hand'"), nullable=False),
    sa.Column("noshow_minutes", sa.Integer(), server_default=sa.text("60"), nullable=False),
    sa.Column("noshow_limit", sa.Integer(), server_default=sa.text("0"), nullable=False),
    sa.Column("noshow_days", sa.Integer(), server_default=sa.text("90"), nullable=False),
)
_SCHEDULES: tuple[sa.Column[Any], ...] = (
    sa.Column("buffer_before_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
    sa.Column("buffer_after_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
    sa.Column("patients_may_book", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    sa.Column("kept_for_desk", sa.Integer(), server_default=sa.text("0"), nullable=False),
    sa.Column("extra_places", sa.Integer(), server_default=sa.text("0"), nullable=False),
)
_APPOINTMENTS: tuple[sa.Column[Any], ...] = (
    sa.Column("is_extra", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    sa.Column("is_revisit", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    sa.Column("series_id", sa.Uuid(), nullable=True),
)
_TOKENS: tuple[sa.Column[Any], ...] = (
    sa.Column("stands_behind", sa.Boolean(), server_default=sa.text("false"), nullable=False),
)
_ADDED = {"booking_rules": _RULES, "schedules": _SCHEDULES, "appointments": _APPOINTMENTS, "queue_tokens": _TOKENS}
_CHECKS = {
    "booking_rules": {
        "queue_order": "queue_order IN ('by-turns', 'appointments-first', 'by-arrival')",
        "noshow_marking": "noshow_marking IN ('by-hand', 'after-session', 'after-minutes')",
        "amounts": "revisit_fee_paise >= 0 AND min_notice_minutes >= 0 AND noshow_minutes >= 0 AND noshow_limit >= 0 "
        "AND noshow_days >= 1",
    },
    "schedules": {
        "buffers": "buffer_before_minutes BETWEEN 0 AND 120 AND buffer_after_minutes BETWEEN 0 AND 120",
        "shares": "kept_for_desk BETWEEN 0 AND places AND extra_places BETWEEN 0 AND 100",
    },
}
_PEOPLE = {"patient_id": "patients", "practitioner_id": "practitioners", "facility_id": "facilities"}


def upgrade() -> None:
    _holds()
    _series()
    for table, columns in _ADDED.items():
        for column in columns:
            op.add_column(table, column._copy())
    for table, checks in _CHECKS.items():
        for name, condition in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    # What was free within the window of a paid visit was a revisit.
    op.execute("UPDATE appointments SET is_revisit = true WHERE is_free_revisit")
    op.create_foreign_key(
        op.f("fk_appointments_organization_id_series_id_appointment_series"), "appointments", "appointment_series",
        ["organization_id", "series_id"], ["organization_id", "id"],
    )  # fmt: skip
    op.create_index(
        "ix_appointments_series", "appointments", ["organization_id", "series_id", "starts_at"],
        postgresql_where=sa.text("series_id IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_appointments_series", "appointments")
    op.drop_constraint(op.f("fk_appointments_organization_id_series_id_appointment_series"), "appointments")
    for table, checks in _CHECKS.items():
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for table, columns in _ADDED.items():
        for column in columns:
            op.drop_column(table, column.name)
    op.drop_table("appointment_series")
    op.drop_table("holds")


def _recorded() -> list[sa.Column[object]]:
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
    ]


def _within_tenant(table: str) -> list[sa.ForeignKeyConstraint]:
    inside = [
        sa.ForeignKeyConstraint(["organization_id", column], [f"{target}.organization_id", f"{target}.id"])
        for column, target in _PEOPLE.items()
    ]
    whose = sa.ForeignKeyConstraint(
        ["organization_id"], ["organizations.id"], name=op.f(f"fk_{table}_organization_id_organizations")
    )
    return [whose, *inside]


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        *_recorded(),
        postgresql.ExcludeConstraint(
            ("organization_id", "="), ("practitioner_id", "="), ("lane", "="), ("during", "&&"),
            name="ex_holds_place", using="gist",
        ),
        sa.UniqueConstraint(
            "organization_id", "user_id", "patient_id", name="uq_holds_person", postgresql_nulls_not_distinct=True
        ),
        *_within_tenant("holds"),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_holds")),
    )  # fmt: skip
    op.create_index("ix_holds_practitioner_time", "holds", ["organization_id", "practitioner_id", "starts_at"])
    secure_tenant_table("holds")


def _series() -> None:
    op.create_table(
        "appointment_series",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        *_recorded(),
        sa.CheckConstraint("unit IN ('day', 'week', 'month')", name=op.f("ck_appointment_series_unit")),
        sa.CheckConstraint(
            "every BETWEEN 1 AND 366 AND count BETWEEN 1 AND 60", name=op.f("ck_appointment_series_length")
        ),
        *_within_tenant("appointment_series"),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_appointment_series")),
    )
    op.create_index("ix_appointment_series_patient", "appointment_series", ["organization_id", "patient_id"])
    secure_tenant_table("appointment_series")
