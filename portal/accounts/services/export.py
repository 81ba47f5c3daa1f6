"""The list of people as a sheet: one line a post, telephones masked, who made it and when in its head (rules 6, 10)."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from portal.accounts.models import Person, PersonRole
from portal.accounts.queries import Wanted, how_many
from portal.accounts.services.intake import columns
from portal.accounts.terms import EXPORT_MOST, ROLES
from portal.areas.queries import Tree
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.fields.masks import masked_telephone
from portal.ground.sheets.columns import ColumnSpec
from portal.ground.sheets.write import Outgoing, write_xlsx

PART = 500
MORE = [ColumnSpec("state", "账号状态", width=10), ColumnSpec("last", "最近登录", width=18, kind="moment")]


def export_sheet(want: Wanted, *, line: str, tree: Tree, by: Actor, now: datetime) -> Outgoing:
    """The list as .xlsx. More than `EXPORT_MOST` people are refused."""
    count = how_many(want)
    if count > EXPORT_MOST:
        raise Refused(f"有 {count} 人，一次最多导出 {EXPORT_MOST} 人，请先加条件")
    data = write_xlsx(
        [*columns(), *MORE], _rows(want, tree, now.date()), title="人员名单",
        filter_line=f"条件：{line}；共 {count} 人", snapshot=now, watermark=f"{by.name} 导出",
    )  # fmt: skip
    return Outgoing(data, count, searched=bool(want.pieces))


def note_export(sheet: Outgoing, *, by: Actor, now: datetime) -> None:
    """One line of the trail, with the file's digest."""
    record("accounts.export", "people", by=by, now=now, count=sheet.count, digest=sheet.digest, searched=sheet.searched)


def _rows(want: Wanted, tree: Tree, on: date) -> Iterator[Mapping[str, Any]]:
    ids = list(db.session.scalars(want.ids().limit(EXPORT_MOST)))
    for start in range(0, len(ids), PART):
        part = ids[start : start + PART]
        people = {one.id: one for one in db.session.scalars(select(Person).where(Person.id.in_(part)))}
        held: dict[int, list[PersonRole]] = {}
        standing = select(PersonRole).where(PersonRole.person_id.in_(part)).order_by(PersonRole.id)
        for role in db.session.scalars(standing):
            if role.until_on is None or role.until_on > on:
                held.setdefault(role.person_id, []).append(role)
        for one in part:
            for role in held.get(one) or [None]:  # type: ignore[list-item]
                yield {**_person(people[one]), **(_post(role, tree) if role else {})}
        db.session.expunge_all()


def _person(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "login": person.login,
        "phone": masked_telephone(Person.phone.shown(person)),
        "state": person.state.label,
        "last": person.last_login_at,
    }


def _post(role: PersonRole, tree: Tree) -> dict[str, Any]:
    place = tree.by_id[role.area_id]
    return {"role": ROLES[role.role].label, "area": place.code, "from_on": role.from_on}
