"""Something that people can hold, for tests: uploaded sheets of shops, given from one to another."""

from datetime import datetime

from flask import Flask
from sqlalchemy import func, select, update

from portal.accounts.terms import roles_with
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.declare import Holding, Offers
from portal.merchants.models import WaitingSheet
from portal.merchants.services import keep_sheet


def count(person_id: int, now: datetime) -> int:
    held = select(func.count()).select_from(WaitingSheet).where(WaitingSheet.person_id == person_id)
    return db.session.scalar(held) or 0


def hand_over(*, giver: int, taker: int, by: Actor, now: datetime) -> int:
    given = update(WaitingSheet).where(WaitingSheet.person_id == giver).values(person_id=taker)
    return int(db.session.execute(given).rowcount)  # type: ignore[attr-defined]


def keep_half(*, giver: int, taker: int, by: Actor, now: datetime) -> int:
    """A service that leaves something behind."""
    return 0


def importing(_person_id: int, _now: datetime) -> frozenset[str]:
    return roles_with(Can.MERCHANTS_IMPORT)


SHEETS = Holding("test.sheets", "没导完的底册", "张", count, hand_over, 10, importing)
STUBBORN = Holding("test.sheets", "没导完的底册", "张", count, keep_half, 10, importing)


def offered(site: Flask, holding: Holding = SHEETS) -> None:
    """Let the house have one thing that people hold, and nothing else."""
    whole: Offers = site.extensions["offers"]
    kept = {name: value for name, value in vars(whole).items() if name != "holdings"}
    site.extensions["offers"] = Offers(**kept, holdings=[holding])


def give(actor: Actor, now: datetime) -> None:
    """Let somebody hold one."""
    keep_sheet(b"a,b\r\n1,2", "底册.csv", by=actor, now=now)
