"""The waitlist and its offers; what was done about leave and moved queues; text messages to patients."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from arogya.platform.tables import secure_tenant_table

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TENANT_TABLES = ("leave_cascades", "queue_handovers", "text_notices", "waitlist_entries", "waitlist_offers")
_STATES = "'waiting', 'called', 'in-consultation', 'done', 'skipped', 'left'"


def upgrade() -> None:
    op.create_table(
        "text_notices",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_text_notices_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_text_notices_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_text_notices")),
        sa.UniqueConstraint(
            "organization_id",
            "event_id",
            "patient_id",
            "template",
            name=op.f("uq_text_notices_organization_id_event_id_patient_id_template"),
        ),
    )
    op.create_table(
        "queue_handovers",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("to_practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("from_practitioner_id <> to_practitioner_id", name=op.f("ck_queue_handovers_colleague")),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_queue_handovers_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "from_practitioner_id"],
            ["practitioners.organization_id", "practitioners.id"],
            name=op.f("fk_queue_handovers_organization_id_from_practitioner_id_practitioners"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "to_practitioner_id"],
            ["practitioners.organization_id", "practitioners.id"],
            name=op.f("fk_queue_handovers_organization_id_to_practitioner_id_practitioners"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_queue_handovers_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_queue_handovers")),
    )
    op.create_index(
        "ix_queue_handovers_day", "queue_handovers", ["organization_id", "facility_id", "day"], unique=False
    )
    op.create_table(
        "leave_cascades",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exception_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "exception_id"],
            ["schedule_exceptions.organization_id", "schedule_exceptions.id"],
            name=op.f("fk_leave_cascades_organization_id_exception_id_schedule_exceptions"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_leave_cascades_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_leave_cascades")),
    )
    op.create_index("ix_leave_cascades_exception", "leave_cascades", ["organization_id", "exception_id"], unique=False)
    op.create_table(
        "waitlist_entries",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("specialty", sa.String(), nullable=True),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("part_of_day", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_priority", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stands_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("mode IN ('in-person', 'video')", name=op.f("ck_waitlist_entries_mode")),
        sa.CheckConstraint(
            "part_of_day IN ('any', 'morning', 'afternoon', 'evening')", name=op.f("ck_waitlist_entries_part_of_day")
        ),
        sa.CheckConstraint("source IN ('desk', 'patient')", name=op.f("ck_waitlist_entries_source")),
        sa.CheckConstraint(
            "status IN ('waiting', 'offered', 'booked', 'left')", name=op.f("ck_waitlist_entries_status")
        ),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_waitlist_entries_days")),
        sa.CheckConstraint(
            "num_nonnulls(practitioner_id, department_id, specialty) = 1", name=op.f("ck_waitlist_entries_whom")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "appointment_id"],
            ["appointments.organization_id", "appointments.id"],
            name=op.f("fk_waitlist_entries_organization_id_appointment_id_appointments"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "department_id"],
            ["departments.organization_id", "departments.id"],
            name=op.f("fk_waitlist_entries_organization_id_department_id_departments"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_waitlist_entries_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_waitlist_entries_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "practitioner_id"],
            ["practitioners.organization_id", "practitioners.id"],
            name=op.f("fk_waitlist_entries_organization_id_practitioner_id_practitioners"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_waitlist_entries_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_waitlist_entries")),
    )
    op.create_index(
        "ix_waitlist_entries_line",
        "waitlist_entries",
        ["organization_id", "facility_id", "stands_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('waiting', 'offered')"),
    )
    op.create_index("ix_waitlist_entries_patient", "waitlist_entries", ["organization_id", "patient_id"], unique=False)
    op.create_table(
        "waitlist_offers",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("organization_id"), "="),
            (sa.column("practitioner_id"), "="),
            (sa.column("lane"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("status = 'offered'"),
            using="gist",
            name="ex_waitlist_offers_place",
        ),
        sa.CheckConstraint(
            "status IN ('offered', 'accepted', 'declined', 'lapsed', 'withdrawn')",
            name=op.f("ck_waitlist_offers_status"),
        ),
        sa.CheckConstraint("expires_at > offered_at", name=op.f("ck_waitlist_offers_expires")),
        sa.CheckConstraint("lane >= 1", name=op.f("ck_waitlist_offers_lane")),
        sa.ForeignKeyConstraint(
            ["organization_id", "entry_id"],
            ["waitlist_entries.organization_id", "waitlist_entries.id"],
            name=op.f("fk_waitlist_offers_organization_id_entry_id_waitlist_entries"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_waitlist_offers_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_waitlist_offers_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "practitioner_id"],
            ["practitioners.organization_id", "practitioners.id"],
            name=op.f("fk_waitlist_offers_organization_id_practitioner_id_practitioners"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_waitlist_offers_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_waitlist_offers")),
    )
    op.create_index("ix_waitlist_offers_entry", "waitlist_offers", ["organization_id", "entry_id"], unique=False)
    op.create_index(
        "ix_waitlist_offers_open",
        "waitlist_offers",
        ["organization_id", "practitioner_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.create_index(
        "uq_waitlist_offers_entry",
        "waitlist_offers",
        ["organization_id", "entry_id"],
        unique=True,
        postgresql_where=sa.text("status = 'offered'"),
    )
    for table in TENANT_TABLES:
        secure_tenant_table(table)
    _let_tokens_be(f"{_STATES}, 'moved'")


def downgrade() -> None:
    op.drop_index(
        "uq_waitlist_offers_entry", table_name="waitlist_offers", postgresql_where=sa.text("status = 'offered'")
    )
    op.drop_index(
        "ix_waitlist_offers_open", table_name="waitlist_offers", postgresql_where=sa.text("status = 'offered'")
    )
    op.drop_index("ix_waitlist_offers_entry", table_name="waitlist_offers")
    op.drop_table("waitlist_offers")
    op.drop_index("ix_waitlist_entries_patient", table_name="waitlist_entries")
    op.drop_index(
        "ix_waitlist_entries_line",
        table_name="waitlist_entries",
        postgresql_where=sa.text("status IN ('waiting', 'offered')"),
    )
    op.drop_table("waitlist_entries")
    op.drop_index("ix_leave_cascades_exception", table_name="leave_cascades")
    op.drop_table("leave_cascades")
    op.drop_index("ix_queue_handovers_day", table_name="queue_handovers")
    op.drop_table("queue_handovers")
    op.drop_table("text_notices")
    op.execute("UPDATE queue_tokens SET status = 'left' WHERE status = 'moved'")
    _let_tokens_be(_STATES)


def _let_tokens_be(states: str) -> None:
    op.execute("ALTER TABLE queue_tokens DROP CONSTRAINT ck_queue_tokens_status")
    op.execute(f"ALTER TABLE queue_tokens ADD CONSTRAINT ck_queue_tokens_status CHECK (status IN ({states}))")
