"""Reads the coordinated retweets: which account retweeted which post, by which post of its own, and when."""

import csv
import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from kb.bulk.facts import LinkFact, NodeFact, Row
from kb.errors import BadInput, Problem
from loaders.accounts import make_platform, make_post, make_pseudonymous_account, on_platform
from loaders.instants import instant_of_unix

DATASET: Final = "coordinated_retweets"
PLATFORM: Final = "twitter"
COLUMNS: Final = ["object_id", "account_id", "content_id", "timestamp_share"]

# Ids are hashes of the platform's: of 32 hexadecimal digits each.
_HASH: Final = re.compile(r"[0-9a-f]{32}")
# The publisher keeps times as floating-point numbers: 1623881091.0 is a whole second all the same.
_SECONDS: Final = re.compile(r"([0-9]{1,12})(?:\.0+)?")


class _Retweet(NamedTuple):
    original: str
    account: str
    post: str
    at: str


def parse(files: Mapping[str, Path]) -> Iterator[Row]:
    """Every row of the file. A retweet of two posts has two rows and is one post; a row that repeats one is skipped.

    Who wrote the post that was retweeted is not in the file: it is known only when that post is itself a retweet.
    """
    path = files["retweets"]
    seen: dict[tuple[str, ...], int] = {}
    met: set[tuple[str, str]] = set()
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as opened:
            lines = csv.reader(opened, strict=True)
            _check_header(path, next(lines, []))
            for number, cells in enumerate(lines, start=1):
                first = seen.setdefault(tuple(cells), number)
                yield _read_row(number, cells, first, met)
    except (gzip.BadGzipFile, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(
            [Problem(f"{path}: after row {number}", "is no CSV in gzip", str(error), "get the file anew")]
        ) from error


def _check_header(path: Path, header: list[str]) -> None:
    if header != COLUMNS:
        raise BadInput(
            [
                Problem(
                    f"{path}: header",
                    f"has not the columns {', '.join(COLUMNS)}",
                    ", ".join(header)[:200],
                    "get that file",
                )
            ]
        )


def _read_row(number: int, cells: list[str], first: int, met: set[tuple[str, str]]) -> Row:
    if len(cells) != len(COLUMNS):
        return Row("retweets", number, skipped="other number of cells")
    if first != number:
        return Row("retweets", number, skipped="repeats a row", detail=f"row {first}")
    original, account, post, time = cells
    if not all(_HASH.fullmatch(key) for key in (original, account, post)):
        return Row("retweets", number, skipped="no id", detail=",".join(cells)[:150])
    seconds = _SECONDS.fullmatch(time)
    if seconds is None:
        return Row("retweets", number, skipped="no time", detail=time[:100])
    if original == post:
        return Row("retweets", number, skipped="shares itself", detail=post)
    retweet = _Retweet(original, account, post, instant_of_unix(int(seconds[1])))
    return Row("retweets", number, tuple(_read_retweet(retweet, str(number), met)))


def _read_retweet(found: _Retweet, row: str, met: set[tuple[str, str]]) -> Iterator[NodeFact | LinkFact]:
    account = make_pseudonymous_account(DATASET, PLATFORM, found.account)
    post = make_post(PLATFORM, found.post, at=found.at, dataset=DATASET)
    original = make_post(PLATFORM, found.original, dataset=DATASET)
    yield make_platform(PLATFORM)
    yield account
    yield post
    yield original
    # One relationship for what several rows say of the same two: the first row that says it.
    for link in (on_platform(account, row), LinkFact("POSTED", account.id, post.id, {"row": row})):
        if (link.start, link.end) not in met:
            met.add((link.start, link.end))
            yield link
    yield LinkFact("SHARES", post.id, original.id, {"kind": "reshare", "row": row})
