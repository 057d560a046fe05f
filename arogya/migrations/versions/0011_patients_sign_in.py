"""Patients sign in by a code on their phone or the QR of a slip, and claim their records."""

import sqlalchemy as sa
from alembic import op

from arogya.platform.tables import open_platform_table, secure_tenant_table

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("opened_by", sa.String(), server_default=sa.text("'password'"), nullable=False))
    op.create_check_constraint("opened_by", "sessions", "opened_by IN ('password', 'pin', 'code', 'slip', 'other')")
    op.create_table(
        "sign_in_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_codes")),
    )
    op.create_index("ix_sign_in_codes_expires_at", "sign_in_codes", ["expires_at"])
    open_platform_table("sign_in_codes")
    op.create_table(
        "patient_passes",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_passes_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"], ["patients.organization_id", "patients.id"],
            name="fk_patient_passes_patient_id_patients",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patient_passes")),
        sa.UniqueConstraint("organization_id", "token_hash", name="uq_patient_passes_token_hash"),
    )  # fmt: skip
    op.create_index("ix_patient_passes_patient", "patient_passes", ["organization_id", "patient_id"])
    secure_tenant_table("patient_passes")
    op.create_table(
        "patient_claim_tries",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_claim_tries_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"], ["patients.organization_id", "patients.id"],
            name="fk_patient_claim_tries_patient_id_patients",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_patient_claim_tries_user_id_users")),
        sa.PrimaryKeyConstraint("organization_id", "patient_id", "user_id", name=op.f("pk_patient_claim_tries")),
    )  # fmt: skip
    secure_tenant_table("patient_claim_tries")
    op.create_index("ix_patient_phones_e164", "patient_phones", ["organization_id", "e164"])


def downgrade() -> None:
    op.drop_index("ix_patient_phones_e164", "patient_phones")
    op.drop_table("patient_claim_tries")
    op.drop_table("patient_passes")
    op.drop_table("sign_in_codes")
    op.drop_constraint(op.f("ck_sessions_opened_by"), "sessions")
    op.drop_column("sessions", "opened_by")
