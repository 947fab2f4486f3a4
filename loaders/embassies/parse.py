"""Reads the Database of embassies: missions, where they are, who sent them, and their official accounts."""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from kb.bulk.facts import LinkFact, NodeFact, Row
from loaders.accounts import is_handle, is_platform_id, make_account, make_platform, on_platform
from loaders.countries import make_country
from loaders.csv_rows import Cells, read_rows

# All that is taken. Postal addresses, coordinates, telephone numbers, e-mail and pictures are not read.
COLUMNS: Final = (
    "operator", "operatorQID", "jurisdictions", "country", "countryQID", "city", "cityQID", "facebook", "twitter",
    "youtube", "type", "typeQID", "QID",
)  # fmt: skip
PLATFORMS: Final = ("twitter", "facebook", "youtube")
BASIS: Final = "the dataset gives it as the account of this mission"

_FOLDER: Final = Path(__file__).parent
_QID: Final = re.compile(r"(?:https?://www\.wikidata\.org/(?:entity|wiki)/)?(Q[1-9][0-9]*)")


class Known(NamedTuple):
    """What an item of Wikidata in a column of states is, as the table beside this module has it.

    `what` is state, place (one without a code of its own), or body: a ministry or another sender that is no place.
    `country` is the ISO 3166-1 code of the state, or of that which the ministry belongs to.
    """

    label: str
    what: str
    country: str


def _read_table(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


# From the labels and items of the file of 2022-11-16. XK is the code in use for Kosovo; the standard has none.
COUNTRIES: Final = {
    row["qid"]: Known(row["label"], row["what"], row["country"]) for row in _read_table("countries.csv")
}
# Item of `type` -> kind and noun; labels such as "British High Commission" name the sender as well.
DESIGNATIONS: Final = {row["qid"]: (row["kind"], row["noun"]) for row in _read_table("designations.csv")}


def parse(files: Mapping[str, Path]) -> Iterator[Row]:
    """Every row of the file; a mission that has rows with different senders is given none of them as its own."""
    path = files["missions"]
    senders = _find_contested_senders(path)
    for cells in _read(path):
        if isinstance(cells, int):
            yield Row("missions", cells, skipped="other number of cells")
            continue
        qid = _qid(cells.by_column["QID"])
        if qid is None:
            yield Row("missions", cells.number, skipped="no QID", detail=cells.by_column["QID"])
            continue
        facts = tuple(_read_mission(qid, cells.by_column, str(cells.number), senders.get(qid, ())))
        yield Row("missions", cells.number, facts)


def _read(path: Path) -> Iterator[Cells | int]:
    # Every line of the header ends in `;` and has a field more than the data.
    return read_rows(path, COLUMNS, delimiter=";", may_be_short=1)


def _find_contested_senders(path: Path) -> dict[str, tuple[str, ...]]:
    """The senders of each mission whose rows name several, in the order of the rows."""
    seen: dict[str, dict[str, str]] = {}
    for cells in _read(path):
        if not isinstance(cells, int) and (qid := _qid(cells.by_column["QID"])):
            seen.setdefault(qid, {}).setdefault(cells.by_column["operatorQID"], cells.by_column["operator"])
    return {qid: tuple(found.values()) for qid, found in seen.items() if len(found) > 1}


def _read_mission(
    qid: str, cells: Mapping[str, str], row: str, contested: tuple[str, ...]
) -> Iterator[NodeFact | LinkFact]:
    mission = f"wikidata:{qid}"
    sender, sending = _read_state(cells["operatorQID"], cells["operator"])
    host, place = _read_state(cells["countryQID"], cells["country"])
    type_qid = _qid(cells["typeQID"])
    kind, noun = DESIGNATIONS.get(type_qid or "", ("mission", cells["type"] or "Mission"))
    # The file has no names of missions: this one says what, whose and where, in its words.
    where = f" in {cells['city'] or cells['country']}" if cells["city"] or cells["country"] else ""
    whose = " or ".join(contested or (cells["operator"],))
    name = f"{noun} of {whose or 'an unnamed sender'}{where}"
    accounts = [(platform, cells[platform]) for platform in PLATFORMS if cells[platform]]
    notes = [*_notes(cells, sending, contested), *_bad_handles(accounts)]
    properties = {
        "name": name,
        "kind": kind,
        "wikidata": qid,
        **({"sender": sender} if sender and not contested else {}),
        **({"host": host} if host else {}),
        **({"note": " ".join(notes)} if notes else {}),
    }
    yield NodeFact("Embassy", mission, properties, (name,))
    if sending:
        yield sending
        yield LinkFact("SENT_BY", mission, sending.id, {"row": row})
    for there in (place, _read_city(cells)):
        if there:
            yield there
            yield LinkFact("LOCATED_IN", mission, there.id, {"row": row})
    for platform, written in accounts:
        if is_handle(platform, written) or is_platform_id(platform, written):
            yield from _read_account(platform, written, mission, row)


def _read_state(written: str, label: str) -> tuple[str | None, NodeFact | None]:
    """The ISO code of a state or of the state of a ministry, and the place; None where there is none."""
    qid = _qid(written)
    if qid is None:
        return None, None
    known = COUNTRIES.get(qid, Known(label, "place", ""))
    if known.country:
        return known.country, make_country(known.country, *([label] if known.what == "state" else []))
    return None, _make_place(qid, label) if known.what == "place" else None


def _read_city(cells: Mapping[str, str]) -> NodeFact | None:
    qid = _qid(cells["cityQID"])
    # Singapore, Monaco and Hong Kong are their own cities.
    if qid is None or (qid in COUNTRIES and COUNTRIES[qid].country):
        return None
    return _make_place(qid, cells["city"])


def _make_place(qid: str, label: str) -> NodeFact:
    name = label or qid
    return NodeFact("Place", f"wikidata:{qid}", {"name": name, "wikidata": qid}, (name,))


def _read_account(platform: str, written: str, mission: str, row: str) -> Iterator[NodeFact | LinkFact]:
    by_id = platform != "twitter" and is_platform_id(platform, written)
    account = make_account(platform, **({"platform_id": written} if by_id else {"handle": written}))
    yield make_platform(platform)
    yield account
    yield on_platform(account, row)
    yield LinkFact("HELD_BY", account.id, mission, {"basis": BASIS, "row": row})


def _notes(cells: Mapping[str, str], sending: NodeFact | None, contested: tuple[str, ...]) -> Iterator[str]:
    if contested:
        yield f"The dataset names several senders: {' and '.join(contested)}."
    known = COUNTRIES.get(_qid(cells["operatorQID"]) or "")
    if known and known.what == "body":
        yield f"The dataset names as its operator: {cells['operator']}."
    elif sending is None:
        yield "The dataset does not say which state sent it."
    jurisdictions = [name for name in cells["jurisdictions"].split("|") if name]
    if jurisdictions and jurisdictions != [cells["country"]]:
        yield f"Its jurisdictions, says the dataset: {', '.join(jurisdictions)}."


def _bad_handles(accounts: list[tuple[str, str]]) -> Iterator[str]:
    for platform, written in accounts:
        if not (is_handle(platform, written) or is_platform_id(platform, written)):
            yield f"What the dataset gives as its {platform} account cannot be one: {written[:100]}."


def _qid(written: str) -> str | None:
    found = _QID.fullmatch(written)
    return found[1] if found else None
