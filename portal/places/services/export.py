"""The list of streets as a sheet, as it comes in again; who made it and when in its head (rules 6, 10)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.accounts.models import Person
from portal.areas.queries import Tree
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db, rows
from portal.ground.errors import Refused
from portal.ground.sheets.columns import ColumnSpec
from portal.ground.sheets.write import Outgoing, write_xlsx
from portal.places.models import Street
from portal.places.queries import Wanted, answering, grids_by_street, how_many
from portal.places.services.intake import COLUMNS
from portal.places.terms import EXPORT_MOST

PART = 500
#: What an export says beside the columns that come in: people know names, not accounts.
MORE = [ColumnSpec("keeper_name", "责任人姓名", width=14), ColumnSpec("community", "社区", width=18)]


def export_sheet(want: Wanted, *, line: str, tree: Tree, by: Actor, now: datetime) -> Outgoing:
    """The list as .xlsx. More than `EXPORT_MOST` rows are refused."""
    count = how_many(want)
    if count > EXPORT_MOST:
        raise Refused(f"有 {count} 条，一次最多导出 {EXPORT_MOST} 条，请先加条件")
    data = write_xlsx(
        [*COLUMNS, *MORE], _rows(want, tree), title="路段和责任人", filter_line=f"条件：{line}；共 {count} 条",
        snapshot=now, watermark=f"{by.name} 导出",
    )  # fmt: skip
    return Outgoing(data, count, searched=bool(want.pieces))


def note_export(sheet: Outgoing, *, by: Actor, now: datetime) -> None:
    """One line of the trail, with the file's digest."""
    record("places.export", "streets", by=by, now=now, count=sheet.count, digest=sheet.digest, searched=sheet.searched)


def _rows(want: Wanted, tree: Tree) -> Iterator[Mapping[str, Any]]:
    ids = list(db.session.scalars(want.ids().limit(EXPORT_MOST)))
    for start in range(0, len(ids), PART):
        part = ids[start : start + PART]
        through = grids_by_street(part)
        found = (
            select(Street.id, Street.code, Street.name, Street.kind, Street.area_type, Street.runs_from, Street.runs_to)
            .add_columns(Street.length_m, Street.remark, Person.login, Person.name, answering(want.on))
            .outerjoin(Person, Person.id == Street.keeper_id)
            .where(Street.id.in_(part))
        )
        by_id = {row[0]: row for row in rows(found)}
        for one in part:
            yield _row(by_id[one], through.get(one, []), tree)


def _row(row: Any, grids: list[int], tree: Tree) -> dict[str, Any]:
    _id, code, name, kind, area_type, runs_from, runs_to, length, remark, login, keeper, answers = row
    places = sorted((tree.by_id[one] for one in grids), key=lambda one: one.code)
    named = f"{keeper}（在这里已没有岗位）" if keeper and not answers else keeper
    homes = dict.fromkeys(tree.community_of(one.id).name for one in places)
    return {
        "code": code, "name": name, "kind": kind.label, "area_type": area_type.label,
        "grids": "、".join(one.code for one in places), "keeper": login, "runs_from": runs_from or None,
        "runs_to": runs_to or None, "length_m": length, "remark": remark or None, "keeper_name": named,
        "community": "、".join(homes),
    }  # fmt: skip


def note_print(count: int, *, by: Actor, now: datetime) -> None:
    """Write down who prints the notice to hang (rules 6, Audit)."""
    record("places.print", "streets", by=by, now=now, count=count)
