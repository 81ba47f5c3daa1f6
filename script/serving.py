"""gunicorn's settings for script/server: the master prepares the office before the first worker starts.

In the master, so that the portal's modules are loaded once: workers are forked from it, and each makes its own
application. `PORTAL_PREPARE` says whether there is a demonstration office, `PORTAL_ANNOUNCE` what to print when ready.
"""

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from script.prepare import prepare  # noqa: E402

worker_class = "sync"  # threads starve each other on SQLite's write lock
timeout = 120
graceful_timeout = 30
max_requests = 20_000
max_requests_jitter = 2_000
loglevel = "warning"


def on_starting(_server: Any) -> None:
    """Prepare, in the master, before any socket is open."""
    prepare(demo=os.environ.get("PORTAL_PREPARE") == "demo")
    sys.stdout.flush()


def when_ready(_server: Any) -> None:
    """Say where the portal is."""
    print(os.environ.get("PORTAL_ANNOUNCE", ""), flush=True)
