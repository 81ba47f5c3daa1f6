"""What the clock does for papers: the files that a crash left unmade."""

import logging
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta

from flask import current_app

from portal.ground.actor import SYSTEM
from portal.ground.config import ROOT
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.papers import services

log = logging.getLogger(__name__)
#: A process that makes missing papers is ended after so long: one that hangs shall not hold up the other duties.
SWEEP_MOST = timedelta(minutes=30)


def sweep(*, now: datetime) -> int:
    """Have the missing files made, where there are any, by a process of their own: what renders papers would stay in
    the clockwork's memory for good. `Refused` when any could not be made.
    """
    missing = bool(services.unmade_ids())
    db.session.rollback()
    if not missing:
        return 0
    config = current_app.config
    environment = {
        **os.environ,
        "PORTAL_INSTANCE": str(config["INSTANCE"]),
        "DATABASE_URL": config["SQLALCHEMY_DATABASE_URI"],
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "papers", "sweep"]
    limit = SWEEP_MOST.total_seconds()
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        raise Refused("补制文书半小时没办完，先停下；制成的算数，没制成的下次接着制。") from None
    made = re.search(r"papers made: (\d+)", done.stdout)
    if done.returncode or made is None:
        raise Refused((done.stderr.strip().splitlines() or ["没有制成，请看服务器日志"])[-1].removeprefix("Error: "))
    return int(made[1])


def make_missing(*, now: datetime) -> int:
    """Make the files of papers that have none, here; harmless to repeat. Rendering holds no transaction (house.md 4).

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
