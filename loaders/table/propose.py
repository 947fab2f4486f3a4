"""Writes a first mapping for a table: what was found in the file, and guesses that are marked as such."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from loaders.table.files import CellValue, Written, look_at, read_rows
from loaders.table.mapping import CHANGE_ME, TableFile

SAMPLE_ROWS: Final = 1_000
# An example of a cell longer than this says no more.
SHOWN_CHARS: Final = 40
GUESS: Final = "# guess"

# Part of the mapping -> what columns are often called that are it; the first ones are those of published takedown data.
_ROLES: Final[dict[str, tuple[str, ...]]] = {
    "account": ("userid", "user_id", "account_id", "author_id", "from_id", "source", "author", "user"),
    "handle": ("user_screen_name", "screen_name", "handle", "username", "account_handle"),
    "name": ("user_display_name", "display_name", "account_name"),
    "post": ("tweetid", "tweet_id", "post_id", "content_id", "status_id", "message_id", "id_str", "id"),
    "time": ("tweet_time", "created_at", "timestamp", "time", "date", "timestamp_share", "posted_at"),
    "platform": ("platform",),
    "reshare_post": ("retweet_tweetid", "retweeted_status_id", "retweeted_id", "object_id", "shared_post_id"),
    "reshare_account": ("retweet_userid", "retweeted_user_id", "shared_account_id"),
    "quote_post": ("quoted_tweet_tweetid", "quoted_status_id", "quoted_id"),
    "reply_post": ("in_reply_to_tweetid", "in_reply_to_status_id"),
    "reply_account": ("in_reply_to_userid", "in_reply_to_user_id"),
    "mention_account": ("user_mentions", "mentions", "mentioned_users"),
}
_EMPTY: Final = ("NA", "N/A", "nan", "NaN", "None", "null", "NULL", "\\N")
_TIMES: Final = (
    (re.compile(r"\d{9,10}(\.\d*)?"), "unix", False),
    (re.compile(r"\d{12,13}"), "unix_ms", False),
    (re.compile(r"\d{4}-\d\d-\d\dT\S*(Z|[+-]\d\d:?\d\d)"), "iso", False),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"), "%Y-%m-%d %H:%M", True),
    (re.compile(r"\d{4}-\d\d-\d\d.*"), "iso", True),
    (re.compile(r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d [+-]\d{4} \d{4}"), "%a %b %d %H:%M:%S %z %Y", False),
)


def propose_mapping(path: Path) -> str:
    """A mapping file for the table at `path`, to be completed by a person; raises BadInput when it cannot be read.

    What only a person knows is CHANGE_ME, which a run refuses. Guesses rest on the names of columns and are marked.
    """
    written = look_at(path, TableFile())
    rows = [row for row in islice(read_rows(path, written), SAMPLE_ROWS) if isinstance(row, dict)]
    return "\n".join(
        [*_head(path, written), *_file(written), *_columns(written, rows), *_parts(written, rows), ""]
    )


def _head(path: Path, written: Written) -> Iterator[str]:
    yield f"# A first mapping of {_printable(path.name)}. Lines marked `{GUESS}` rest on the names of columns alone:"
    yield f"# look at each, then take the mark away. Fill in {CHANGE_ME}. Then:"
    yield "#   python -m loaders run table --mapping THIS_FILE --from THE_TABLE --dry-run"
    yield f"dataset: {CHANGE_ME}        # short name: lower-case letters, digits, _"
    yield f"title: {CHANGE_ME}"
    yield f"publisher: {CHANGE_ME}"
    yield f"licence: {CHANGE_ME}        # `not stated` is an answer"
    yield f"pseudonymous: {CHANGE_ME}   # true, false, or hashes (digits only are the platform's ids)"
    if not _find(written, "platform"):
        yield f"platform: {CHANGE_ME}       # such as twitter, facebook, telegram"


def _file(written: Written) -> Iterator[str]:
    yield "file:"
    yield f"  format: {written.format}"
    if written.encoding:
        yield f"  encoding: {written.encoding}{f'   {GUESS}' if 'encoding' in written.guessed else ''}"
    if written.delimiter:
        yield f"  delimiter: {_quoted(written.delimiter)}{f'   {GUESS}' if 'delimiter' in written.guessed else ''}"


def _columns(written: Written, rows: list[dict[str, CellValue]]) -> Iterator[str]:
    yield f"# Its columns, with a cell of the first {SAMPLE_ROWS:,} rows:"
    for column in written.columns:
        example = next((str(row[column]) for row in rows if row.get(column)), "(empty)")
        yield f"#   {_printable(column)}: {_printable(example[:SHOWN_CHARS])}"


def _parts(written: Written, rows: list[dict[str, CellValue]]) -> Iterator[str]:
    empty = [text for text in _EMPTY if any(text in row.values() for row in rows)]
    if empty:
        yield f"empty: [{', '.join(map(_quoted, empty))}]   {GUESS}"
    platform = _find(written, "platform")
    if platform:
        found = sorted({str(row.get(platform, "")) for row in rows})[:20]
        values = ", ".join(f"{_quoted(text)}: {CHANGE_ME}" for text in found)
        yield f"platform: {{column: {_quoted(platform)}, values: {{{values}}}}}   {GUESS}"
    account = {
        "id": _find(written, "account"),
        "handle": _find(written, "handle"),
        "name": _find(written, "name"),
    }
    said = ", ".join(f"{key}: {_quoted(column)}" for key, column in account.items() if column)
    if account["id"] or account["handle"]:
        yield f"account: {{{said}}}   {GUESS}"
    else:
        yield f"account: {CHANGE_ME}        # the column of who posted or acted"
    if post := _find(written, "post"):
        yield f"post: {_quoted(post)}   {GUESS}"
    if time := _find(written, "time"):
        yield _time(time, rows)
    yield from _acts(written)


def _time(column: str, rows: list[dict[str, CellValue]]) -> str:
    cells = [str(row[column]) for row in rows if row.get(column) and row[column] not in _EMPTY]
    for pattern, form, needs_zone in _TIMES:
        if cells and all(pattern.fullmatch(cell) for cell in cells):
            zone = f", zone: {CHANGE_ME}" if needs_zone else ""
            return f"time: {{column: {_quoted(column)}, format: {_quoted(form)}{zone}}}   {GUESS}"
    return f"time: {{column: {_quoted(column)}, format: {CHANGE_ME}, zone: {CHANGE_ME}}}   {GUESS}"


def _acts(written: Written) -> Iterator[str]:
    found = []
    for kind in ("reshare", "quote", "reply", "mention"):
        post, account = _find(written, f"{kind}_post"), _find(written, f"{kind}_account")
        parts = [f"kind: {kind}"]
        if post:
            parts.append(f"post: {_quoted(post)}")
        if account:
            cell = _quoted(account)
            parts.append(
                f"account: {{id: {{column: {cell}, split: list}}}}"
                if kind == "mention"
                else f"account: {cell}"
            )
        if len(parts) > 1:
            found.append(f"  - {{{', '.join(parts)}}}   {GUESS}")
    if found:
        yield "acts:"
        yield from found
    else:
        yield "# acts:   # what a row did to others: reshare, quote, reply, mention, link; for example"
        yield "#   - {kind: reshare, post: COLUMN, account: COLUMN}"


def _find(written: Written, role: str) -> str | None:
    by_lower = {column.lower(): column for column in reversed(written.columns)}
    return next((by_lower[name] for name in _ROLES.get(role, ()) if name in by_lower), None)


def _quoted(text: str) -> str:
    """The text as YAML reads it back."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", text) and text.lower() not in ("null", "nan", "none"):
        return text
    return (
        '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n") + '"'
    )


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
