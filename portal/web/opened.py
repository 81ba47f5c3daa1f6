"""What is read on the record (DECISIONS 31): a POST writes down who opens it and leads to an address that is good for
that person alone, for a few minutes; the GET writes nothing. The browser's own viewer asks again, also for saving.
"""

from datetime import timedelta
from typing import Any

from flask import current_app, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from portal.web.door import me, now

#: How long an address is good for whoever opened it.
OPEN_FOR = timedelta(minutes=10)


def opened(endpoint: str, **values: Any) -> str:
    """Where a file is for whoever stands here and has just been written down."""
    stamp = [url_for(endpoint, **values), me().kind, me().id, int(now().timestamp())]
    return url_for(endpoint, **values, opened=_signer().dumps(stamp))


def has_opened() -> bool:
    """Tell whether whoever asks for this address has opened it, and lately enough."""
    try:
        *good_for, at = _signer().loads(request.args.get("opened", ""))
    except BadSignature:
        return False
    here = url_for(request.endpoint or "", **(request.view_args or {}))
    return good_for == [here, me().kind, me().id] and 0 <= now().timestamp() - at <= OPEN_FOR.total_seconds()


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="opened")
