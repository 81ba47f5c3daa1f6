"""Every key of the portal: what a door may need and a role may give."""

from enum import StrEnum


class Can(StrEnum):
    """One key a line; the Chinese sentence stands in `portal.accounts.terms.KEYS`."""

    PEOPLE_READ = "people.read"
    PEOPLE_KEEP = "people.keep"
    PEOPLE_GRANT = "people.grant"
    TRAIL_READ = "trail.read"
    TRAIL_EXPORT = "trail.export"
    AREAS_READ = "areas.read"
    AREAS_KEEP = "areas.keep"
    KIOSK_KEEP = "kiosk.keep"
    KIOSK_SIGN = "kiosk.sign"
    MERCHANTS_READ = "merchants.read"
    MERCHANTS_EDIT = "merchants.edit"
    MERCHANTS_IMPORT = "merchants.import"
    MERCHANTS_EXPORT = "merchants.export"
    MERCHANTS_REVEAL = "merchants.reveal"
    PLEDGES_READ = "pledges.read"
    PLEDGES_CONFIRM = "pledges.confirm"
    PLEDGES_TEMPLATE = "pledges.template"
    PAPERS_READ = "papers.read"
    PAPERS_ISSUE = "papers.issue"
