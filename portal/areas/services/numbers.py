"""Codes that the office numbers itself (MY-07, K04): none is proposed again for another area."""

from collections.abc import Mapping

from sqlalchemy import select

from portal.areas import rules
from portal.areas.models import Area, OldSequence
from portal.ground.db import db


def numbers_used() -> dict[str, int]:
    """The highest number of each community's grids, and of the sections: {"MY-": 6, "K": 3}."""
    return rules.numbered([*db.session.scalars(select(Area.code)), *passed_over()])


def pass_over(used: Mapping[str, int]) -> int:
    """Go on behind the numbers that `numbers_used` found given out, in the office that stood before an older copy of it
    was brought back. Returns how many are passed over."""
    here, passed = numbers_used(), 0
    for head, last in used.items():
        if (behind := last - here.get(head, 0)) > 0:
            db.session.merge(OldSequence(head=head, last=last))
            passed += behind
    db.session.flush()
    return passed


def passed_over() -> list[str]:
    """The last code of each kind that was given out before a restore."""
    found = db.session.execute(select(OldSequence.head, OldSequence.last))
    return [f"{head}{last:02d}" for head, last in found]
