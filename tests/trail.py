"""The trail as tests look at it: the lines of a deed, and that the chain holds."""

import json
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.audit.models import TrailLine
from portal.audit.services import verify
from portal.ground.db import db, writing


def lines(action: str = "") -> list[TrailLine]:
    """The committed lines of a deed (all without one), the oldest first; in a pushed context."""
    found = select(TrailLine).order_by(TrailLine.seq)
    return list(db.session.scalars(found.where(TrailLine.action == action) if action else found))


def details(line: TrailLine) -> dict[str, Any]:
    """What a line says beside its columns."""
    found: dict[str, Any] = json.loads(line.details)
    return found


def told(site: Flask, action: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    """What a site without a pushed context has written about a deed: (who, subject, result, details).

    `assert told(site, "merchants.reveal")[-1] == ("周敏（演示）", "shop:1", "ok", {…})`; the chain is checked too.
    """
    with site.app_context():
        writing.set(False)
        found = [(one.actor_name, one.subject, one.result.value, details(one)) for one in lines(action)]
        assert verify().whole
        db.session.rollback()
    return found
