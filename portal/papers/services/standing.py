"""状态: changes of a paper's standing, each a dated row."""

from datetime import datetime

from sqlalchemy import select, update

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.papers import rules
from portal.papers.models import Paper, PaperStanding
from portal.papers.terms import Standing


def set_standing(paper_id: int, standing: Standing, *, by: Actor, now: datetime, reason: str = "") -> bool:
    """Change a paper's standing and keep the change as a dated row.

    False when it stands so already; Refused when it cannot become so.
    """
    before = db.session.scalar(select(Paper.standing).where(Paper.id == paper_id).with_for_update())
    if before is standing:
        return False
    if before is None or not rules.may_move(before, standing):
        raise Refused(f"这份文书{before.label if before else '不存在'}，不能改为{standing.label}。")
    changed = db.session.execute(
        update(Paper)
        .where(Paper.id == paper_id, Paper.standing == before)
        .values(standing=standing, version=Paper.version + 1)
        .execution_options(synchronize_session="fetch")
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("他人已先修改，请刷新")
    db.session.add(
        PaperStanding(
            paper_id=paper_id, before=before, after=standing, changed_at=now, changed_by=by.name,
            reason=(reason or standing.label)[:200],
        )
    )  # fmt: skip
    record("papers.stand", f"paper:{paper_id}", by=by, now=now, before=before.value, after=standing.value)
    return True


def end_subject(subject: str, standing: Standing, reason: str, *, by: Actor, now: datetime) -> int:
    """End every paper of a subject that is still open (house.md section 3); returns how many. Harmless twice."""
    open_ones = select(Paper.id).where(Paper.subject == subject, Paper.standing.in_(rules.OPEN)).order_by(Paper.id)
    ids = db.session.scalars(open_ones).all()
    return sum(set_standing(paper_id, standing, by=by, now=now, reason=reason) for paper_id in ids)
