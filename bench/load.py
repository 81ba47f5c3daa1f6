"""Load on one address: wrk for pages, our own clients for signatures. Everything stays on the loopback."""

import json
import re
import subprocess
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figures:
    """What a run of load gave: answers a second, the 50th and 99th percentile (ms), and answers that were no 2xx."""

    per_second: float
    p50_ms: float
    p99_ms: float
    wrong: int

    def shown(self) -> str:
        """Canonical JSON for the results file."""
        return json.dumps(asdict(self))


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m|h)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


def pages(url: str, *, cookie: str = "", clients: int = 8, seconds: int = 8, target: str = "") -> Figures:
    """Ask for `url` with `clients` at once for `seconds`; `target` asks for a fragment as htmx does."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "--timeout", "10s", url]
    if cookie:
        command[1:1] = ["-H", f"Cookie: {cookie}"]
    if target:
        command[1:1] = ["-H", "HX-Request: true", "-H", f"HX-Target: {target}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Figures(
        float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),  # type: ignore[index]
        _milliseconds(re.search(r"\n\s+50%\s+(\S+)", said)[1]),  # type: ignore[index]
        _milliseconds(re.search(r"\n\s+99%\s+(\S+)", said)[1]),  # type: ignore[index]
        int(wrong[1]) if wrong else 0,
    )
