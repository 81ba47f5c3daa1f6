"""What the shop file gives to the house: its line on the rail, and its part of the demonstration office."""

from portal.ground.declare import NavEntry, Offers

OFFERS = Offers(nav=[NavEntry("门前三包", "商户", "merchants.index", "building-store", 10)])
