"""Reading texts: versions, which is in force, how many were signed on each."""

from datetime import date

from sqlalchemy import (
    Select,
    func,
    select,
)

from portal.ground.db import db
from portal.pledges.models import Pledge, Template


def templates() -> Select[Template]:
    """Every version of the text, the newest first."""
    return select(Template).order_by(Template.version.desc())


def template(version: int) -> Select[Template]:
    """The version with this number."""
    return select(Template).where(Template.version == version)


def template_in_force(on: date) -> Template | None:
    """Return the version that is signed on a day: the one that came into force last."""
    return db.session.scalars(
        select(Template)
        .where(Template.effective_from <= on)
        .order_by(Template.effective_from.desc(), Template.version.desc())
        .limit(1)
    ).first()


def next_version() -> int:
    """Return the number that the next version of the text gets."""
    return (db.session.scalar(select(func.max(Template.version))) or 0) + 1


def signed_on() -> dict[int, int]:
    """Return how many pledges were signed on each version: template id → count."""
    found = db.session.execute(select(Pledge.template_id, func.count()).group_by(Pledge.template_id))
    return dict(found.all())
