"""Merged patients, likely duplicates, former names."""

import sqlalchemy as sa
from alembic import op

from arogya.platform.tables import secure_tenant_table

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = ("patient_duplicates", "patient_former_names", "patient_match_keys", "patient_merges")


def upgrade() -> None:
    op.create_table(
        "patient_duplicates",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("because", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(status = 'different') = (decided_at IS NOT NULL)", name=op.f("ck_patient_duplicates_decided")
        ),
        sa.CheckConstraint("status IN ('open', 'different')", name=op.f("ck_patient_duplicates_status")),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_patient_duplicates_order")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_patient_duplicates_score")),
        sa.ForeignKeyConstraint(
            ["organization_id", "first_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_duplicates_organization_id_first_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "second_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_duplicates_organization_id_second_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_duplicates_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patient_duplicates")),
        sa.UniqueConstraint("organization_id", "first_id", "second_id", name="uq_patient_duplicates_pair"),
    )
    op.create_index(
        "ix_patient_duplicates_score",
        "patient_duplicates",
        ["organization_id", "status", sa.literal_column("score DESC"), "id"],
        unique=False,
    )
    op.create_index(
        "ix_patient_duplicates_second", "patient_duplicates", ["organization_id", "second_id"], unique=False
    )
    op.create_table(
        "patient_former_names",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_local", sa.String(), nullable=True),
        sa.Column("was_unknown", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_former_names_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_patient_former_names_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patient_former_names")),
    )
    op.create_index(
        "ix_patient_former_names_patient", "patient_former_names", ["organization_id", "patient_id"], unique=False
    )
    op.create_table(
        "patient_match_keys",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(collation="C"), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_match_keys_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_match_keys_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "key", "patient_id", name=op.f("pk_patient_match_keys")),
    )
    op.create_index(
        "ix_patient_match_keys_patient", "patient_match_keys", ["organization_id", "patient_id"], unique=False
    )
    op.create_table(
        "patient_merges",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("was_active", sa.Boolean(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(undone_at IS NULL) OR (undone_at >= created_at)", name=op.f("ck_patient_merges_undone")),
        sa.CheckConstraint("survivor_id <> merged_id", name=op.f("ck_patient_merges_two")),
        sa.ForeignKeyConstraint(
            ["organization_id", "merged_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_merges_organization_id_merged_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "survivor_id"],
            ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_merges_organization_id_survivor_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_merges_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patient_merges")),
    )
    op.create_index("ix_patient_merges_merged", "patient_merges", ["organization_id", "merged_id"], unique=False)
    op.create_index("ix_patient_merges_survivor", "patient_merges", ["organization_id", "survivor_id"], unique=False)
    op.create_index(
        "uq_patient_merges_live",
        "patient_merges",
        ["organization_id", "merged_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.add_column("patients", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_patients_merged_into",
        "patients",
        ["organization_id", "merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_patients_organization_id_merged_into_id_patients"),
        "patients",
        "patients",
        ["organization_id", "merged_into_id"],
        ["organization_id", "id"],
    )
    op.create_check_constraint(
        op.f("ck_patients_merged"), "patients", "merged_into_id IS NULL OR (merged_into_id <> id AND NOT is_active)"
    )
    for table in _TABLES:
        secure_tenant_table(table)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_patients_merged"), "patients", type_="check")
    op.drop_constraint(op.f("fk_patients_organization_id_merged_into_id_patients"), "patients", type_="foreignkey")
    op.drop_index(
        "ix_patients_merged_into", table_name="patients", postgresql_where=sa.text("merged_into_id IS NOT NULL")
    )
    op.drop_column("patients", "merged_into_id")
    op.drop_index("uq_patient_merges_live", table_name="patient_merges", postgresql_where=sa.text("undone_at IS NULL"))
    op.drop_index("ix_patient_merges_survivor", table_name="patient_merges")
    op.drop_index("ix_patient_merges_merged", table_name="patient_merges")
    op.drop_table("patient_merges")
    op.drop_index("ix_patient_match_keys_patient", table_name="patient_match_keys")
    op.drop_table("patient_match_keys")
    op.drop_index("ix_patient_former_names_patient", table_name="patient_former_names")
    op.drop_table("patient_former_names")
    op.drop_index("ix_patient_duplicates_second", table_name="patient_duplicates")
    op.drop_index("ix_patient_duplicates_score", table_name="patient_duplicates")
    op.drop_table("patient_duplicates")
