"""The web: rooms and their doors, pages and fragments, security headers, navigation. It knows no room.

`create_app` hands it what it needs from above: who may be standing at the door, and who writes refused rights down.
"""

from portal.web.door import SIGNED_IN, Room, address, may_go, me, now, turn_to_writing
from portal.web.pages import done, one_or_404, page

__all__ = ["SIGNED_IN", "Room", "address", "done", "may_go", "me", "now", "one_or_404", "page", "turn_to_writing"]
