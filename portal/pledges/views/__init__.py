"""Doors of pledges: `staff` (list, file, voiding), `codes`, `paper`, `texts` for the office; `kiosk` is the machine."""

from portal.pledges.views import codes, kiosk, paper, staff, texts
from portal.pledges.views.hanging import room

__all__ = ["codes", "kiosk", "paper", "room", "staff", "texts"]
