"""gunicorn's settings, for script/server and portal.service: the master prepares the office before any worker starts.

In the master, so that the portal's modules are loaded once: workers are forked from it, and each makes its own
application. `PORTAL_PREPARE` says whether there is a demonstration office, `PORTAL_ANNOUNCE` what to print when ready.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from script.prepare import prepare

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
    """Say where the portal is, and make the papers that a crash left unmade: beside the work, not before it."""
    print(os.environ.get("PORTAL_ANNOUNCE", ""), flush=True)
    sweep = ["nice", sys.executable, "-m", "flask", "--app", "wsgi", "papers", "sweep"]
    subprocess.Popen(sweep, stdin=subprocess.DEVNULL)
