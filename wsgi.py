"""What gunicorn and `flask` load: the portal as the environment configures it."""

import gc

from portal import create_app

app = create_app()
application = app

# What is loaded now stays for good: the collector need not walk it again and again (DECISIONS.md, 15).
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
