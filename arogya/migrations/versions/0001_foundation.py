"""The first schema: tenants, people, scheduling, events and the audit trail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from arogya.platform.settings import APP_ROLE, RELAY_ROLE
from arogya.platform.tables import open_platform_table, open_to_relay, secure_tenant_table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PLATFORM_TABLES = (
    "organizations",
    "users",
    "login_identifiers",
    "credentials",
    "sessions",
    "known_devices",
    "login_throttles",
)
TENANT_TABLES = (
    "appointments",
    "booking_rules",
    "departments",
    "device_links",
    "external_organizations",
    "facilities",
    "idempotency_keys",
    "memberships",
    "mrn_counters",
    "notifications",
    "patient_accounts",
    "patient_consents",
    "patient_contacts",
    "patient_identifiers",
    "patient_phones",
    "patient_photos",
    "patient_terms",
    "patients",
    "practitioner_days",
    "practitioner_facilities",
    "practitioners",
    "queue_counters",
    "queue_tokens",
    "realtime_tickets",
    "receipt_counters",
    "receipts",
    "record_grants",
    "schedule_exceptions",
    "schedule_sessions",
    "schedules",
    "staff_members",
)


def upgrade() -> None:
    op.create_table(
        "login_throttles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_throttles")),
        sa.UniqueConstraint("subject", name=op.f("uq_login_throttles_subject")),
    )
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("is_solo", sa.Boolean(), nullable=False),
        sa.Column("is_open_to_registration", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("code ~ '^[A-Z][A-Z0-9]{1,7}$'", name=op.f("ck_organizations_code")),
        sa.CheckConstraint("status IN ('active', 'suspended')", name=op.f("ck_organizations_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("code", name=op.f("uq_organizations_code")),
    )
    op.create_table(
        "platform_audit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("entity_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("outcome IN ('success', 'denied')", name=op.f("ck_platform_audit_entries_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_audit_entries")),
    )
    op.create_index("ix_platform_audit_entries_at", "platform_audit_entries", ["at"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_platform_admin", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("entity_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("outcome IN ('success', 'denied')", name=op.f("ck_audit_entries_outcome")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_audit_entries_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_at", "audit_entries", ["organization_id", "at"], unique=False)
    op.create_index("ix_audit_entries_patient", "audit_entries", ["organization_id", "patient_id", "at"], unique=False)
    op.create_index("ix_audit_entries_user", "audit_entries", ["organization_id", "user_id", "at"], unique=False)
    op.create_table(
        "booking_rules",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_bookings_need_confirming", sa.Boolean(), nullable=False),
        sa.Column("days_ahead", sa.Integer(), nullable=False),
        sa.Column("cancel_until_minutes", sa.Integer(), nullable=False),
        sa.Column("open_per_patient", sa.Integer(), nullable=False),
        sa.Column("revisit_days", sa.Integer(), nullable=False),
        sa.Column("token_given_at", sa.String(), nullable=False),
        sa.Column("slip_valid_days", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "token_given_at IN ('booking', 'arrival', 'check-in')", name=op.f("ck_booking_rules_token_given_at")
        ),
        sa.CheckConstraint(
            "days_ahead BETWEEN 0 AND 366 AND revisit_days BETWEEN 0 AND 366", name=op.f("ck_booking_rules_days")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_booking_rules_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_booking_rules")),
    )
    op.create_table(
        "credentials",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_credentials_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("user_id", name=op.f("uq_credentials_user_id")),
    )
    op.create_table(
        "departments",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_hi", sa.String(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_departments_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_departments")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_departments_organization_id_name")),
    )
    op.create_table(
        "external_organizations",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_external_organizations_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_external_organizations")),
        sa.UniqueConstraint(
            "organization_id",
            "source",
            "source_id",
            name=op.f("uq_external_organizations_organization_id_source_source_id"),
        ),
    )
    op.create_table(
        "facilities",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("address_line", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("postal_code", sa.String(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("gstin", sa.String(), nullable=True),
        sa.Column("upi_vpa", sa.String(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_facilities_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_facilities")),
        sa.UniqueConstraint("organization_id", "code", name=op.f("uq_facilities_organization_id_code")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_idempotency_keys_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint(
            "organization_id",
            "user_id",
            "route",
            "key",
            name=op.f("uq_idempotency_keys_organization_id_user_id_route_key"),
        ),
    )
    op.create_table(
        "known_devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("device_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_known_devices_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_devices")),
        sa.UniqueConstraint("user_id", "device_hash", name=op.f("uq_known_devices_user_id_device_hash")),
    )
    op.create_table(
        "login_identifiers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('username', 'email', 'phone')", name=op.f("ck_login_identifiers_kind")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_login_identifiers_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_identifiers")),
        sa.UniqueConstraint("kind", "value", name=op.f("uq_login_identifiers_kind_value")),
    )
    op.create_index(op.f("ix_login_identifiers_user_id"), "login_identifiers", ["user_id"], unique=False)
    op.create_table(
        "mrn_counters",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_mrn_counters_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_mrn_counters")),
    )
    op.create_table(
        "notifications",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("channel IN ('in-app')", name=op.f("ck_notifications_channel")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_notifications_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notifications_user_id_users")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "organization_id",
            "event_id",
            "user_id",
            "template",
            name=op.f("uq_notifications_organization_id_event_id_user_id_template"),
        ),
    )
    op.create_index("ix_notifications_user", "notifications", ["organization_id", "user_id", "raised_at"], unique=False)
    op.create_table(
        "outbox_events",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_outbox_events_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_outbox_events")),
    )
    op.create_index("ix_outbox_events_tenant_seq", "outbox_events", ["organization_id", "seq"], unique=False)
    op.create_index(
        "ix_outbox_events_waiting",
        "outbox_events",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND parked_at IS NULL"),
    )
    op.create_index(
        "uq_outbox_events_seq", "outbox_events", ["seq"], unique=True, postgresql_where=sa.text("seq IS NOT NULL")
    )
    op.create_table(
        "patients",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mrn", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_local", sa.String(), nullable=True),
        sa.Column("sort_name", sa.String(collation="C"), nullable=False),
        sa.Column("relative_kind", sa.String(), nullable=True),
        sa.Column("relative_name", sa.String(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("birth_date_precision", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=False),
        sa.Column("blood_group", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("address_line", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("postal_code", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("mother_id", sa.Uuid(), nullable=True),
        sa.Column("is_unknown", sa.Boolean(), nullable=False),
        sa.Column("is_medico_legal", sa.Boolean(), nullable=False),
        sa.Column("is_deceased", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("privacy_notice_version", sa.String(), nullable=True),
        sa.Column("privacy_notice_language", sa.String(), nullable=True),
        sa.Column("privacy_notice_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "birth_date_precision IN ('day', 'month', 'year')", name=op.f("ck_patients_birth_date_precision")
        ),
        sa.CheckConstraint(
            "blood_group IN ('A+', 'A-', 'B+', 'B-', 'AB+', 'AB-', 'O+', 'O-')", name=op.f("ck_patients_blood_group")
        ),
        sa.CheckConstraint("gender IN ('male', 'female', 'other', 'unknown')", name=op.f("ck_patients_gender")),
        sa.CheckConstraint("relative_kind IN ('S/o', 'D/o', 'W/o', 'C/o')", name=op.f("ck_patients_relative_kind")),
        sa.ForeignKeyConstraint(
            ["organization_id", "mother_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patients_organization_id_mother_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patients_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patients")),
        sa.UniqueConstraint("organization_id", "mrn", name="uq_patients_mrn"),
    )
    op.create_index("ix_patients_birth_date", "patients", ["organization_id", "birth_date"], unique=False)
    op.create_index("ix_patients_sort_name", "patients", ["organization_id", "sort_name", "id"], unique=False)
    op.create_table(
        "reaction_effects",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("reaction", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_reaction_effects_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_reaction_effects")),
    )
    op.create_index("uq_reaction_effects", "reaction_effects", ["organization_id", "event_id", "reaction"], unique=True)
    op.create_table(
        "realtime_tickets",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("claims", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_realtime_tickets_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_realtime_tickets")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_realtime_tickets_token_hash")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.String(), nullable=True),
        sa.CheckConstraint("client IN ('browser', 'api', 'display')", name=op.f("ck_sessions_client")),
        sa.CheckConstraint("(client = 'display') = (user_id IS NULL)", name=op.f("ck_sessions_user")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sessions_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "device_links",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_device_links_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(["id"], ["sessions.id"], name=op.f("fk_device_links_id_sessions")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_device_links_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_device_links")),
    )
    op.create_table(
        "memberships",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name=op.f("ck_memberships_period")),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_memberships_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_memberships_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id_users")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_memberships")),
    )
    op.create_index("ix_memberships_user", "memberships", ["organization_id", "user_id"], unique=False)
    op.create_index("ix_memberships_everywhere", "memberships", ["user_id"], unique=False)
    op.create_table(
        "patient_accounts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("relation IN ('self', 'guardian', 'carer')", name=op.f("ck_patient_accounts_relation")),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_accounts_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_accounts_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_patient_accounts_user_id_users")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patient_accounts")),
    )
    op.create_index("ix_patient_accounts_patient", "patient_accounts", ["organization_id", "patient_id"], unique=False)
    op.create_index("ix_patient_accounts_user", "patient_accounts", ["organization_id", "user_id"], unique=False)
    op.create_table(
        "patient_consents",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("notice_version", sa.String(), nullable=False),
        sa.Column("notice_language", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_consents_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_consents_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patient_consents")),
    )
    op.create_index(
        "ix_patient_consents_patient",
        "patient_consents",
        ["organization_id", "patient_id", "purpose", "created_at"],
        unique=False,
    )
    op.create_table(
        "patient_contacts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("is_emergency", sa.Boolean(), nullable=False),
        sa.Column("is_guardian", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_contacts_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_contacts_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patient_contacts")),
    )
    op.create_index("ix_patient_contacts_patient", "patient_contacts", ["organization_id", "patient_id"], unique=False)
    op.create_table(
        "patient_identifiers",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('abha_number', 'abha_address', 'aadhaar_last4', 'passport', 'driving_licence', 'ssn', 'external')",
            name=op.f("ck_patient_identifiers_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_identifiers_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_identifiers_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patient_identifiers")),
    )
    op.create_index(
        "ix_patient_identifiers_patient", "patient_identifiers", ["organization_id", "patient_id"], unique=False
    )
    op.create_index(
        "uq_patient_identifiers_value",
        "patient_identifiers",
        ["organization_id", "kind", "system", "value"],
        unique=True,
        postgresql_where=sa.text("kind IN ('abha_number', 'abha_address', 'passport', 'external')"),
    )
    op.create_table(
        "patient_phones",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("e164", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_phones_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_phones_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patient_phones")),
    )
    op.create_index("ix_patient_phones_patient", "patient_phones", ["organization_id", "patient_id"], unique=False)
    op.create_table(
        "patient_photos",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_photos_organization_id_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_photos_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patient_photos")),
    )
    op.create_table(
        "patient_terms",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("term", sa.String(collation="C"), nullable=False),
        sa.Column("sort_name", sa.String(collation="C"), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('name', 'phone', 'number')", name=op.f("ck_patient_terms_kind")),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_terms_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_terms_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "is_active", "kind", "term", "sort_name", "patient_id", name=op.f("pk_patient_terms")
        ),
    )
    op.create_index("ix_patient_terms_patient", "patient_terms", ["organization_id", "patient_id"], unique=False)
    op.create_table(
        "practitioners",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=False),
        sa.Column("specialty", sa.String(), nullable=True),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("registration_number", sa.String(), nullable=True),
        sa.Column("registration_council", sa.String(), nullable=False),
        sa.Column("qualifications", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("practising_since", sa.Integer(), nullable=True),
        sa.Column("consultation_fee_paise", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("consultation_fee_paise >= 0", name=op.f("ck_practitioners_fee")),
        sa.ForeignKeyConstraint(
            ["organization_id", "department_id"],
            ["departments.organization_id", "departments.id"],
            name=op.f("fk_practitioners_organization_id_department_id_departments"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_practitioners_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_practitioners_user_id_users")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_practitioners")),
        sa.UniqueConstraint(
            "organization_id", "source", "source_id", name=op.f("uq_practitioners_organization_id_source_source_id")
        ),
        sa.UniqueConstraint("organization_id", "user_id", name=op.f("uq_practitioners_organization_id_user_id")),
    )
    op.create_index("ix_practitioners_name", "practitioners", ["organization_id", "name"], unique=False)
    op.create_index(
        "uq_practitioners_registration",
        "practitioners",
        [
            "organization_id",
            sa.literal_column("lower(registration_council)"),
            sa.literal_column("lower(registration_number)"),
        ],
        unique=True,
    )
    op.create_table(
        "receipt_counters",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_receipt_counters_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_receipt_counters_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "facility_id", "year", name=op.f("pk_receipt_counters")),
    )
    op.create_table(
        "record_grants",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('treatment', 'consent', 'share', 'break-glass')", name=op.f("ck_record_grants_purpose")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_record_grants_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_record_grants_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_record_grants_user_id_users")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_record_grants")),
        sa.UniqueConstraint(
            "organization_id",
            "user_id",
            "patient_id",
            "purpose",
            "source",
            "source_id",
            name=op.f("uq_record_grants_organization_id_user_id_patient_id_purpose_source_source_id"),
        ),
    )
    op.create_table(
        "staff_members",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("employee_number", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("designation", sa.String(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("shift", sa.String(), nullable=False),
        sa.Column("salary_grade", sa.String(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("shift IN ('general', 'morning', 'evening', 'night')", name=op.f("ck_staff_members_shift")),
        sa.CheckConstraint(
            "left_on IS NULL OR joined_on IS NULL OR left_on >= joined_on", name=op.f("ck_staff_members_period")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "department_id"],
            ["departments.organization_id", "departments.id"],
            name=op.f("fk_staff_members_organization_id_department_id_departments"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_staff_members_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_staff_members_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_staff_members_user_id_users")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_staff_members")),
        sa.UniqueConstraint(
            "organization_id", "employee_number", name=op.f("uq_staff_members_organization_id_employee_number")
        ),
        sa.UniqueConstraint("organization_id", "user_id", name=op.f("uq_staff_members_organization_id_user_id")),
    )
    op.create_index("ix_staff_members_name", "staff_members", ["organization_id", "name"], unique=False)
    op.create_table(
        "practitioner_days",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('here', 'late', 'on-break', 'gone')", name=op.f("ck_practitioner_days_state")),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_practitioner_days_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "practitioner_id"],
            ["practitioners.organization_id", "practitioners.id"],
            name=op.f("fk_practitioner_days_organization_id_practitioner_id_practitioners"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_practitioner_days_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_practitioner_days")),
        sa.UniqueConstraint(
            "organization_id",
            "practitioner_id",
            "facility_id",
            "day",
            name=op.f("uq_practitioner_days_organization_id_practitioner_id_facility_id_day"),
        ),
    )
    op.create_table(
        "practitioner_facilities",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("floor", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_practitioner_facilities_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "practitioner_id"],
            ["practitioners.organization_id", "practitioners.id"],
            name=op.f("fk_practitioner_facilities_organization_id_practitioner_id_practitioners"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_practitioner_facilities_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_practitioner_facilities")),
        sa.UniqueConstraint(
            "organization_id",
            "practitioner_id",
            "facility_id",
            name=op.f("uq_practitioner_facilities_organization_id_practitioner_id_facility_id"),
        ),
    )
    op.create_table(
        "queue_counters",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_queue_counters_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "practitioner_id"],
            ["practitioners.organization_id", "practitioners.id"],
            name=op.f("fk_queue_counters_organization_id_practitioner_id_practitioners"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_queue_counters_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "practitioner_id", "facility_id", "day", "session", name=op.f("pk_queue_counters")
        ),
    )
    op.create_table(
        "schedules",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('slots', 'tokens')", name=op.f("ck_schedules_kind")),
        sa.CheckConstraint("mode IN ('in-person', 'video')", name=op.f("ck_schedules_mode")),
        sa.CheckConstraint("places BETWEEN 1 AND 500", name=op.f("ck_schedules_places")),
        sa.CheckConstraint("slot_minutes BETWEEN 5 AND 240", name=op.f("ck_schedules_slot_minutes")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_schedules_period")),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_schedules_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "practitioner_id"],
            ["practitioners.organization_id", "practitioners.id"],
            name=op.f("fk_schedules_organization_id_practitioner_id_practitioners"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_schedules_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_schedules")),
    )
    op.create_index("ix_schedules_facility", "schedules", ["organization_id", "facility_id"], unique=False)
    op.create_index("ix_schedules_practitioner", "schedules", ["organization_id", "practitioner_id"], unique=False)
    op.create_table(
        "appointments",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=True),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("is_override", sa.Boolean(), nullable=False),
        sa.Column("override_reason", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("rescheduled_from_id", sa.Uuid(), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("fee_paise", sa.Integer(), nullable=False),
        sa.Column("is_free_revisit", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fulfilled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("organization_id"), "="),
            (sa.column("patient_id"), "="),
            (sa.column("during"), "&&"),
            where=sa.text(
                "status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled') AND kind = 'slot' AND NOT is_override"
            ),
            using="gist",
            name="ex_appointments_patient",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("organization_id"), "="),
            (sa.column("practitioner_id"), "="),
            (sa.column("lane"), "="),
            (sa.column("during"), "&&"),
            where=sa.text(
                "status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled') AND during IS NOT NULL"
            ),
            using="gist",
            name="ex_appointments_place",
        ),
        sa.CheckConstraint("(kind = 'walk-in') = (during IS NULL)", name=op.f("ck_appointments_during")),
        sa.CheckConstraint("NOT is_override OR override_reason <> ''", name=op.f("ck_appointments_override_reason")),
        sa.CheckConstraint("kind IN ('slot', 'token', 'walk-in')", name=op.f("ck_appointments_kind")),
        sa.CheckConstraint("mode IN ('in-person', 'video')", name=op.f("ck_appointments_mode")),
        sa.CheckConstraint("source IN ('desk', 'patient', 'import')", name=op.f("ck_appointments_source")),
        sa.CheckConstraint(
            "status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled', 'cancelled', 'noshow', 'waitlist', 'entered-in-error')",
            name=op.f("ck_appointments_status"),
        ),
        sa.CheckConstraint("fee_paise >= 0", name=op.f("ck_appointments_fee")),
        sa.CheckConstraint("lane >= 1 AND (lane <= places OR is_override)", name=op.f("ck_appointments_lane")),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_appointments_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_appointments_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "practitioner_id"],
            ["practitioners.organization_id", "practitioners.id"],
            name=op.f("fk_appointments_organization_id_practitioner_id_practitioners"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "rescheduled_from_id"],
            ["appointments.organization_id", "appointments.id"],
            name=op.f("fk_appointments_organization_id_rescheduled_from_id_appointments"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "schedule_id"],
            ["schedules.organization_id", "schedules.id"],
            name=op.f("fk_appointments_organization_id_schedule_id_schedules"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_appointments_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_appointments")),
    )
    op.create_index(
        "ix_appointments_facility_time", "appointments", ["organization_id", "facility_id", "starts_at"], unique=False
    )
    op.create_index(
        "ix_appointments_patient_time", "appointments", ["organization_id", "patient_id", "starts_at"], unique=False
    )
    op.create_index("ix_appointments_time", "appointments", ["organization_id", "starts_at"], unique=False)
    op.create_index(
        "ix_appointments_practitioner_time",
        "appointments",
        ["organization_id", "practitioner_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        "uq_appointments_patient_session",
        "appointments",
        ["organization_id", "practitioner_id", "starts_at", "patient_id"],
        unique=True,
        postgresql_where=sa.text(
            "status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled') AND kind = 'token'"
        ),
    )
    op.create_table(
        "schedule_exceptions",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("schedule_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'extra' OR schedule_id IS NOT NULL", name=op.f("ck_schedule_exceptions_extra_schedule")
        ),
        sa.CheckConstraint("kind IN ('leave', 'holiday', 'extra')", name=op.f("ck_schedule_exceptions_kind")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_schedule_exceptions_hours")),
        sa.CheckConstraint(
            "practitioner_id IS NOT NULL OR facility_id IS NOT NULL", name=op.f("ck_schedule_exceptions_whose")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_schedule_exceptions_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "practitioner_id"],
            ["practitioners.organization_id", "practitioners.id"],
            name=op.f("fk_schedule_exceptions_organization_id_practitioner_id_practitioners"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "schedule_id"],
            ["schedules.organization_id", "schedules.id"],
            name=op.f("fk_schedule_exceptions_organization_id_schedule_id_schedules"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_schedule_exceptions_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_schedule_exceptions")),
    )
    op.create_index(
        "ix_schedule_exceptions_facility",
        "schedule_exceptions",
        ["organization_id", "facility_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        "ix_schedule_exceptions_practitioner",
        "schedule_exceptions",
        ["organization_id", "practitioner_id", "starts_at"],
        unique=False,
    )
    op.create_table(
        "schedule_sessions",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("ends <> starts", name=op.f("ck_schedule_sessions_hours")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_schedule_sessions_weekday")),
        sa.ForeignKeyConstraint(
            ["organization_id", "schedule_id"],
            ["schedules.organization_id", "schedules.id"],
            name=op.f("fk_schedule_sessions_organization_id_schedule_id_schedules"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_schedule_sessions_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_schedule_sessions")),
    )
    op.create_index(
        "ix_schedule_sessions_schedule", "schedule_sessions", ["organization_id", "schedule_id"], unique=False
    )
    op.create_table(
        "queue_tokens",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("is_priority", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'called', 'in-consultation', 'done', 'skipped', 'left')",
            name=op.f("ck_queue_tokens_status"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "appointment_id"],
            ["appointments.organization_id", "appointments.id"],
            name=op.f("fk_queue_tokens_organization_id_appointment_id_appointments"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_queue_tokens_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_queue_tokens_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "practitioner_id"],
            ["practitioners.organization_id", "practitioners.id"],
            name=op.f("fk_queue_tokens_organization_id_practitioner_id_practitioners"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_queue_tokens_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_queue_tokens")),
        sa.UniqueConstraint("organization_id", "appointment_id", name="uq_queue_tokens_appointment"),
        sa.UniqueConstraint(
            "organization_id",
            "practitioner_id",
            "facility_id",
            "day",
            "session",
            "number",
            name=op.f("uq_queue_tokens_organization_id_practitioner_id_facility_id_day_session_number"),
        ),
    )
    op.create_index("ix_queue_tokens_day", "queue_tokens", ["organization_id", "facility_id", "day"], unique=False)
    op.create_index(
        "uq_queue_tokens_inside",
        "queue_tokens",
        ["organization_id", "practitioner_id", "facility_id", "day"],
        unique=True,
        postgresql_where=sa.text("status = 'in-consultation'"),
    )
    op.create_table(
        "receipts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("amount_paise", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("utr", sa.String(), nullable=True),
        sa.Column("is_verified", sa.Boolean(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("method IN ('cash', 'upi')", name=op.f("ck_receipts_method")),
        sa.CheckConstraint("amount_paise > 0", name=op.f("ck_receipts_amount")),
        sa.ForeignKeyConstraint(
            ["organization_id", "appointment_id"],
            ["appointments.organization_id", "appointments.id"],
            name=op.f("fk_receipts_organization_id_appointment_id_appointments"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_receipts_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_receipts_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_receipts_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("organization_id", "appointment_id", name="uq_receipts_appointment"),
        sa.UniqueConstraint(
            "organization_id", "facility_id", "number", name=op.f("uq_receipts_organization_id_facility_id_number")
        ),
    )
    op.create_index("ix_receipts_day", "receipts", ["organization_id", "facility_id", "issued_at"], unique=False)

    for table in PLATFORM_TABLES:
        open_platform_table(table)
    open_platform_table("platform_audit_entries", rights="SELECT, INSERT")
    for table in TENANT_TABLES:
        secure_tenant_table(table)
    for table in ("audit_entries", "outbox_events", "reaction_effects"):
        secure_tenant_table(table, rights="SELECT, INSERT")
    open_to_relay("outbox_events", rights="SELECT, UPDATE, DELETE")
    open_to_relay("reaction_effects", rights="SELECT, DELETE")
    op.execute("CREATE SEQUENCE outbox_seq")
    op.execute(f"GRANT USAGE ON SEQUENCE outbox_seq TO {RELAY_ROLE}")
    # A person sees their own memberships in every organization: that is how they choose one.
    op.execute(
        f"CREATE POLICY own_memberships ON memberships FOR SELECT TO {APP_ROLE} "
        "USING (user_id = NULLIF(current_setting('arogya.user_id', true), '')::uuid)"
    )


def downgrade() -> None:
    op.execute("DROP SEQUENCE outbox_seq")
    op.drop_index("ix_receipts_day", table_name="receipts")
    op.drop_table("receipts")
    op.drop_index(
        "uq_queue_tokens_inside", table_name="queue_tokens", postgresql_where=sa.text("status = 'in-consultation'")
    )
    op.drop_index("ix_queue_tokens_day", table_name="queue_tokens")
    op.drop_table("queue_tokens")
    op.drop_index("ix_schedule_sessions_schedule", table_name="schedule_sessions")
    op.drop_table("schedule_sessions")
    op.drop_index("ix_schedule_exceptions_practitioner", table_name="schedule_exceptions")
    op.drop_index("ix_schedule_exceptions_facility", table_name="schedule_exceptions")
    op.drop_table("schedule_exceptions")
    op.drop_index(
        "uq_appointments_patient_session",
        table_name="appointments",
        postgresql_where=sa.text(
            "status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled') AND kind = 'token'"
        ),
    )
    op.drop_index("ix_appointments_time", table_name="appointments")
    op.drop_index("ix_appointments_practitioner_time", table_name="appointments")
    op.drop_index("ix_appointments_patient_time", table_name="appointments")
    op.drop_index("ix_appointments_facility_time", table_name="appointments")
    op.drop_table("appointments")
    op.drop_index("ix_schedules_practitioner", table_name="schedules")
    op.drop_index("ix_schedules_facility", table_name="schedules")
    op.drop_table("schedules")
    op.drop_table("queue_counters")
    op.drop_table("practitioner_facilities")
    op.drop_table("practitioner_days")
    op.drop_index("ix_staff_members_name", table_name="staff_members")
    op.drop_table("staff_members")
    op.drop_table("record_grants")
    op.drop_table("receipt_counters")
    op.drop_index("uq_practitioners_registration", table_name="practitioners")
    op.drop_index("ix_practitioners_name", table_name="practitioners")
    op.drop_table("practitioners")
    op.drop_index("ix_patient_terms_patient", table_name="patient_terms")
    op.drop_table("patient_terms")
    op.drop_table("patient_photos")
    op.drop_index("ix_patient_phones_patient", table_name="patient_phones")
    op.drop_table("patient_phones")
    op.drop_index(
        "uq_patient_identifiers_value",
        table_name="patient_identifiers",
        postgresql_where=sa.text("kind IN ('abha_number', 'abha_address', 'passport', 'external')"),
    )
    op.drop_index("ix_patient_identifiers_patient", table_name="patient_identifiers")
    op.drop_table("patient_identifiers")
    op.drop_index("ix_patient_contacts_patient", table_name="patient_contacts")
    op.drop_table("patient_contacts")
    op.drop_index("ix_patient_consents_patient", table_name="patient_consents")
    op.drop_table("patient_consents")
    op.drop_index("ix_patient_accounts_user", table_name="patient_accounts")
    op.drop_index("ix_patient_accounts_patient", table_name="patient_accounts")
    op.drop_table("patient_accounts")
    op.drop_index("ix_memberships_user", table_name="memberships")
    op.drop_index("ix_memberships_everywhere", table_name="memberships")
    op.drop_table("memberships")
    op.drop_table("device_links")
    op.drop_index(op.f("ix_sessions_user_id"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("realtime_tickets")
    op.drop_index("uq_reaction_effects", table_name="reaction_effects")
    op.drop_table("reaction_effects")
    op.drop_index("ix_patients_birth_date", table_name="patients")
    op.drop_index("ix_patients_sort_name", table_name="patients")
    op.drop_table("patients")
    op.drop_index("uq_outbox_events_seq", table_name="outbox_events", postgresql_where=sa.text("seq IS NOT NULL"))
    op.drop_index(
        "ix_outbox_events_waiting",
        table_name="outbox_events",
        postgresql_where=sa.text("done_at IS NULL AND parked_at IS NULL"),
    )
    op.drop_index("ix_outbox_events_tenant_seq", table_name="outbox_events")
    op.drop_table("outbox_events")
    op.drop_index("ix_notifications_user", table_name="notifications")
    op.drop_table("notifications")
    op.drop_table("mrn_counters")
    op.drop_index(op.f("ix_login_identifiers_user_id"), table_name="login_identifiers")
    op.drop_table("login_identifiers")
    op.drop_table("known_devices")
    op.drop_table("idempotency_keys")
    op.drop_table("facilities")
    op.drop_table("external_organizations")
    op.drop_table("departments")
    op.drop_table("credentials")
    op.drop_table("booking_rules")
    op.drop_index("ix_audit_entries_user", table_name="audit_entries")
    op.drop_index("ix_audit_entries_patient", table_name="audit_entries")
    op.drop_index("ix_audit_entries_at", table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_table("users")
    op.drop_index("ix_platform_audit_entries_at", table_name="platform_audit_entries")
    op.drop_table("platform_audit_entries")
    op.drop_table("organizations")
    op.drop_table("login_throttles")
