"""Doors of the kiosk: those of the machine under /kiosk, those of its keepers under /kiosks."""

from portal.kiosk.views import calls, machine, staff
from portal.kiosk.views.door import present, refusal, room

__all__ = ["calls", "machine", "present", "refusal", "room", "staff"]
