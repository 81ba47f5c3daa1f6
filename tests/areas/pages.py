"""What the tests of the tree share: rows as the database has them, sheets, a section."""

import io
import re
from typing import Any

from flask import Flask
from openpyxl import Workbook
from sqlalchemy import select

from portal.areas.models import Area
from portal.ground.db import db, writing
from tests.conftest import Visitor

HEADINGS = ("编号", "名称", "类别", "区域类型")


def read(site: Flask, code: str) -> Area:
    """An area as the database has it, detached."""
    with site.app_context():
        writing.set(False)
        area = db.session.scalars(select(Area).where(Area.code == code)).one()
        db.session.expunge_all()
        db.session.rollback()
    return area


def text(answer: Any) -> str:
    """The page, as text."""
    return str(answer.get_data(as_text=True))


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    assert found, name
    return found[1]


def book(*rows: tuple[object, ...], headings: tuple[str, ...] = HEADINGS) -> bytes:
    """An xlsx sheet of areas."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (headings, *rows):
        sheet.append(list(row))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def send(visitor: Visitor, data: bytes, url: str = "/areas/sheets", name: str = "社区网格.xlsx") -> str:
    """Upload; return the address of the preview."""
    answer = visitor.post(url, {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")
    assert answer.status_code == 303, text(answer)
    return str(answer.headers["Location"])
