"""What all files together say of each account: its id, its name, its labels, and where it is listed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kb.bulk.facts import LinkFact, NodeFact
from loaders.accounts import is_handle, is_platform_id, make_account, make_platform, on_platform
from loaders.csv_rows import Cells, read_rows
from loaders.diplomat_accounts.listing import PERSONAL, Listing, read_listing
from loaders.diplomat_accounts.text import or_none

# All that is taken. Descriptions, locations, pictures and counts of a profile are not read.
HISTORICAL: Final = (
    "country", "ISO2", "cat", "twitter_handle", "started_post", "ended_post", "remarks",
)  # fmt: skip
LATEST: Final = ("country", "ISO2", "cat", "twitter_handle", "user_id", "name", "deleted", "data_scraped")
GERMAN_LATEST: Final = tuple("type" if name == "cat" else name for name in LATEST)
PROFILES: Final = ("user_id", "name", "username", "deleted", "date_scraped")
LABELS: Final = ("handle", "gov_label", "date_scraped")
# A profile that calls itself so is that of an institution, whatever category its row has.
INSTITUTION: Final = re.compile(
    r"embassy|\bambassade\b|\bembajada\b|\bembaixada\b|\bbotschaft\b|посольств|大使馆|consulate|"
    r"\b(?:china|germany|russia) in\b|^spokesperson",
    re.IGNORECASE,
)


def columns_of(file: str) -> tuple[str, ...]:
    """The columns that are taken of a file, by its name in `source.toml`."""
    if "labels" in file:
        return LABELS
    if file.endswith("_profiles"):
        return PROFILES
    if file.endswith("_historical"):
        return HISTORICAL
    return GERMAN_LATEST if file == "de_latest" else LATEST


def read_file(file: str, path: Path) -> Iterator[Cells | int]:
    """The rows of a file that lists accounts."""
    return read_rows(path, columns_of(file))


def handle_of(cells: Mapping[str, str]) -> str | None:
    """The handle of a row as it is written; None when there is none or it cannot be one."""
    written = cells.get("twitter_handle") or cells.get("username") or cells.get("handle") or ""
    return written if or_none(written) and is_handle("twitter", written) else None


def id_of(cells: Mapping[str, str]) -> str | None:
    """The platform's id of a row; None when there is none, or the handle stands where it belongs."""
    written = cells.get("user_id", "")
    return written if is_platform_id("twitter", written) else None


@dataclass
class Known:
    """What is known of each account, by its handle in lower case."""

    ids: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """What profiles called themselves on the day they were read."""
    read_on: dict[str, str] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    listings: dict[str, list[Listing]] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)

    def account(self, key: str, row: str) -> Iterator[NodeFact | LinkFact]:
        """The account of a handle with all that is known of it, and its platform."""
        made = make_account(
            "twitter", platform_id=self.ids.get(key), handle=self.spellings[key], name=self.names.get(key)
        )
        more = {"platform_labels": self.labels.get(key), "note": " ".join(self._notes(key)) or None}
        kept = {name: value for name, value in more.items() if value}
        account = made._replace(properties={**made.properties, **kept})
        yield make_platform("twitter")
        yield account
        yield on_platform(account, row)

    def names_a_person(self, listing: Listing) -> bool:
        """Whether the row lists a person: an ambassador or a staff member whose profile is not an institution's."""
        name = self.names.get(listing.key, "")
        return listing.category in PERSONAL and INSTITUTION.search(name) is None

    def is_told(self, listing: Listing) -> bool:
        """Whether an earlier file has said with a category what a row of a newest file says again."""
        return listing.file.endswith("_latest") and any(
            other.category and other.file != listing.file and other.sender == listing.sender
            for other in self.listings[listing.key]
        )

    def _notes(self, key: str) -> Iterator[str]:
        told: dict[str, None] = {}
        for listing in self.listings.get(key, ()):
            if not self.is_told(listing):
                told.setdefault(f"For {listing.sender} it is {listing.says}.")
        yield from told
        if key in self.gone:
            yield f"It was gone when it was read on {self.gone[key]}."


def find_known(files: Mapping[str, Path]) -> Known:
    """What the files of accounts say together; they are read once for this.

    A handle that a platform gave away twice belongs to the id that the first row has; rows with another tell nothing.
    """
    known = Known()
    for file, path in files.items():
        if file.endswith("_domains"):
            continue
        for cells in read_file(file, path):
            if not isinstance(cells, int) and (handle := handle_of(cells.by_column)):
                _learn(known, file, cells, handle)
    return known


def _learn(known: Known, file: str, row: Cells, handle: str) -> None:
    cells, key = row.by_column, handle.lower()
    known.spellings.setdefault(key, handle)
    platform_id = id_of(cells)
    if platform_id and known.ids.setdefault(key, platform_id) != platform_id:
        return
    day = cells.get("data_scraped") or cells.get("date_scraped")
    name = or_none(cells.get("name", ""))
    if name and day:
        known.names.setdefault(key, name)
        known.read_on.setdefault(key, day)
    if cells.get("deleted") == "TRUE" and day:
        known.gone.setdefault(key, day)
    label = or_none(cells.get("gov_label", ""))
    if label and day:
        known.labels.setdefault(key, []).append(f"{day}: {label}")
    if "country" in cells:
        known.listings.setdefault(key, []).append(read_listing(file, row.number, cells))
