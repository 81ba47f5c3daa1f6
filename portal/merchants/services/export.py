"""A list as a sheet: typed cells, persons and telephones masked, who made it and when in its head (rules 6, 10)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.declare import Column, offers
from portal.ground.errors import Refused
from portal.ground.fields.masks import masked_name, masked_telephone
from portal.ground.sheets.columns import ColumnSpec
from portal.ground.sheets.write import Outgoing, write_xlsx
from portal.merchants.models import Shop
from portal.merchants.queries import Tree, Wanted, how_many
from portal.merchants.services.intake import columns
from portal.merchants.terms import EXPORT_MOST

PART = 500


def export_sheet(want: Wanted, *, line: str, tree: Tree, by: Actor, now: datetime) -> Outgoing:
    """The list as .xlsx. More than `EXPORT_MOST` rows are refused."""
    count = how_many(want)
    if count > EXPORT_MOST:
        raise Refused(f"有 {count} 家，一次最多导出 {EXPORT_MOST} 家，请先加条件")
    more: list[Column] = offers().on("columns", "merchants")
    specs = [*columns(missing=lambda _text: []), *(ColumnSpec(one.key or one.heading, one.heading) for one in more)]
    data = write_xlsx(
        specs, _rows(want, more, tree, now), title="商户名单", filter_line=f"条件：{line}；共 {count} 家",
        snapshot=now, watermark=f"{by.name} 导出",
    )  # fmt: skip
    return Outgoing(data, count, searched=bool(want.pieces))


def note_export(sheet: Outgoing, *, by: Actor, now: datetime) -> None:
    """One line of the trail, with the file's digest."""
    record("merchants.export", "shops", by=by, now=now, count=sheet.count, digest=sheet.digest, searched=sheet.searched)


def note_labels(count: int, *, by: Actor, now: datetime) -> None:
    """Write down who prints labels of how many shops (rules 6, Audit)."""
    record("merchants.labels", "shops", by=by, now=now, count=count)


def _rows(want: Wanted, more: list[Column], tree: Tree, now: datetime) -> Iterator[Mapping[str, Any]]:
    ids = list(db.session.scalars(want.ids().limit(EXPORT_MOST)))
    for start in range(0, len(ids), PART):
        part = ids[start : start + PART]
        shops = {
            shop.id: shop
            for shop in db.session.scalars(select(Shop).where(Shop.id.in_(part)).options(selectinload(Shop.tenures)))
        }
        offered = [(one.key or one.heading, one.cells(part, now)) for one in more]
        for one in part:
            extra = {key: cell.text for key, cells in offered if (cell := cells.get(one)) is not None}
            yield {**_row(shops[one], tree), **extra}
        db.session.expunge_all()


def _row(shop: Shop, tree: Tree) -> dict[str, Any]:
    grid = tree.by_id[shop.grid_id]
    tenure = next((one for one in shop.tenures if one.until_on is None), None)
    plain = (
        "number",
        "sign_name",
        "licence_name",
        "trade_detail",
        "street",
        "door_no",
        "segment",
        "hours",
        "bins",
        "remark",
    )
    row: dict[str, Any] = {name: getattr(shop, name) for name in plain}
    row |= {f"bounds_{side}": getattr(shop, f"bounds_{side}") for side in ("east", "west", "south", "north")}
    return {
        **row,
        "licence": "无照" if shop.unlicensed else shop.uscc,
        "trade": shop.trade.label,
        "state": shop.state.label,
        "community": tree.by_id[grid.parent or 0].name,
        "grid": grid.name,
        "frontage_cm": shop.frontage_m,
        "depth_cm": shop.depth_m,
        "operator_name": masked_name(tenure.operator_name) if tenure else None,
        "operator_from": tenure.from_on if tenure else None,
        "responsible_name": masked_name(shop.responsible_name),
        "phone": masked_telephone(Shop.phone.shown(shop)),
        "landlord_name": masked_name(shop.landlord_name),
        "landlord_phone": masked_telephone(Shop.landlord_phone.shown(shop)),
    }
