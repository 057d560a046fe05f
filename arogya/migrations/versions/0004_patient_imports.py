"""Imports of patients: the file, its lines that became patients, and those that were refused."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from arogya.platform.tables import secure_tenant_table

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = ("patient_imports", "patient_import_files", "patient_import_lines", "patient_import_refusals")


def upgrade() -> None:
    op.create_table(
        "patient_imports",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("headings", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("existing", sa.String(), nullable=False),
        sa.Column("date_order", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("lines_total", sa.Integer(), nullable=True),
        sa.Column("lines_done", sa.Integer(), nullable=False),
        sa.Column("last_line", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("undone", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("run_by", sa.Uuid(), nullable=True),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status IN ('uploaded', 'checking', 'checked', 'running', 'done', 'failed', 'cancelled', 'undoing', "
            "'undone')",
            name=op.f("ck_patient_imports_status"),
        ),
        sa.CheckConstraint("existing IN ('refuse', 'skip')", name=op.f("ck_patient_imports_existing")),
        sa.CheckConstraint("date_order IN ('dmy', 'mdy')", name=op.f("ck_patient_imports_date_order")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_patient_imports_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patient_imports")),
    )
    op.create_index("ix_patient_imports_created_at", "patient_imports", ["organization_id", "created_at"])
    op.create_table(
        "patient_import_files",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "id"], ["patient_imports.organization_id", "patient_imports.id"],
            name=op.f("fk_patient_import_files_organization_id_id_patient_imports"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"],
            name=op.f("fk_patient_import_files_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patient_import_files")),
    )  # fmt: skip
    op.create_table(
        "patient_import_lines",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "import_id"], ["patient_imports.organization_id", "patient_imports.id"],
            name=op.f("fk_patient_import_lines_organization_id_import_id_patient_imports"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"], ["patients.organization_id", "patients.id"],
            name=op.f("fk_patient_import_lines_organization_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"],
            name=op.f("fk_patient_import_lines_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "import_id", "line", name=op.f("pk_patient_import_lines")),
    )  # fmt: skip
    op.create_index("ix_patient_import_lines_patient", "patient_import_lines", ["organization_id", "patient_id"])
    op.create_table(
        "patient_import_refusals",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cells", sa.ARRAY(sa.String()), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "import_id"], ["patient_imports.organization_id", "patient_imports.id"],
            name=op.f("fk_patient_import_refusals_organization_id_import_id_patient_imports"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"],
            name=op.f("fk_patient_import_refusals_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "import_id", "line", name=op.f("pk_patient_import_refusals")),
    )  # fmt: skip
    for table in _TABLES:
        secure_tenant_table(table)
    # What is sent is packed already, or soon gone.
    op.execute("ALTER TABLE patient_import_files ALTER COLUMN content SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_table("patient_import_refusals")
    op.drop_index("ix_patient_import_lines_patient", table_name="patient_import_lines")
    op.drop_table("patient_import_lines")
    op.drop_table("patient_import_files")
    op.drop_index("ix_patient_imports_created_at", table_name="patient_imports")
    op.drop_table("patient_imports")
