"""The list's address bar: what it asks for, the chips that say so, and the sheet that it exports to."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from portal.ground.clock import SHANGHAI
from portal.ground.fields.masks import masked_name
from portal.merchants.queries import Tree
from portal.pledges.models import Pledge
from portal.pledges.queries import Wanted
from portal.pledges.services import persons_of, shown_of
from portal.pledges.terms import Method, Shown
from portal.web.filters import day


def wanted(asked: MultiDict[str, str], tree: Tree) -> Wanted:
    """Return what an address bar (or the fields of an export) asks for; nonsense asks for nothing."""
    since, until = _day(asked.get("since")), _day(asked.get("until"))
    codes = asked.getlist("community") + asked.getlist("grid")
    places = [tree.by_code[code] for code in codes if code in tree.by_code]
    return Wanted(
        words=asked.get("q", "").strip()[:60],
        states=[one for one in asked.getlist("state") if one in set(Shown)],
        methods=[one for one in asked.getlist("method") if one in set(Method)],
        communities=[place.id for place in places if place in tree.communities],
        grids=[place.id for place in places if place in tree.grids],
        since=_midnight(since),
        until=_midnight(until + timedelta(days=1)) if until else None,
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _midnight(on: date | None) -> datetime | None:
    return datetime(on.year, on.month, on.day, tzinfo=SHANGHAI) if on else None


def conditions(tree: Tree) -> list[tuple[str, dict[str, Any]]]:
    """Return what is on: (words, what to change in the address to take it off)."""
    asked, found = request.args, []
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
    since, until = _day(asked.get("since")), _day(asked.get("until"))
    if since or until:
        found.append(
            (f"签订日期：{day(since) or '最早'}至{day(until) or '今天'}", {"since": None, "until": None})
        )
    if asked.get("q", "").strip():
        found.append((f"找“{asked['q'].strip()[:20]}”", {"q": None}))
    return found


HEADINGS = (
    "责任书编号", "状态", "店铺编号", "店招名称", "地址", "社区", "网格", "签名人", "谁签", "签署方式", "签订时间",
    "期限起", "期限止", "文本版本", "查验码",
)  # fmt: skip


def sheet_row(pledge: Pledge, *, today: date) -> Sequence[Any]:
    """Return one row of the export; persons stay masked."""
    shop, last = pledge.shop, pledge.until_on - timedelta(days=1)
    return (
        pledge.number, shown_of(pledge, today=today).label, shop.number, shop.sign_name, shop.address,
        shop.community.name, shop.grid.name, masked_name(persons_of(pledge).get("signer")), pledge.signer.label,
        pledge.method.label, pledge.signed_at.replace(tzinfo=None), pledge.starts_on, last, pledge.terms["version"],
        pledge.paper.code,
    )  # fmt: skip
