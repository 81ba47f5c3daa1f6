"""The one table of scheduled duties, for all rooms on one screen; `flask clockwork` drives it (house.md section 4)."""

from portal.ground.declare import Duty

DUTIES: tuple[Duty, ...] = ()
