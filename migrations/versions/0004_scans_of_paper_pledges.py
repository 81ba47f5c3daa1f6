"""The scan of a pledge that was signed on paper: an attachment of its shop."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAME = "fk_pledges_pledges_scan_id_merchants_files"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("pledges_pledges", sa.Column("scan_id", sa.Integer(), nullable=True))
        op.create_foreign_key(NAME, "pledges_pledges", "merchants_files", ["scan_id"], ["id"])
    else:  # SQLite adds no constraint to a table that stands, but takes one with its column
        column = sa.Column("scan_id", sa.Integer(), sa.ForeignKey("merchants_files.id", name=NAME), nullable=True)
        op.add_column("pledges_pledges", column, inline_references=True)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(NAME, "pledges_pledges", type_="foreignkey")
    op.drop_column("pledges_pledges", "scan_id")
