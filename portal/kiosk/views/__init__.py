"""Doors of the kiosk: those of the machine under /kiosk, those of its keepers under /kiosks."""

from portal.kiosk.views import machine, staff
from portal.kiosk.views.door import present, refusal, room

__all__ = ["machine", "present", "refusal", "room", "staff"]
