"""Settings: one row per value and the day from which it is good; nothing is overwritten, nothing is deleted."""

from datetime import date, datetime

from sqlalchemy import JSON, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Moment, db


class Setting(db.Model):
    """A value of `key` from `from_on` on, until a later one stands; the version counts per key.

    Times and dates are kept as ISO text. A row that takes back an earlier one before it has come into force names its
    version in `withdraws`, has no value, and `from_on` is the day on which it was written.
    """

    __tablename__ = "settings_values"
    __table_args__ = (UniqueConstraint("key", "version"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[int]
    value: Mapped[object] = mapped_column(JSON)
    from_on: Mapped[date]
    set_at: Mapped[datetime] = mapped_column(Moment)
    set_by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(200))
    withdraws: Mapped[int | None]
