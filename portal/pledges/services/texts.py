"""责任书文本: a new version is added, an old one is never changed (rules 1, template versioning)."""

from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from portal.audit.services import record
from portal.ground.actor import SYSTEM, Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.pledges import queries, rules
from portal.pledges.models import Template
from portal.pledges.terms import CITY_WORDING, PLAN_WORDING, TITLE, Wording

#: The day from which the shipped plan's text is good: the first day of the campaign's first phase.
FIRST_DAY = date(2026, 1, 1)


def add_template(
    wording: Wording,
    *,
    name: str,
    effective_from: date,
    base: int,
    note: str,
    by: Actor,
    now: datetime,
) -> Template:
    """Add the next version of the text, in force from `effective_from` on; pledges signed before keep theirs.

    `base` is the newest version that the editor saw: if another came meanwhile, Refused. Refused for a text that
    lacks a duty or a clause, and for a day that is past.
    """
    fault = rules.wording_fault(wording)
    if fault:
        raise Refused(fault, field="duties")
    fault = rules.effective_fault(effective_from, today=now.date())
    if fault:
        raise Refused(fault, field="effective_from")
    version = queries.next_version()
    if version != base + 1:
        raise Refused("他人已先存了新版本，请返回文本列表看过再改。")
    added = Template(
        version=version, name=name, title=TITLE, effective_from=effective_from, wording=wording.as_json(), note=note,
        created_by=by.name, created_at=now,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(added)
    except IntegrityError:
        raise Refused("他人已先存了新版本，请返回文本列表看过再改。") from None
    record(
        "pledges.template", f"template:{version}", by=by, now=now, effective_from=effective_from.isoformat(),
        base=base,
    )  # fmt: skip
    return added


def sow_templates(now: datetime) -> None:
    """Plant the two shipped texts where there is none: the plan's in force, Chongqing's of 2019 in stock."""
    if queries.next_version() > 1:
        return
    for version, (name, wording, effective_from, note) in enumerate(
        (
            ("方案文本", PLAN_WORDING, FIRST_DAY, "整治方案三项责任：市容环境、秩序维护、绿化管护"),
            ("重庆2019文本", CITY_WORDING, None, "备用：包卫生、包秩序、包设施；要用时以它为底稿另存新版本"),
        ),
        1,
    ):
        db.session.add(
            Template(
                version=version, name=name, title=TITLE, effective_from=effective_from, wording=wording.as_json(),
                note=note, created_by=SYSTEM.name, created_at=now,
            )
        )  # fmt: skip
        record("pledges.template", f"template:{version}", by=SYSTEM, now=now)
    db.session.flush()
