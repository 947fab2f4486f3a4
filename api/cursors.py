"""Cursors: opaque, signed, and bound to the field, the arguments and the parent of the list they go on in."""

import base64
import hashlib
import hmac
import json
import logging
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from api.errors import bad_cursor

LOG = logging.getLogger(__name__)

KEY_FILE: Final = "cursor.key"
SECRET_BYTES: Final = 32
# 96 bits cannot be guessed, and a cursor stays short enough to copy.
SIGNATURE_BYTES: Final = 12
_FORM: Final = b"2"


class Cursors:
    """Makes and reads cursors with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, binding: str, parent: str, keys: Sequence[Any]) -> str:
        """The cursor of the row with the sort `keys` in the list `binding` of `parent`."""
        body = json.dumps([parent, list(keys)], ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._sign(binding, body) + body).rstrip(b"=").decode()

    def read(self, binding: str, cursor: str) -> tuple[str, tuple[Any, ...]]:
        """The parent and the sort keys of a cursor of the list `binding`; raises BAD_CURSOR for any other text."""
        try:
            raw = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise bad_cursor() from error
        signature, body = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(binding, body)):
            raise bad_cursor()
        parent, keys = json.loads(body)
        return parent, tuple(keys)

    def _sign(self, binding: str, body: bytes) -> bytes:
        # Counts up when keys change: a cursor of an older server is refused, not misread.
        message = _FORM + len(binding.encode()).to_bytes(4, "big") + binding.encode() + body
        return hmac.digest(self._secret, message, hashlib.sha256)[:SIGNATURE_BYTES]


def get_secret(data: Path) -> bytes:
    """The secret kept in the data folder, made at first use; one for this process alone when it cannot be kept."""
    path = data / KEY_FILE
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(SECRET_BYTES))
        except FileExistsError:
            pass
        found = path.read_bytes()
    except OSError as error:
        LOG.warning("%s cannot be kept (%s): cursors end with this process", path, error.strerror)
        return secrets.token_bytes(SECRET_BYTES)
    return found if len(found) == SECRET_BYTES else secrets.token_bytes(SECRET_BYTES)
