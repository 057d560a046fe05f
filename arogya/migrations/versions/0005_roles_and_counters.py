"""Roles of a hospital's own, and counters that people share by PIN."""

import sqlalchemy as sa
from alembic import op

from arogya.platform.tables import secure_tenant_table

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "custom_roles",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_hi", sa.String(), nullable=True),
        sa.Column("permissions", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        *_edited(),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_custom_roles_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_custom_roles")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_custom_roles_organization_id_name")),
    )
    secure_tenant_table("custom_roles", rights="SELECT, INSERT, UPDATE")
    op.alter_column("memberships", "role", nullable=True)
    op.add_column("memberships", sa.Column("custom_role_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_memberships_organization_id_custom_role_id_custom_roles"), "memberships", "custom_roles",
        ["organization_id", "custom_role_id"], ["organization_id", "id"],
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_memberships_one_role"), "memberships", "(role IS NULL) <> (custom_role_id IS NULL)"
    )

    op.add_column("credentials", sa.Column("pin_hash", sa.String(), nullable=True))
    op.add_column("sessions", sa.Column("with_password", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("sessions", sa.Column("idle_s", sa.Integer(), nullable=True))
    op.create_table(
        "shared_counters",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        *_edited(),
        sa.CheckConstraint("idle_minutes BETWEEN 1 AND 60", name=op.f("ck_shared_counters_idle")),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"],
            ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_shared_counters_organization_id_facility_id_facilities"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_shared_counters_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_shared_counters")),
    )
    op.create_table(
        "counter_people",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("counter_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("password_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "counter_id"],
            ["shared_counters.organization_id", "shared_counters.id"],
            name=op.f("fk_counter_people_organization_id_counter_id_shared_counters"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_counter_people_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_counter_people_user_id_users")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_counter_people")),
        sa.UniqueConstraint(
            "organization_id",
            "counter_id",
            "user_id",
            name=op.f("uq_counter_people_organization_id_counter_id_user_id"),
        ),
    )
    secure_tenant_table("shared_counters", rights="SELECT, INSERT, UPDATE")
    secure_tenant_table("counter_people")


def downgrade() -> None:
    op.drop_table("counter_people")
    op.drop_table("shared_counters")
    op.drop_column("sessions", "idle_s")
    op.drop_column("sessions", "with_password")
    op.drop_column("credentials", "pin_hash")
    # What the older schema can't hold: the roles of a hospital's own end with their table.
    op.execute("DELETE FROM memberships WHERE role IS NULL")
    op.drop_constraint(op.f("ck_memberships_one_role"), "memberships")
    op.drop_constraint(op.f("fk_memberships_organization_id_custom_role_id_custom_roles"), "memberships")
    op.drop_column("memberships", "custom_role_id")
    op.alter_column("memberships", "role", nullable=False)
    op.drop_table("custom_roles")


def _edited() -> list[sa.Column[object]]:
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    ]
