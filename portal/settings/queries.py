"""Reading settings: the value of a key on a day, the offered default where the office has set none."""

from datetime import date
from typing import Any

from sqlalchemy import select

from portal.ground.db import db
from portal.ground.declare import offers
from portal.settings.models import Setting


def value(key: str, *, on: date) -> Any:
    """Return the value of `key` that is good on the day `on`. KeyError when no room offers the key."""
    spec = next((spec for spec in offers().settings if spec.key == key), None)
    if spec is None:
        raise KeyError(key)
    stored = db.session.scalars(
        select(Setting)
        .where(Setting.key == key, Setting.from_on <= on)
        .order_by(Setting.from_on.desc(), Setting.version.desc())
        .limit(1)
    ).first()
    return spec.default if stored is None else stored.value
