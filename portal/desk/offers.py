"""What the desk gives to the house: the first line of the rail."""

from portal.ground.declare import NavEntry, Offers

OFFERS = Offers(nav=[NavEntry("", "工作台", "desk.index", "layout-dashboard", 0)])
