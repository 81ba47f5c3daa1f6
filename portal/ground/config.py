"""Configuration: where the portal keeps its things, and what the environment says.

Everything stands in one instance folder: database, secrets, files, fonts' neighbours. `PORTAL_INSTANCE` picks it.
"""

import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DEMO_MARK = "demonstration"
#: The portal's version; pyproject.toml and CHANGELOG.md say the same.
VERSION = "0.2.0"

#: The names that papers and pages print. A deployment overrides them by `PORTAL_OFFICE_*`.
OFFICE = {
    "portal": "桂溪人居",
    "title": "桂溪街道城乡人居环境综合整治工作门户",
    "name": "垫江县人民政府桂溪街道办事处",
    "seal": "垫江县桂溪街道办事处",
    "street": "桂溪街道",
    "phone": "",
    "hall": "街道便民服务中心",
    "hours": "周一至周五 9:00–18:00",
}
#: What `PORTAL_MAIL_…` says.
MAIL = ("host", "port", "security", "user", "password_file", "from", "ca")
#: A number that nobody has, so that the demonstration shows its telephone buttons.
DEMO_OFFICE = {"phone": "023-00000000"}


def instance_folder() -> Path:
    """Return the instance folder: `PORTAL_INSTANCE`, else `instance/office`."""
    return Path(os.environ.get("PORTAL_INSTANCE") or ROOT / "instance" / "office").resolve()


def from_environment() -> dict[str, Any]:
    """Return the configuration that the environment asks for."""
    folder = instance_folder()
    demo = (folder / DEMO_MARK).exists()
    office = {**OFFICE, **(DEMO_OFFICE if demo else {})}
    tls = os.environ.get("PORTAL_TLS") == "1"
    return {
        "INSTANCE": folder,
        "FONTS": ROOT / "instance" / "fonts",
        "PRODUCTION": os.environ.get("PORTAL_ENV") == "production",
        "DEMO": demo,
        "SQLALCHEMY_DATABASE_URI": os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'portal.sqlite3'}",
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "hide_parameters": True,  # a fault in the log names no person and no telephone
        },
        # Where copies of the office go, a second place, and the keys apart (docs/backup.md); "" is in the instance.
        "BACKUP": os.environ.get("PORTAL_BACKUP", ""),
        "BACKUP_SECOND": os.environ.get("PORTAL_BACKUP_SECOND", ""),
        "BACKUP_KEYS": os.environ.get("PORTAL_BACKUP_KEYS", ""),
        # The office's own mail server (docs/deploy.md); without a host nothing is ever sent.
        "MAIL": {key: os.environ.get(f"PORTAL_MAIL_{key.upper()}", "") for key in MAIL},
        # Where staff open the portal: what the link in a mail leads to.
        "ADDRESS": os.environ.get("PORTAL_ADDRESS", "").rstrip("/"),
        "PUBLIC_ADDRESS": os.environ.get("PUBLIC_ADDRESS", "").rstrip("/"),
        "OFFICE": {key: os.environ.get(f"PORTAL_OFFICE_{key.upper()}", text) for key, text in office.items()},
        "SEAL_PKCS12": os.environ.get("OFFICE_SEAL_PKCS12", ""),
        "SEAL_PASSPHRASE_FILE": os.environ.get("OFFICE_SEAL_PASSPHRASE_FILE", ""),
        "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_NAME": "portal",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": tls,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_I18N_ENABLED": False,
        "HSTS": tls,
        "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
        "PROXIES": int(os.environ.get("PORTAL_PROXIES", "0")),
        "PASSWORD_COST": {"time_cost": 2, "memory_cost": 19_456, "parallelism": 1},
    }


def refuse_unsafe(config: dict[str, Any], debug: bool) -> None:
    """Refuse to start in production with demonstration data or debug (rules 6); RuntimeError says which."""
    if not config["PRODUCTION"]:
        return
    if config["DEMO"]:
        raise RuntimeError(
            "production refuses a demonstration office: point PORTAL_INSTANCE at the office's own folder"
        )
    if debug:
        raise RuntimeError("production refuses debug")
