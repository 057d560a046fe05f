"""Rooms in which visits take place, and services: what is booked and is no doctor."""

import sqlalchemy as sa
from alembic import op

from arogya.platform.tables import secure_tenant_table

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_HOLDS_ITS_PLACE = "status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')"
_ROOMED = ("schedules", "appointments", "holds", "waitlist_offers")
_EXCLUDES = {
    "appointments": f"{_HOLDS_ITS_PLACE} AND during IS NOT NULL AND room_id IS NOT NULL",
    "holds": "room_id IS NOT NULL",
    "waitlist_offers": "status = 'offered' AND room_id IS NOT NULL",
}


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("floor", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_rooms_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "facility_id"], ["facilities.organization_id", "facilities.id"],
            name=op.f("fk_rooms_organization_id_facility_id_facilities"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("organization_id", "facility_id", "id", name="uq_rooms_facility"),
    )  # fmt: skip
    op.create_index(
        "uq_rooms_name", "rooms", ["organization_id", "facility_id", sa.text("lower(name)")], unique=True
    )  # fmt: skip
    secure_tenant_table("rooms")
    for table in _ROOMED:
        op.add_column(table, sa.Column("room_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(
            f"fk_{table}_room", table, "rooms", ["organization_id", "facility_id", "room_id"],
            ["organization_id", "facility_id", "id"],
        )  # fmt: skip
    for table, where in _EXCLUDES.items():
        op.create_exclude_constraint(
            f"ex_{table}_room", table, ("organization_id", "="), ("room_id", "="), ("practitioner_id", "<>"),
            ("during", "&&"), where=sa.text(where), using="gist",
        )  # fmt: skip
    op.create_index(
        "ix_appointments_room_time", "appointments", ["organization_id", "room_id", "starts_at"],
        postgresql_where=sa.text("room_id IS NOT NULL"),
    )  # fmt: skip
    op.add_column(
        "practitioners", sa.Column("kind", sa.String(), server_default=sa.text("'practitioner'"), nullable=False)
    )
    op.add_column("practitioners", sa.Column("visit_minutes", sa.Integer(), nullable=True))
    op.create_check_constraint("kind", "practitioners", "kind IN ('practitioner', 'service')")
    op.create_check_constraint(
        "service", "practitioners",
        "kind <> 'service' OR (user_id IS NULL AND registration_number IS NULL AND title = '')",
    )  # fmt: skip
    op.create_check_constraint("visit_minutes", "practitioners", "visit_minutes BETWEEN 5 AND 240")


def downgrade() -> None:
    for check in ("visit_minutes", "service", "kind"):
        op.drop_constraint(op.f(f"ck_practitioners_{check}"), "practitioners")
    op.drop_column("practitioners", "visit_minutes")
    op.drop_column("practitioners", "kind")
    op.drop_index("ix_appointments_room_time", "appointments")
    for table in _EXCLUDES:
        op.drop_constraint(f"ex_{table}_room", table)
    for table in _ROOMED:
        op.drop_constraint(f"fk_{table}_room", table)
        op.drop_column(table, "room_id")
    op.drop_table("rooms")
