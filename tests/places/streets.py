"""Makers of streets: plain functions that put one plausible alley into the database."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Flask
from openpyxl import Workbook
from sqlalchemy import event, select

from portal.accounts.models import Person
from portal.areas.models import Area
from portal.areas.queries import places
from portal.areas.terms import AreaType
from portal.ground.actor import SYSTEM, Actor
from portal.ground.db import db, writing
from portal.places import services
from portal.places.models import Street
from portal.places.terms import StreetFacts, StreetKind

HEADINGS = (
    "路段代码", "名称", "类别", "区域类型", "网格代码", "责任人账号", "起点", "终点", "长度（米）", "备注",
)  # fmt: skip


def grid_id(code: str) -> int:
    """The row id of a grid."""
    return db.session.scalars(select(Area.id).where(Area.code == code)).one()


def facts(*grids: str, **but: Any) -> StreetFacts:
    """What a clerk would say of 桂花巷."""
    usual = StreetFacts(
        name="桂花巷", kind=StreetKind.ALLEY, area_type=AreaType.BACKSTREET,
        grids=frozenset(grid_id(one) for one in grids or ("MY-01",)), runs_from="明月大道口", runs_to="老井巷",
        length_m=320,
    )  # fmt: skip
    return replace(usual, **but)


def a_street(now: datetime, *grids: str, by: Actor = SYSTEM, keeper: str = "", **but: Any) -> Street:
    """A street that stands, with somebody who answers for it where `keeper` is an account."""
    street = services.create(facts(*grids, **but), tree=places(), by=by, now=now)
    if keeper:
        services.assign(street, person(keeper), by=by, now=now)
    return street


def person(login: str) -> Person:
    """Somebody of the cast."""
    return db.session.scalars(select(Person).where(Person.login == login)).one()


def planted(site: Flask, now: datetime, *many: dict[str, Any]) -> list[int]:
    """Streets on a site without a pushed context; their ids. `grids` names them: ("MY-01",)."""
    with site.app_context():
        writing.set(True)
        ids = []
        for but in many or ({},):
            rest = {name: value for name, value in but.items() if name != "grids"}
            ids.append(a_street(now, *but.get("grids", ("MY-01",)), **rest).id)
        db.session.commit()
    return ids


def read(site: Flask, street_id: int) -> Street:
    """A street as the database has it, with its grids and keeper, detached."""
    with site.app_context():
        writing.set(False)
        street = db.session.get_one(Street, street_id)
        _ = street.grids, street.keeper
        db.session.expunge_all()
        db.session.rollback()
    return street


def id_of(site: Flask, code: str) -> int:
    """The row id of an area."""
    with site.app_context():
        writing.set(False)
        found = grid_id(code)
        db.session.rollback()
    return found


def person_id(site: Flask, login: str) -> int:
    """The row id of somebody."""
    with site.app_context():
        writing.set(False)
        found = int(person(login).id)
        db.session.rollback()
    return found


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        seen.append(text)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def row(**but: Any) -> tuple[Any, ...]:
    """A row of a sheet of streets."""
    usual: dict[str, Any] = {
        "code": None, "name": "桂花巷", "kind": "背街小巷", "type": None, "grids": "MY-01", "keeper": None,
        "from": None, "to": None, "length": None, "remark": None,
    }  # fmt: skip
    return tuple({**usual, **but}.values())


def book(*rows: tuple[Any, ...], headings: tuple[str, ...] = HEADINGS) -> bytes:
    """An xlsx sheet of streets."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for one in (headings, *rows):
        sheet.append(list(one))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()
