"""封存: personal data sealed at rest with AES-GCM, and keyed indexes to find it again.

The keys live in files outside the database, mode 0600. Several may stand side by side: the newest seals,
all open.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.ground.fields.telephones import tail

KEY_BYTES = 32
NONCE_BYTES = 12
_VERSION = "v1"
_SEALING_FILE = re.compile(r"sealing-(\d{4})\.key")
_INDEX_FILE = "index.key"


class SealBroken(Exception):
    """A sealed text that cannot be opened: unknown key, changed bytes, or another row's text put in its
    place.
    """


class Sealer:
    """Seals, opens and indexes with the keys it was given.

    `keys` maps key ids (the highest one in text order seals) to 32 bytes each; `index_key` is 32 bytes of
    its own.
    """

    def __init__(self, keys: Mapping[str, bytes], index_key: bytes) -> None:
        if not keys:
            raise ValueError("a sealer needs at least one key")
        if any(len(key) != KEY_BYTES for key in (*keys.values(), index_key)):
            raise ValueError(f"every sealing key is {KEY_BYTES} bytes long")
        if any(hmac.compare_digest(key, index_key) for key in keys.values()):
            raise ValueError("the index key must not be a sealing key")
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._newest = max(keys)
        self._index_key = index_key

    def __repr__(self) -> str:
        return f"<Sealer {len(self._ciphers)} keys, {self._newest} seals>"

    def seal(self, plain: str, *, where: str, ref: str) -> str:
        """Return `v1:<key id>:<base64 of nonce and ciphertext>`, bound to `where` (`table.column`) and `ref`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        body = self._ciphers[self._newest].encrypt(nonce, plain.encode(), _bound(where, ref))
        return f"{_VERSION}:{self._newest}:{base64.b64encode(nonce + body).decode()}"

    def open(self, sealed: str, *, where: str, ref: str) -> str:
        """Return the plain text. `SealBroken` when it is not what was sealed for this place."""
        version, key_id, body = _parts(sealed)
        if version != _VERSION:
            raise SealBroken(f"{where}: sealed in a form this portal does not know")
        if key_id not in self._ciphers:
            raise SealBroken(f"{where}: sealed with key {key_id}, which is not in the key folder")
        try:
            plain = self._ciphers[key_id].decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _bound(where, ref))
        except InvalidTag:
            raise SealBroken(f"{where}: changed since it was sealed, or sealed for another row") from None
        return plain.decode()

    def index(self, plain: str, where: str) -> str:
        """Return 64 hex digits by which exactly this value is found again in `where` and nowhere else."""
        return hmac.new(self._index_key, f"{where}\0{plain}".encode(), hashlib.sha256).hexdigest()

    def tail_index(self, telephone: str, where: str) -> str:
        """Return the index of a stored telephone's last four digits, kept apart from that of whole values."""
        return self.index(tail(telephone), f"{where}.tail")


def whole(folder: Path) -> bool:
    """Tell whether a sealing key and the index key stand in a folder."""
    return bool(_numbered(folder)) and (folder / _INDEX_FILE).exists()


def make_keys(folder: Path, *, above: int = 0) -> list[Path]:
    """Make a sealing key and the index key where they are missing, mode 0600 in a folder of mode 0700.

    The key's number is higher than `above`: a lost key that turns up again has its own file beside the new one. Return
    the files made; run again it makes none and changes none.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = []
    if not _numbered(folder):
        made.append(_write(folder / f"sealing-{above + 1:04d}.key"))
    if not (folder / _INDEX_FILE).exists():
        made.append(_write(folder / _INDEX_FILE))
    return made


def load_keys(folder: Path) -> Sealer:
    """Return a sealer with every key of the folder.

    RuntimeError, saying what to do, when a key is missing, of a wrong length, too simple, or readable by others.
    """
    numbers = _numbered(folder)
    if not whole(folder):
        raise RuntimeError(f"{folder} 里没有封存密钥：新装的请运行 flask secrets make，原来有的请把密钥备份拷回来")
    keys = {f"{number:04d}": _read(path) for number, path in numbers.items()}
    return Sealer(keys, _read(folder / _INDEX_FILE))


def _numbered(folder: Path) -> dict[int, Path]:
    found = {path: _SEALING_FILE.fullmatch(path.name) for path in folder.glob("sealing-*.key")}
    return {int(match[1]): path for path, match in found.items() if match}


def _write(path: Path) -> Path:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def _read(path: Path) -> bytes:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise RuntimeError(f"{path.name} 别的帐户也能读（{mode:04o}）：请运行 chmod 600 {path}")
    text = path.read_text().strip()
    if not re.fullmatch(rf"[0-9a-f]{{{KEY_BYTES * 2}}}", text):
        raise RuntimeError(f"{path.name} 不是 {KEY_BYTES * 2} 位十六进制的密钥：请从密钥备份拷回来")
    if guessable(text):
        raise RuntimeError(f"{path.name} 太简单，不是生成出来的密钥：请从密钥备份拷回来")
    return bytes.fromhex(text)


def guessable(key: str) -> bool:
    """Tell whether somebody typed a key instead of making it: 64 random digits are of nearly all sixteen kinds."""
    return len(set(key)) < 8


def _parts(sealed: str) -> tuple[str, str, bytes]:
    try:
        version, key_id, body = sealed.split(":")
        return version, key_id, base64.b64decode(body, validate=True)
    except (ValueError, binascii.Error):
        raise SealBroken("not a sealed text") from None


def _bound(where: str, ref: str) -> bytes:
    return f"{where}.{ref}".encode()
