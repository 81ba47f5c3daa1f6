"""定时任务: runs of scheduled duties, the lease that lets one clockwork run them, and its heartbeat. Stands on
accounts and audit.
"""
