"""Uploaded sheets between preview and import: sealed at rest, wiped when imported, given up or a day old.

A room's table is `class WaitingSheet(WaitingRow, db.Model)` with its `__tablename__` and `person_id`; what is written
into the trail is the room's own.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Integer, String, Text, delete, update
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from portal.ground.db import Moment, db
from portal.ground.errors import Refused
from portal.ground.sealed import Sealed, SealedRow
from portal.ground.sheets.dry import Answers, DryRun

#: An uploaded sheet waits so long for its clerk.
WAITS = timedelta(hours=24)
STALE = "他人已先修改，请刷新"
CHANGED_SINCE = "核对以后，档案或答案有了变动，请再看一遍"


class WaitingRow(SealedRow):
    """The columns of an uploaded sheet; `added`, `changed` and `unchanged` tell what it came to."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    file_name: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64))
    content_sealed: Mapped[str | None] = mapped_column(Text)
    answers_sealed: Mapped[str | None] = mapped_column(Text)
    uploaded_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    added: Mapped[int | None]
    changed: Mapped[int | None]
    unchanged: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    content = Sealed("content")
    answers = Sealed("answers")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


W = TypeVar("W", bound=Any)


def keep(kind: type[W], data: bytes, name: str, *, person_id: int | None, now: datetime) -> W:
    """Keep an uploaded sheet, sealed. One of a kind waits per person; sheets over a day old go."""
    sweep(kind, now=now)
    db.session.execute(delete(kind).where(kind.person_id == person_id, kind.done_at.is_(None)))
    sheet = kind(person_id=person_id, file_name=name[-120:], digest=hashlib.sha256(data).hexdigest(), uploaded_at=now)
    sheet.content = base64.b64encode(data).decode()
    db.session.add(sheet)
    db.session.flush()
    return sheet


def sweep(kind: Any, *, now: datetime) -> int:
    """Wipe sheets of a kind that nobody finished within a day; return how many."""
    old = delete(kind).where(kind.done_at.is_(None), kind.uploaded_at < now - WAITS)
    return int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]


def content_of(sheet: Any) -> bytes:
    """The bytes of a sheet that waits. Refused once they are wiped."""
    if sheet.content is None:
        raise Refused("这张表已经办完或清掉了，请重新上传")
    return base64.b64decode(sheet.content)


def answer(sheet: Any, answers: Answers, *, cells: Mapping[str, str], rows: set[int], version: int) -> None:
    """Keep what the clerk answered: `cells` typed by address, `rows` to be skipped, the rest already in `answers`."""
    if sheet.version != version:
        raise Refused(STALE)
    answers.cells.update({address: text for address, text in cells.items() if text})
    answers.skipped = sorted(rows)
    sheet.answers = answers.dump()
    db.session.flush()


def claim(sheet: Any, found: DryRun[Any, Any], *, seen: str, now: datetime) -> None:
    """Take a sheet for import, once. `seen` is the digest that the clerk confirmed; another state is refused."""
    if not found.ready:
        raise Refused("还不能导入：" + "、".join(found.waiting or ["没有可导入的行"]))
    if seen != found.digest:
        raise Refused(CHANGED_SINCE)
    kind = type(sheet)
    still = (kind.id == sheet.id, kind.done_at.is_(None), kind.version == sheet.version)
    taken = update(kind).where(*still).values(done_at=now)
    if db.session.execute(taken.execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这张表已经导入")


def finish(sheet: Any, found: DryRun[Any, Any]) -> dict[str, int]:
    """Wipe what was imported and keep what it came to: {added, changed, unchanged}."""
    counts = {"added": len(found.of("new")), "changed": len(found.of("changed")), "unchanged": len(found.of("same"))}
    db.session.refresh(sheet)
    sheet.content, sheet.answers = None, None
    sheet.added, sheet.changed, sheet.unchanged = counts["added"], counts["changed"], counts["unchanged"]
    db.session.flush()
    return counts
