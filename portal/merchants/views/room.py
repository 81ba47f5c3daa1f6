"""The room's blueprint, and what several of its doors share."""

from flask import current_app

from portal.ground.can import Can
from portal.ground.files import FileStore
from portal.merchants import queries
from portal.merchants.models import Shop
from portal.web import Room, me, one_or_404

room = Room("merchants", __name__, url="/merchants")


def shop_or_404(number: int, *keys: Can) -> Shop:
    """Return the shop if it is within reach of the actor's key, of any one of several, else 404."""
    return one_or_404(queries.visible_to(me(), *keys).where(Shop.id == number))


def store() -> FileStore:
    """Return the file store."""
    files: FileStore = current_app.extensions["files"]
    return files
