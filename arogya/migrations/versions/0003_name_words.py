"""The words of names, by sound and by their misspellings."""

import sqlalchemy as sa
from alembic import op

from arogya.modules.patients.sounds import sound_key
from arogya.modules.patients.vocabulary import SHORTEST_KEPT, deletions
from arogya.platform.tables import secure_tenant_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BATCH = 5_000


def upgrade() -> None:
    op.create_table(
        "name_words",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.String(collation="C"), nullable=False),
        sa.Column("sound", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_name_words_organization_id_organizations"
        ),
        sa.PrimaryKeyConstraint("organization_id", "word", name="pk_name_words"),
    )
    op.create_index("ix_name_words_sound", "name_words", ["organization_id", "sound", "word"])
    op.create_table(
        "name_word_deletions",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("deletion", sa.String(collation="C"), nullable=False),
        sa.Column("word", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_name_word_deletions_organization_id_organizations"
        ),
        sa.PrimaryKeyConstraint("organization_id", "deletion", "word", name="pk_name_word_deletions"),
    )
    secure_tenant_table("name_words")
    secure_tenant_table("name_word_deletions")
    _fill()


def _fill() -> None:
    """The words of those who are registered already."""
    connection = op.get_bind()
    known = connection.execute(
        sa.text(
            "SELECT DISTINCT organization_id, term FROM patient_terms WHERE kind = 'name' AND length(term) >= :least"
        ),
        {"least": SHORTEST_KEPT},
    ).all()
    for start in range(0, len(known), _BATCH):
        some = known[start : start + _BATCH]
        connection.execute(
            sa.text("INSERT INTO name_words (organization_id, word, sound) VALUES (:o, :word, :sound)"),
            [{"o": o, "word": word, "sound": sound_key(word)} for o, word in some],
        )
        near = [{"o": o, "word": word, "deletion": one} for o, word in some for one in sorted(deletions(word))]
        if near:
            connection.execute(
                sa.text(
                    "INSERT INTO name_word_deletions (organization_id, deletion, word) VALUES (:o, :deletion, :word)"
                ),
                near,
            )


def downgrade() -> None:
    op.drop_table("name_word_deletions")
    op.drop_table("name_words")
