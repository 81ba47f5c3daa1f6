"""How light the portal is: seconds until an installed checkout answers, and private memory of its processes in MB."""

import os
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def private(pid: int) -> float:
    """Private memory of a process in MB: what would be free if it ended."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean", "Private_Dirty"))) / 1024


def children(pid: int) -> list[int]:
    """The processes that a process has begun."""
    return [int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]


def answers(port: int, path: str = "/healthz", cookie: str = "") -> int:
    """Ask once; the status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def measure(environment: dict[str, str], log_in: Any, paper: str, port: int = 8603) -> dict[str, float]:
    """Start as script/server does; return seconds, and the memory of a worker before and after its first paper, and of
    the clockwork after a minute."""
    command = [
        Path(sys.executable).parent / "gunicorn", "wsgi:app", "--config", "script/serving.py", "--workers", "1",
        "--bind", f"127.0.0.1:{port}",
    ]  # fmt: skip
    began = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL) as process:
        try:
            while True:
                try:
                    answers(port)
                    break
                except OSError:
                    time.sleep(0.05)
            ready = time.monotonic() - began
            cookie = log_in(port)
            for path in ("/merchants/", "/pledges/", "/desk/", "/kiosk", "/merchants/?q=jxlzc"):
                answers(port, path, cookie)
            time.sleep(45)
            worker = next(pid for pid in children(process.pid) if "clockwork" not in _command(pid))
            before = private(worker)
            answers(port, paper, cookie)
            clockwork = next(pid for pid in children(process.pid) if "clockwork" in _command(pid))
            return {"ready_s": ready, "before": before, "after": private(worker), "clockwork": private(clockwork)}
        finally:
            process.terminate()


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def lines(result: dict[str, float]) -> list[str]:
    """Return the figures as sentences."""
    return [
        f"An installed checkout answers after {result['ready_s']:.1f} s (at most 5). Private memory: a web worker "
        f"{result['before']:.0f} MB before its first paper (at most 140) and {result['after']:.0f} MB after it "
        f"(at most 230), the clockwork {result['clockwork']:.0f} MB (at most 140)."
    ]
