"""What the clock does for papers: the files that a crash left unmade."""

import logging
from datetime import datetime

from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.papers import services

log = logging.getLogger(__name__)


def sweep(*, now: datetime) -> int:
    """Make the files of papers that have none; harmless to repeat. Rendering holds no transaction (house.md 4).

    `Refused`, with the first reason, when any could not be made.
    """
    made, refusals = 0, []
    for paper_id in services.unmade_ids():
        try:
            facts = services.unmade_facts(paper_id)
            db.session.rollback()
            made += services.keep(facts, services.make(facts), by=SYSTEM, now=now)
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            refusals.append(refused.sentence)
            log.warning("paper %s: %s", paper_id, refused.sentence)
    if refusals:
        raise Refused(f"{made} 份制好，{len(refusals)} 份没有制成：{refusals[0]}")
    return made
