"""提醒: what is owed to whom, once each; the inbox, and mail as a second channel. Stands on worktime, settings and
accounts.
"""
