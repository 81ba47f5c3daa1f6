"""What the room gives to shared rooms: its line in the rail."""

from portal.ground.declare import NavEntry, Offers

OFFERS = Offers(nav=[NavEntry("综合", "自助机", "kiosk.index", icon="device-tablet", order=820)])
