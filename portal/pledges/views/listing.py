"""The list's address bar: what it asks for, the chips that say so, and the sheet that it exports to."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.ground.clock import SHANGHAI
from portal.ground.fields.days import clean_day
from portal.ground.fields.masks import masked_name
from portal.ground.sheets.columns import ColumnSpec
from portal.merchants.queries import Tree
from portal.pledges.models import Pledge
from portal.pledges.queries import Wanted
from portal.pledges.services import persons_of, shown_of
from portal.pledges.terms import Method, Shown, Todo
from portal.web.filters import day
from portal.web.lists import searched


def wanted(asked: MultiDict[str, str], tree: Tree) -> Wanted:
    """Return what an address bar (or the fields of an export) asks for; nonsense asks for nothing."""
    since, until = _day(asked.get("since")), _day(asked.get("until"))
    codes = asked.getlist("community") + asked.getlist("grid")
    places = [tree.by_code[code] for code in codes if code in tree.by_code]
    return Wanted(
        words=asked.get("q", "").strip()[:60],
        states=[one for one in asked.getlist("state") if one in set(Shown)],
        todo=Todo(asked["todo"]) if asked.get("todo") in set(Todo) else None,
        methods=[one for one in asked.getlist("method") if one in set(Method)],
        communities=[place.id for place in places if place in tree.communities],
        grids=[place.id for place in places if place in tree.grids],
        since=_midnight(since),
        until=_midnight(until + timedelta(days=1)) if until else None,
    )


def _day(text: str | None) -> date | None:
    try:
        return clean_day(text) if text else None
    except ValueError:
        return None


def _midnight(on: date | None) -> datetime | None:
    return datetime(on.year, on.month, on.day, tzinfo=SHANGHAI) if on else None


def conditions(tree: Tree, asked: MultiDict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """Return what is on: (words, what to change in the address to take it off)."""
    found: list[tuple[str, dict[str, Any]]] = []
    words = {
        "state": ("状态", {one.value: one.label for one in Shown}),
        "method": ("方式", {one.value: one.label for one in Method}),
        "community": ("社区", {one.code: one.name for one in tree.communities}),
        "grid": ("网格", {one.code: f"{tree.community_of(one.id).name}{one.name}" for one in tree.grids}),
    }
    for key, (label, names) in words.items():
        chosen = [names[one] for one in asked.getlist(key) if one in names]
        if chosen:
            found.append((f"{label}：{'、'.join(chosen)}", {key: None}))
    if asked.get("todo") in set(Todo):
        found.append((Todo(asked["todo"]).label, {"todo": None}))
    since, until = _day(asked.get("since")), _day(asked.get("until"))
    if since or until:
        found.append((f"签订日期：{day(since) or '最早'}至{day(until) or '今天'}", {"since": None, "until": None}))
    if asked.get("q", "").strip():
        found.append((searched(asked["q"].strip())[:40], {"q": None}))
    return found


#: Columns of the export, in order: key and heading.
COLUMNS = [
    ColumnSpec(key, heading)
    for key, heading in (
        ("number", "责任书编号"), ("shown", "状态"), ("shop_number", "店铺编号"), ("shop", "店招名称"),
        ("address", "地址"), ("community", "社区"), ("grid", "网格"), ("who", "签名人"), ("signer", "谁签"),
        ("method", "签署方式"), ("signed_at", "签订时间"), ("starts_on", "期限起"), ("last_on", "期限止"),
        ("version", "文本版本"), ("code", "查验码"),
    )
]  # fmt: skip


def sheet_row(pledge: Pledge, *, today: date) -> Mapping[str, Any]:
    """Return one row of the export; persons stay masked."""
    shop = pledge.shop
    return {
        "number": pledge.number,
        "shown": shown_of(pledge, today=today).label,
        "shop_number": shop.number,
        "shop": shop.sign_name,
        "address": shop.address,
        "community": shop.community.name,
        "grid": shop.grid.name,
        "who": masked_name(persons_of(pledge).get("signer")),
        "signer": pledge.signer.label,
        "method": pledge.method.label,
        "signed_at": pledge.signed_at,
        "starts_on": pledge.starts_on,
        "last_on": pledge.until_on - timedelta(days=1),
        "version": pledge.terms["version"],
        "code": pledge.paper.check_code,
    }
