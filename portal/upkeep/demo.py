"""Upkeep's part of the demonstration office: one real copy of it, and one real drill with that copy."""

from typing import Any

from portal.upkeep import services


def build(ctx: Any) -> None:
    """Make a copy of what has been built so far, and try it. The drill is true, as everything on 系统状态 is."""
    services.back_up(now=ctx.now)
    services.drill_newest(by=ctx.by, now=ctx.now)
