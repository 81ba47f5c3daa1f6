"""What the room gives to shared rooms: its line in the rail, and the demonstration's machines."""

from portal.ground.declare import Demo, NavEntry, Offers
from portal.kiosk import demo

OFFERS = Offers(
    nav=[NavEntry("综合", "自助机", "kiosk.index", icon="device-tablet", order=820)],
    demos=[Demo(30, "自助机：3 台，等登记", demo.build)],
)
