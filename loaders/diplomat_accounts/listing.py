"""What a row that lists an account says: whose it is, in which category, where, and from when to when."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

import iso3166

from loaders.diplomat_accounts.text import MISSING, or_none, read_day, repair

SENDERS: Final = {"cn": "CN", "ru": "RU", "de": "DE"}
# The legends that stand in unnamed columns of the Chinese and the Russian file. BS, CS, UF, OTH, ? and ?? occur and
# are explained nowhere.
CATEGORIES: Final = {
    "A": "ambassador",
    "E": "embassy",
    "C": "consulate or consul",
    "S": "staff member",
    "B": "Beijing MFA",
    "M": "media",
    "MP": "media personality",
    "G": "Moscow/Gov",
    "QG": "quasi-government",
    "O": "other",
}
# The newest German file has words in the place of categories. Others ("Ständige Vertretung", "RDZ") have no category.
GERMAN_TYPES: Final = {
    "Botschaft": "E",
    "Botschafter:in": "A",
    "Generalkonsulat": "C",
    "Generalkonsul:in": "C",
}
# Those of a person. Of the others only E and C stand for an institution that can be told from the row.
PERSONAL: Final = frozenset({"A", "S"})
# A body stands in the column of countries, or a place that the standard has no code for.
BODIES: Final = frozenset(
    {
        "african union", "asean", "council of europe", "cis mission", "eu", "brussels eu", "fao rome",
        "mission to wto", "nato", "opcw", "orgs in vienna", "osce", "permanent mission of china to unescap",
        "russian mission oic", "un", "un geneva", "un ny", "un vienna", "unesco",
    }
)  # fmt: skip
PLACES: Final = frozenset({"abkhazia", "south ossetia"})


class Listing(NamedTuple):
    """A row that lists an account; `place` is the text of its country column, repaired."""

    file: str
    number: int
    sender: str
    handle: str
    place: str | None
    country: str | None
    category: str
    written_category: str
    since: str | None
    to: str | None
    remark: str | None

    @property
    def row(self) -> str:
        """The row, as links tell it."""
        return f"{self.file}:{self.number}"

    @property
    def key(self) -> str:
        """The account for this dataset: a handle is one account, however it is written."""
        return self.handle.lower()

    @property
    def says(self) -> str:
        """What the row says of the account, in our words."""
        where = f"under “{self.place}”" if self.place else "under no country"
        written = self.written_category
        if not written:
            what = "without a category"
        elif written in CATEGORIES:
            what = f"in category {written} ({CATEGORIES[written]})"
        elif self.category:
            what = f"as “{written}”"
        else:
            what = f"as “{written}”, which no legend explains"
        return f"listed {where} {what}" + (f"; remark: “{self.remark}”" if self.remark else "")

    @property
    def mission(self) -> str | None:
        """A key for what the row stands under, unique for its sender; None when that is no mission or not known."""
        if self.country:
            return f"in-{self.country.lower()}"
        place = (self.place or "").casefold()
        slug = re.sub(r"[^a-z0-9]+", "-", place)
        return f"in-{slug}" if place in PLACES else f"at-{slug}" if place in BODIES else None


def read_listing(file: str, number: int, cells: Mapping[str, str]) -> Listing:
    """What a row with a handle says; a date in another form than dd/mm/yyyy is kept as a remark, not guessed."""
    place = or_none(repair(cells["country"]))
    written = cells.get("cat", cells.get("type", ""))
    written = "" if written in MISSING else written
    remarks = [] if cells.get("remarks", "") in MISSING else [cells["remarks"]]
    days = {column: read_day(cells.get(column, "")) for column in ("started_post", "ended_post")}
    remarks += [
        f"{column}: {cells[column]}"
        for column, day in days.items()
        if day is None and cells.get(column, "") not in MISSING
    ]
    since, to = days.values()
    if since and to and since > to:
        remarks.append(f"started_post: {since}, after ended_post: {to}")
        since = to = None
    return Listing(
        file=file,
        number=number,
        sender=SENDERS[file[:2]],
        handle=cells["twitter_handle"],
        place=place,
        country=_read_country(cells["ISO2"], place),
        category=GERMAN_TYPES.get(written, written if written in CATEGORIES else ""),
        written_category=written,
        since=since,
        to=to,
        remark="; ".join(" ".join(remark.split()) for remark in remarks) or None,
    )


def _read_country(written: str, place: str | None) -> str | None:
    """The ISO code; `NA` is Namibia where the row says so, and elsewhere that there is none."""
    if written == "NA" and place != "Namibia":
        return None
    return written if written in iso3166.countries_by_alpha2 else None
