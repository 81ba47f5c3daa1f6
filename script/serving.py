"""gunicorn's settings, for script/server and portal.service: the master prepares the office before any worker starts.

In the master, so that the portal's modules are loaded once: workers are forked from it, and each makes its own
application. `PORTAL_PREPARE` says whether there is a demonstration office, `PORTAL_ANNOUNCE` what to print when ready.
"""

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from portal.ground import running
from portal.ground.config import instance_folder
from script.prepare import prepare

#: What most workers need sooner or later: loaded here, it lies in memory once, and the workers forked from us share it.
SHARED = ("pypinyin", "portal.papers.engine.render", "portal.papers.engine.seal", "openpyxl")
worker_class = "sync"  # threads starve each other on SQLite's write lock
timeout = 120
graceful_timeout = 30
limit_request_line = 8190  # gunicorn's most: from 4000 on the portal answers with a page of its own
max_requests = 20_000
max_requests_jitter = 2_000
loglevel = "warning"


def on_starting(_server: Any) -> None:
    """Prepare, in the master, before any socket is open."""
    # Held by this process and by every worker forked from it: nobody brings a copy back under a running office.
    try:
        running.hold(instance_folder())
    except RuntimeError as restoring:
        raise SystemExit(f"stopped: {restoring}") from None
    prepare(demo=os.environ.get("PORTAL_PREPARE") == "demo")
    for name in SHARED:
        importlib.import_module(name)
    sys.stdout.flush()


def when_ready(_server: Any) -> None:
    """Say where the portal is; begin the clockwork beside it, whose first look makes what a crash left unmade."""
    print(os.environ.get("PORTAL_ANNOUNCE", ""), flush=True)
    if os.environ.get("PORTAL_CLOCKWORK", "beside") == "beside":
        threading.Thread(target=_keep_clockwork, daemon=True).start()


def on_exit(_server: Any) -> None:
    """Stop the clockwork with the web."""
    _ended.set()
    if (process := _clockwork[0]) is not None and process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


_ended = threading.Event()
_clockwork: list[subprocess.Popen[bytes] | None] = [None]
#: No worker is forked while the clockwork is being begun: it would hold the pipe by which `Popen` learns that its child
#: stands, and the thread below would wait for that worker's end instead of minding the clockwork.
_beginning = threading.Lock()
os.register_at_fork(before=_beginning.acquire, after_in_parent=_beginning.release, after_in_child=_beginning.release)


def begin(command: list[str]) -> subprocess.Popen[bytes]:
    """Begin a process that ends by itself when this one is gone."""
    with _beginning:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, env={**os.environ, "PORTAL_CHILD": "1"})


def _keep_clockwork() -> None:
    """Run `flask clockwork`, and begin it again when it dies; it ends by itself when this process is gone."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "clockwork"]
    while not _ended.is_set():
        began = time.monotonic()
        process = _clockwork[0] = begin(command)
        process.wait()
        if not _ended.wait(1 if time.monotonic() - began > 60 else 10):
            print("clockwork ended; it is begun again", file=sys.stderr, flush=True)
