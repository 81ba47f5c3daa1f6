"""What areas give: the root of the tree."""

from datetime import datetime

from flask import current_app

from portal.areas import demo, services
from portal.ground.declare import Demo, Offers, Seed


def sow(now: datetime) -> None:
    """Plant the street office."""
    services.plant(name=current_app.config["OFFICE"]["street"], now=now)


OFFERS = Offers(seeds=[Seed(10, sow)], demos=[Demo(10, "社区和网格", demo.build)])
