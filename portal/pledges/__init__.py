"""责任书: the 门前三包 pledge of a tenure: its text, the identity check before it, its signing, its endings.

Owns template versions, identity checks, pledges and their endings. Stands on merchants, kiosk, papers, accounts,
areas, settings and audit.
"""
