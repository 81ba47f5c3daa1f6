"""`script/bench`: measure everything in one run on one machine, as ratios to a bare Flask page; keep it in `bench/`.

Method: gunicorn with 2 sync workers, wrk with 8 connections for some seconds after a warm-up; "hello" is measured
before and after, and the mean of both is the measure. Signatures: 32 clients that each press once a kiosk.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bench import light, load, paper, reminders, signing
from bench.data import grow
from portal import create_app
from portal.accounts.demo import PASSWORD
from portal.ground.db import db, writing
from tests.postgres import running

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
SECONDS = int(os.environ.get("BENCH_SECONDS", "8"))
SIZES = (1_000, 10_000, 100_000)
PAGES = {
    "shop list, 50 rows": "/merchants/",
    "live search (pinyin initials)": "/merchants/?q=jxlzc",
    "live search (one character)": "/merchants/?q=%E8%8A%B1",
    "shop page": "/merchants/{shop}",
    "check page": "/check/{code}",
    "one search": "/search?q=jxlzc",
    "kiosk start": "/kiosk",
}
#: What a search asks for as one types: the part of its page that changes.
FRAGMENTS = {"/merchants/": "shop-table", "/search": "found"}
#: Logins whose desks are measured, one for each role, in the office of 100,000 shops.
DESKS = (
    "admin", "security", "auditor", "leader", "office", "command", "section", "enforcement", "secretary", "staff",
    "grid", "market", "team", "volunteer", "supervisor",
)  # fmt: skip
#: Pages that anybody opens, without a session.
PUBLIC = ("/check", "/kiosk")
TARGETS: dict[str, dict[str, float]] = {
    "sqlite": {
        "shop list, 50 rows": 5,
        "live search (pinyin initials)": 4,
        "shop page": 8,
        "check page": 10,
        "one search": 4,
    },
    "postgresql": {"shop list, 50 rows": 3.5, "live search (pinyin initials)": 4, "one search": 4},
}


@contextmanager
def gunicorn(target: str, port: int, environment: dict[str, str]) -> Iterator[None]:
    """Serve `target` with 2 sync workers."""
    command: list[str | Path] = [
        BIN / "gunicorn",
        target,
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "2",
        "--log-level",
        "error",
    ]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}) as process:
        try:
            _wait(port)
            yield
        finally:
            process.terminate()


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")


def log_in(port: int, login: str = "office") -> str:
    """Log in as a browser does; return the session cookie."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/login")
    answer = connection.getresponse()
    page, cookie = answer.read().decode(), answer.getheader("Set-Cookie", "").split(";")[0]
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    body = f"csrf_token={token}&login={login}&password={PASSWORD}"
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/login", body, headers)
    answer = connection.getresponse()
    if answer.status != 303:
        raise RuntimeError(f"login answered {answer.status}")
    return next(h.split(";")[0] for n, h in answer.getheaders() if n == "Set-Cookie" and h.startswith("portal="))


def settled(port: int, path: str, cookie: str) -> str:
    """Open a page once and return the cookie that the browser holds afterwards."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    fresh = [h.split(";")[0] for n, h in answer.getheaders() if n == "Set-Cookie" and h.startswith("portal=")]
    return fresh[0] if fresh else cookie


def cookie(port: int, path: str) -> str:
    """Log in and open a page; the cookie that the browser holds then."""
    return settled(port, path, log_in(port))


def flask(environment: dict[str, str], *words: str) -> None:
    subprocess.run(
        [BIN / "flask", *words], cwd=ROOT, env={**os.environ, "FLASK_APP": "wsgi", **environment}, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def build(environment: dict[str, str], shops: int) -> dict[str, Any]:
    """Make an office with `shops` shops; return what the addresses need."""
    for words in (("secrets", "make"), ("db", "upgrade"), ("papers", "authority"), ("demo", "build")):
        flask(environment, *words)
    os.environ.update(environment)
    app = create_app()
    with app.app_context():
        writing.set(True)
        grow(shops)
        row = db.session.execute(
            db.text(
                "SELECT t.shop_id, p.check_code FROM pledges_pledges g JOIN papers_papers p ON p.id = g.paper_id "
                "JOIN merchants_tenures t ON t.id = g.tenure_id WHERE g.state = 'live' ORDER BY g.id LIMIT 1"
            )
        ).one()
        engine = db.engine.dialect.name
        db.session.remove()
        for one in db.engines.values():
            one.dispose()
    return {"shop": row[0], "code": row[1], "engine": engine}


def hello(port: int = 8600) -> load.Figures:
    with gunicorn("bench.hello:app", port, {}):
        load.pages(f"http://127.0.0.1:{port}/", seconds=2)
        return load.pages(f"http://127.0.0.1:{port}/", seconds=SECONDS)


def walk(environment: dict[str, str], office: dict[str, Any], port: int = 8601) -> dict[str, load.Figures]:
    """Measure every page of one office."""
    figures = {}
    with gunicorn("wsgi:app", port, environment):
        for name, path in PAGES.items():
            url = f"http://127.0.0.1:{port}{path.format(**office)}"
            cookie = "" if path.startswith(PUBLIC) else settled(port, path.format(**office), log_in(port))
            target = FRAGMENTS.get(path.partition("?")[0], "") if "search" in name else ""
            load.pages(url, cookie=cookie, seconds=2, target=target)
            figures[name] = load.pages(url, cookie=cookie, seconds=SECONDS, target=target)
            print(f"    {name}: {figures[name].per_second:.1f}/s, p99 {figures[name].p99_ms:.0f} ms", flush=True)
    return figures


def desks(environment: dict[str, str], port: int = 8604) -> dict[str, load.Figures]:
    """Measure the desk of each role."""
    figures = {}
    with gunicorn("wsgi:app", port, environment):
        for login in DESKS:
            cookie = settled(port, "/desk/", log_in(port, login))
            url = f"http://127.0.0.1:{port}/desk/"
            load.pages(url, cookie=cookie, seconds=1)
            figures[login] = load.pages(url, cookie=cookie, seconds=max(2, SECONDS // 2))
            print(f"    desk of {login}: {figures[login].per_second:.1f}/s", flush=True)
    return figures


def sign(environment: dict[str, str], *, count: int = 960, port: int = 8602) -> load.Figures:
    """Measure signing's own transaction through gunicorn."""
    os.environ.update(environment)
    app = create_app()
    with app.app_context():
        writing.set(True)
        cookies = signing.ready(count, now=app.extensions["clock"].now())
        db.session.remove()
        for one in db.engines.values():
            one.dispose()
    with gunicorn("wsgi:app", port, environment):
        glasses = [signing.fetch(port, cookie) for cookie in cookies]
        signing.press(port, glasses[:32])
        return signing.press(port, glasses[32:])


def measure(folder: Path) -> dict[str, Any]:
    """Run everything; return the results as plain data."""
    results: dict[str, Any] = {
        "on": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
    }
    first = hello()
    results["offices"], results["reminders"] = [], []
    with ExitStack() as stack:
        cluster = stack.enter_context(running(durable=True))
        for size in SIZES:
            urls = (
                {"sqlite": "", "postgresql": cluster.url(cluster.create("bench"))} if size == 10_000 else {"sqlite": ""}
            )
            for engine, url in urls.items():
                print(f"  {engine}, {size:,} shops", flush=True)
                environment = {"PORTAL_INSTANCE": str(folder / f"{engine}-{size}"), "DATABASE_URL": url}
                office = build(environment, size)
                pages = walk(environment, office)
                entry: dict[str, Any] = {
                    "engine": engine,
                    "shops": size,
                    "pages": {k: asdict(v) for k, v in pages.items()},
                }
                if size == 10_000:
                    entry["signing"] = asdict(sign(environment))
                    print(f"    signing: {entry['signing']}", flush=True)
                if size == 100_000:
                    entry["desks"] = {login: asdict(figures) for login, figures in desks(environment).items()}
                if size == 1_000:
                    results["light"] = light.measure(environment, log_in, "/pledges/templates/1/preview")
                    results["reminders"].append(reminders.measure(environment, gunicorn, cookie))
                if engine == "postgresql":
                    results["reminders"].append(reminders.measure(environment, gunicorn, cookie))
                results["offices"].append(entry)
    results["paper"] = paper.measure(folder)
    last = hello()
    results["hello"] = {"before": asdict(first), "after": asdict(last)}
    results["measure"] = (first.per_second + last.per_second) / 2
    return results


def report(results: dict[str, Any], on: date) -> str:
    """Return the results as Markdown."""
    base = results["measure"]
    lines = [
        "# Figures", "",
        f"Measured on {on.isoformat()} ({results['on']}, Python {results['python']}), by `script/bench`, in one run.",
        f"Measure: a bare Flask page under the same gunicorn (2 sync workers, 8 clients) gave {base:.0f}/s.",
        "", "| office | page | of hello | answers/s | p99 | target |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for office in results["offices"]:
        for name, figures in office["pages"].items():
            share = 100 * figures["per_second"] / base
            target = TARGETS.get(office["engine"], {}).get(name) if office["shops"] == 10_000 else None
            lines.append(
                f"| {office['engine']}, {office['shops']:,} shops | {name} | {share:.1f} % | "
                f"{figures['per_second']:.1f} | {figures['p99_ms']:.0f} ms | {f'{target} %' if target else ''} |"
            )
    for office in results["offices"]:
        if "signing" in office:
            s = office["signing"]
            lines += ["", f"Signing on {office['engine']}: {s['per_second']:.0f} a second from 32 clients, median "
                      f"{s['p50_ms']:.0f} ms, p99 {s['p99_ms']:.0f} ms, {s['wrong']} wrong answers."]  # fmt: skip
    for office in results["offices"]:
        if "desks" in office:
            shares = {login: 100 * one["per_second"] / base for login, one in office["desks"].items()}
            least = min(shares, key=lambda login: shares[login])
            said = ", ".join(f"{login} {share:.1f} %" for login, share in shares.items())
            head = f"The desk of each role with {office['shops']:,} shops: at least {shares[least]:.1f} % of hello"
            lines += ["", f"{head} ({least}; asked 3 %). {said}."]
    lines += ["", *reminders.lines(results.get("reminders", ()))[:-1]]
    lines += ["", *paper.lines(results["paper"]), "", *light.lines(results["light"]), ""]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and keep the results."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        results = measure(Path(folder))
    (ROOT / "bench" / "results.json").write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")
    text = report(results, date.today())
    (ROOT / "bench" / "RESULTS.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
