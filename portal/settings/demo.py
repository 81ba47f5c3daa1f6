"""The demonstration's settings: a few that were changed, one that comes, one that was taken back."""

from datetime import datetime, timedelta
from typing import Any

from portal.ground.actor import Actor
from portal.settings import queries, services
from portal.settings.terms import REASONS

_OFFICE, _ADMIN = "何静（演示）", "程海（演示）"
#: Days before today, key, value, days until it holds, reason, who.
_CHANGES = (
    (190, "pledges.soon_days", 45, 0, REASONS["practice"], _OFFICE),
    (140, "accounts.failures", 3, 1, REASONS["superior"], _ADMIN),
    (86, "pledges.soon_days", 30, 1, REASONS["meeting"], _OFFICE),
    (75, "accounts.failures", 5, 0, "窗口常被误锁，恢复原来的次数", _ADMIN),
    (20, "pledges.term_months", 24, 60, REASONS["meeting"], _OFFICE),
    (3, "kiosk.done_seconds", 45, 9, "大厅排队，签完早些清屏", _ADMIN),
)


def build(ctx: Any) -> None:
    """Change settings on days of the past months."""
    for ago, key, value, ahead, reason, who in _CHANGES:
        at = _at(ctx, ago)
        seen = queries.book().newest.get(key, 0)
        from_on = at.date() + timedelta(days=ahead)
        services.put(key, value, from_on=from_on, reason=reason, seen=seen, by=_by(who), now=at)
    at = _at(ctx, 12)
    services.withdraw("pledges.term_months", 1, reason="等县里统一期限", seen=1, by=_by(_OFFICE), now=at)


def _at(ctx: Any, ago: int) -> datetime:
    day: datetime = ctx.now - timedelta(days=ago)
    return day.replace(hour=15, minute=ago % 60, second=0, microsecond=0)


def _by(name: str) -> Actor:
    return Actor("person", None, name)
