"""Reads the Higgs activity file: which account retweeted, mentioned or answered which, and when."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, cast

from kb.bulk.facts import LinkFact, NodeFact, Row
from kb.errors import BadInput, Problem
from loaders.accounts import make_platform, make_pseudonymous_account, on_platform
from loaders.instants import instant_of_unix

# The ids are numbers that the publisher gave out: they say nothing of who is on Twitter under such an id.
DATASET: Final = "higgs_twitter"
PLATFORM: Final = "twitter"
# "A B time kind" says that A acted on B. That was checked: for each of the 328,132 pairs of the retweet network that
# is published beside it, its weight is the number of RT lines from A to B; tests/loaders/test_higgs_twitter.py again.
KINDS: Final = {b"RT": "reshare", b"MT": "mention", b"RE": "reply"}
# The file's largest is 456,626. One byte for each possible account tells whether it was seen: 100 MB at the most.
MAX_ACCOUNT_DIGITS: Final = 8
# Lines are cut from pieces of this size; with the default of 8 KiB reading takes a third longer.
BUFFER_BYTES: Final = 1 << 20

_TIME: Final = re.compile(rb"[0-9]{1,12}")
_LINE: Final = re.compile(
    rb"([0-9]{1,%d})[ \t]+([0-9]{1,%d})[ \t]+([0-9]{1,12})[ \t]+(RT|MT|RE)\s*" % ((MAX_ACCOUNT_DIGITS,) * 2)
)


def parse(files: Mapping[str, Path]) -> Iterator[Row]:
    """Every line of the file; an account comes with the first line that has it."""
    path = files["activity"]
    number = 0
    try:
        with (
            gzip.open(path) as packed,
            io.BufferedReader(cast("io.RawIOBase", packed), BUFFER_BYTES) as lines,
        ):
            seen = bytearray()
            for number, line in enumerate(lines, start=1):
                yield _read_line(number, line, seen)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadInput(
            [Problem(f"{path}: after row {number}", "is no whole gzip file", str(error), "get the file anew")]
        ) from error


def _read_line(number: int, line: bytes, seen: bytearray) -> Row:
    found = _LINE.fullmatch(line)
    if found is None:
        return _skip(number, line)
    actor, target, time, written = found.groups()
    start, end, row = int(actor), int(target), str(number)
    try:
        at = instant_of_unix(int(time))
    except ValueError:
        return Row("activity", number, (), "no time", _shown(line))
    link = LinkFact(
        "INTERACTED",
        f"acct:{DATASET}:{start}",
        f"acct:{DATASET}:{end}",
        {"kind": KINDS[written], "at": at, "row": row},
    )
    if start < len(seen) > end and seen[start] and seen[end]:
        return Row("activity", number, (link,))
    return Row("activity", number, (*_meet(start, end, seen, row), link))


def _meet(start: int, end: int, seen: bytearray, row: str) -> Iterator[NodeFact | LinkFact]:
    """Those of the accounts that no line before has had, each on its platform."""
    if not seen:
        yield make_platform(PLATFORM)
    seen.extend(bytes(max(0, max(start, end) + 1 - len(seen))))
    for account in dict.fromkeys((start, end)):
        if not seen[account]:
            seen[account] = 1
            node = make_pseudonymous_account(DATASET, PLATFORM, str(account))
            yield node
            yield on_platform(node, row)


def _skip(number: int, line: bytes) -> Row:
    """The line with the reason why it says nothing."""
    cells = line.split()
    if len(cells) != 4:
        reason = "other number of cells"
    elif cells[3] not in KINDS:
        reason = "unknown kind"
    elif not _TIME.fullmatch(cells[2]):
        reason = "no time"
    else:
        reason = "no account"
    return Row("activity", number, skipped=reason, detail=_shown(line))


def _shown(line: bytes) -> str:
    return line.strip()[:100].decode("utf-8", "replace")
