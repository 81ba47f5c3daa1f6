"""The record of drills: a copy that was restored on trial, by whom, and what was found."""

from datetime import datetime

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Moment, db
from portal.upkeep.terms import Finding


class Drill(db.Model):
    """One trial of a restore; `words` has a line for each thing that was looked at: 行数一致：是，…"""

    __tablename__ = "upkeep_drills"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    by: Mapped[str] = mapped_column(String(64))
    copy: Mapped[str] = mapped_column(String(32))
    holds: Mapped[bool]
    words: Mapped[str] = mapped_column(Text)

    @property
    def lines(self) -> list[Finding]:
        """What was looked at, line by line."""
        return [Finding(*_parts(line)) for line in self.words.splitlines()]

    @property
    def first_fault(self) -> str:
        """The first line that did not hold, in words."""
        return next((f"{line.what}：{line.words}" for line in self.lines if not line.holds), "")


def _parts(line: str) -> tuple[str, bool, str]:
    what, _, rest = line.partition("：")
    answer, _, words = rest.partition("，")
    return what, answer == "是", words
