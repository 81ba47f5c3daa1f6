"""Doors of pledges: `staff` (list, file, voiding), `codes` and `texts` for the office, `kiosk` for the machine."""

from portal.pledges.views import codes, kiosk, staff, texts
from portal.pledges.views.hanging import room

__all__ = ["codes", "kiosk", "room", "staff", "texts"]
