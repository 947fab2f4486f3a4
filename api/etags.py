"""ETags of what is asked by GET: the same tag, the same bytes, until somebody writes to the store."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from api.context import Context
from kb.errors import KbError

_ROOT: Final = Path(__file__).parent.parent
# What decides how rows become an answer. Data and settings are told apart otherwise.
_CODE: Final = ("api", "kb", "schema")


@lru_cache(maxsize=1)
def _hash_code() -> str:
    """Of the program itself: another release may answer otherwise."""
    found = hashlib.sha256()
    for path in sorted(path for folder in _CODE for path in (_ROOT / folder).rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


class Etags:
    """The tags of one server; another with the same code, settings, data and secret has the same."""

    def __init__(self, context: Context) -> None:
        self._store = context.store
        # Cursors are signed with a secret of the server, and answers hold them.
        signed = context.cursors.make("etag", "", ())
        self._server = f"{_hash_code()} {signed} {context.limits}"

    async def make(self, query_string: bytes, media_type: str) -> str | None:
        """The tag of what is answered from now on, by one look-up at most; None when there is none.

        Ask before the data is read: a write in between then makes the tag out of date, and never the answer.
        """
        try:
            version = await self._store.read_version()
        except KbError:
            return None  # the question itself tells it better
        if version is None:
            return None
        whole = f"{self._server} {version} {media_type} ".encode() + query_string
        return f'"{hashlib.sha256(whole).hexdigest()[:32]}"'


def is_named(etag: str, if_none_match: str) -> bool:
    """Whether a header If-None-Match names the tag."""
    return etag in {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
