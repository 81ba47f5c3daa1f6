"""Security headers for every answer (house.md section 6: strict CSP; no inline script or style anywhere)."""

from flask import Flask, g, request
from flask.wrappers import Response

OLD_ENGINES = ("MSIE ", "Trident/")
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


def guard(app: Flask) -> None:
    """Set the headers on every answer; what a person may see is never kept by the browser."""

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
