"""What a sheet of people would do: an entry a row."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from portal.accounts.models import Person
from portal.accounts.terms import ROLES
from portal.ground.sheets import dry


class Post(NamedTuple):
    """A role that a row asks for."""

    role: str
    area_id: int
    place: str
    from_on: date

    @property
    def words(self) -> str:
        """明月社区二网格 · 网格员"""
        return f"{self.place} · {ROLES[self.role].label}"


@dataclass
class Entry:
    """What one row comes to: a new account, a change of one, a role that is asked for, or nothing."""

    row: int
    name: str
    login: str
    phone: str | None
    person: Person | None
    first: bool = True  # the first row of this account in the sheet
    changed: list[str] = field(default_factory=list)
    post: Post | None = None
    remark: str = ""  # why a post is not asked for again, or whose namesake this is

    @property
    def kind(self) -> str:
        """new, changed or same"""
        if self.person is None and self.first:
            return "new"
        return "changed" if self.changed or self.post else "same"

    @property
    def words(self) -> str:
        """What is done, in words."""
        parts = ["建账号"] if self.kind == "new" else [f"更新{'、'.join(self.changed)}"] if self.changed else []
        return "，".join(parts + ([f"提请 {self.post.words}"] if self.post else []))


@dataclass
class Preview(dry.DryRun[Entry, dry.Answers]):
    """The whole dry run."""

    late_days: int = 0  # rows whose day has passed: they begin when they are granted

    def plan(self) -> list[Any]:
        """What would be done to whom; somebody who would change counts with the file's version."""
        return [
            (
                e.row, e.kind, e.login, e.person.id if e.person else 0,
                e.person.version if e.person and e.changed else 0, e.changed,
                (e.post.role, e.post.area_id, e.post.from_on.isoformat()) if e.post else (),
            )
            for e in self.entries
        ]  # fmt: skip
