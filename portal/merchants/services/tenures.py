"""Tenures: opened, ended, handed on. A change of operator ends one and opens the next (rules 1, I13)."""

from datetime import date, datetime

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.fields.masks import masked_name
from portal.merchants.models import Shop, ShopEvent, Tenure
from portal.merchants.queries import current_tenure
from portal.merchants.terms import HANDED_ON, STALE, EventKind, ShopState
from portal.papers.services import end_subject
from portal.papers.terms import Standing
from portal.reminders import services as reminders


def open_tenure(shop: Shop, operator: str, *, on: date, by: Actor) -> Tenure:
    """Open the shop's current tenure; the database allows one."""
    tenure = Tenure(shop_id=shop.id, operator_name=operator, from_on=on, opened_by=by.name)
    db.session.add(tenure)
    db.session.flush()
    return tenure


def end_tenure(tenure: Tenure, *, on: date, reason: str, by: Actor, now: datetime) -> None:
    """End a tenure; in the same transaction its papers become 已解除 and its reminders end (house.md section 3)."""
    tenure.until_on = max(on, tenure.from_on)
    tenure.end_reason, tenure.ended_by = reason[:200], by.name
    db.session.flush()
    end_subject(tenure.subject, Standing.ENDED, reason, by=by, now=now)
    reminders.settle(subject=tenure.subject, by=by, now=now)


def change_operator(
    shop: Shop, *, operator: str, responsible: str, phone: str | None, on: date, reason: str,
    version: int, by: Actor, now: datetime, noted: bool = True,
) -> Tenure:  # fmt: skip
    """Hand the shop to another operator from the day `on`: the tenure ends, the next one opens.

    The shop's responsible person and telephone become the new ones, so that nobody calls the old operator. An empty
    or closed front opens with its new operator.
    """
    if shop.version != version:
        raise Refused(STALE)
    if on > now.date():
        raise Refused("接手日期还没到，到了那天再登记", field="on")
    old = current_tenure(shop.id)
    if old is not None and on < old.from_on:
        raise Refused(f"接手日期早于现在这位经营者的开始日期（{old.from_on}）", field="on")
    if old is not None:
        end_tenure(old, on=on, reason=reason or HANDED_ON, by=by, now=now)
    shop.responsible_name, shop.phone = responsible or operator, phone
    if shop.state in (ShopState.VACANT, ShopState.TRANSFER):
        shop.state = ShopState.OPEN
    shop.updated_at, shop.updated_by = now, by.name
    tenure = open_tenure(shop, operator, on=on, by=by)
    title = f"{masked_name(operator)} 开始经营"
    if old is not None:
        title = f"经营者变更：{masked_name(old.operator_name)} 转给 {masked_name(operator)}"
    event = ShopEvent(shop_id=shop.id, at=now, kind=EventKind.OPERATOR, title=title, text=reason[:300], by=by.name)
    db.session.add(event)
    if noted:
        record(
            "merchants.operator", f"shop:{shop.id}", by=by, now=now,
            number=shop.number, ended=old.subject if old else None, opened=tenure.subject, on=on.isoformat(),
        )  # fmt: skip
    return tenure


def correct_operator(shop: Shop, *, name: str, version: int, by: Actor, now: datetime, noted: bool = True) -> None:
    """Put a misspelt operator's name right: the same person, so the tenure and what hangs on it go on."""
    if shop.version != version:
        raise Refused(STALE)
    tenure = current_tenure(shop.id)
    if tenure is None:
        raise Refused("这家店现在没有经营者，请登记新经营者")
    if tenure.operator_name == name:
        raise Refused("和现在登记的姓名一样，不用更正", field="operator_name")
    if shop.responsible_name == tenure.operator_name:
        shop.responsible_name = name
    tenure.operator_name = name
    shop.updated_at, shop.updated_by = now, by.name
    title = f"更正经营者姓名：{masked_name(name)}"
    db.session.add(ShopEvent(shop_id=shop.id, at=now, kind=EventKind.EDITED, title=title, by=by.name))
    if noted:
        record("merchants.correct", f"shop:{shop.id}", by=by, now=now, number=shop.number, tenure=tenure.subject)
    db.session.flush()
