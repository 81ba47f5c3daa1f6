"""Security headers for every answer (house.md section 6: strict CSP; no inline script or style anywhere), and what no
request may hold: a row's number that no row can have, a NUL in an address or a field, an address without end."""

import contextlib

from flask import Flask, abort, current_app, g, request
from flask.wrappers import Response
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, Map

OLD_ENGINES = ("MSIE ", "Trident/")
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
#: The greatest number that a row can have on both engines.
ROW_MOST = 2**31 - 1


class RowNumber(IntegerConverter):
    """`<int:id>`: what no row can be called is no address, so 404 and no fault in the database."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=ROW_MOST)


#: Bodies up to here are read to their end before the answer "too large": a server that closes while a browser still
#: sends makes it show "connection reset" instead of the page. Beyond, nobody listens.
DRAINED = 25 * 1024 * 1024
CHUNK = 64 * 1024
#: No address that a page of ours writes comes near it. The server itself takes twice as much (script/serving.py), so
#: that a page of ours answers.
ADDRESS_MOST = 4000


def drain() -> None:
    """Read on what is left of a body that is refused for its size, and drop it."""
    left = request.content_length or 0
    if left > DRAINED:
        return
    if left <= (current_app.config["MAX_CONTENT_LENGTH"] or DRAINED):
        with contextlib.suppress(RequestEntityTooLarge):
            while request.stream.read(CHUNK):
                pass
        return
    body = request.environ["wsgi.input"]  # Flask gives no stream for it; nothing of it has been read
    while left > 0 and (chunk := body.read(min(CHUNK, left))):
        left -= len(chunk)


def guard(app: Flask) -> None:
    """Set the headers on every answer; what a person may see is never kept by the browser."""
    app.url_map.converters["int"] = RowNumber

    warned: list[bool] = []

    @app.before_request
    def forwarded() -> None:
        """Once: behind a proxy that nobody has told the portal of, everybody seems to come from one address."""
        if warned or app.config["PROXIES"] or "X-Forwarded-For" not in request.headers:
            return
        warned.append(True)
        app.logger.warning("a request carries X-Forwarded-For, but PORTAL_PROXIES is 0: it is not believed, and the "
                           "log of logins, the trail and the throttles see the proxy's address")  # fmt: skip

    @app.before_request
    def no_nul() -> None:
        """No browser sends a NUL, and PostgreSQL's text holds none."""
        pairs = (pair for fields in (request.args, request.form) for pair in fields.items(multi=True))
        if "\0" in request.path or any("\0" in name + text for name, text in pairs):
            abort(400)

    @app.before_request
    def no_endless_address() -> None:
        if len(request.environ.get("RAW_URI", "")) > ADDRESS_MOST:
            abort(414)

    @app.before_request
    def old_engine() -> Response | None:
        """A double-engine browser in its old mode gets one plain page that says how to switch (docs/deploy.md)."""
        agent = request.headers.get("User-Agent", "")
        if request.endpoint == "static" or not any(word in agent for word in OLD_ENGINES):
            return None
        return app.send_static_file("old-engine.html")

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", CSP)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if app.config["HSTS"]:
            response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
            response.headers.setdefault("Strict-Transport-Security", "max-age=15552000")
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store" if g.get("actor") else "no-cache")
        return response
