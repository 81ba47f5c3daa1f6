"""The room's blueprint, and what several of its doors share."""

from portal.ground.can import Can
from portal.places import queries
from portal.places.models import Street
from portal.web import Room, me, one_or_404

room = Room("places", __name__, url="/places")


def street_or_404(number: int, key: Can = Can.PLACES_READ) -> Street:
    """Return the street if it is within reach of the actor's key, else 404."""
    return one_or_404(queries.visible_to(me(), key).where(Street.id == number))
