"""The record of drills: a copy that was restored on trial, by whom, and what was found."""

from datetime import datetime

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Moment, db


class Drill(db.Model):
    """One trial of a restore."""

    __tablename__ = "upkeep_drills"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    by: Mapped[str] = mapped_column(String(64))
    copy: Mapped[str] = mapped_column(String(32))
    holds: Mapped[bool]
    words: Mapped[str] = mapped_column(Text)
