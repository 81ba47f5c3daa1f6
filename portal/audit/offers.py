"""What the trail gives: its line on the rail."""

from portal.ground.declare import NavEntry, Offers

OFFERS = Offers(nav=[NavEntry("综合", "留痕", "audit.index", "history", 90)])
