"""Writing the kiosk: devices are enrolled and retired, codes issued and claimed, journeys begun, moved and ended.

Secrets are returned once, by the service that makes them, and stand in the database as keyed digests alone.
"""

from portal.kiosk.services.calls import answer, call_staff, dismiss_attendant, hand_over, lapse, name_attendant
from portal.kiosk.services.codes import claim, issue_code
from portal.kiosk.services.devices import add_device, edit_device, enrol, issue_enrolment, retire, see
from portal.kiosk.services.journeys import end_journey, finish, move, purge, start_journey, touch
from portal.kiosk.services.tries import note_wrong, throttled, tries_left

__all__ = [
    "add_device",
    "answer",
    "call_staff",
    "claim",
    "dismiss_attendant",
    "edit_device",
    "end_journey",
    "enrol",
    "finish",
    "hand_over",
    "issue_code",
    "issue_enrolment",
    "lapse",
    "move",
    "name_attendant",
    "note_wrong",
    "purge",
    "retire",
    "see",
    "start_journey",
    "throttled",
    "touch",
    "tries_left",
]
