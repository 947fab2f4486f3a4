"""Reads the lists of diplomats' accounts: accounts, who held them, officials and their posts, sites of state media."""

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Final

from kb.bulk.facts import LinkFact, NodeFact, Row
from loaders.accounts import account_id
from loaders.countries import country_id, make_country
from loaders.csv_rows import read_rows
from loaders.diplomat_accounts.known import Known, find_known, handle_of, id_of, read_file
from loaders.diplomat_accounts.listing import CATEGORIES, Listing, read_listing
from loaders.diplomat_accounts.text import or_none

DOMAINS: Final = ("country", "lang", "outlet", "url", "lang_identifier")
# What a label of the model may have.
MAX_ROLE_CHARS: Final = 300
_STATES: Final = {"china": "CN", "russia": "RU"}


def parse(files: Mapping[str, Path]) -> Iterator[Row]:
    """Every row of every file. The files are read twice: an account is keyed by an id that another file may have."""
    known = find_known(files)
    for file, path in files.items():
        if file.endswith("_domains"):
            yield from _parse_domains(file, path)
        else:
            yield from _parse_accounts(file, path, known)


def _parse_accounts(file: str, path: Path, known: Known) -> Iterator[Row]:
    for cells in read_file(file, path):
        if isinstance(cells, int):
            yield Row(file, cells, skipped="other number of cells")
            continue
        written = cells.by_column.get("twitter_handle") or cells.by_column.get("username") or ""
        handle = handle_of(cells.by_column)
        if handle is None:
            reason = "no account" if or_none(written) is None else "not a handle"
            yield Row(file, cells.number, skipped=reason, detail=written or cells.by_column.get("country"))
        elif "gov_label" in cells.by_column and or_none(cells.by_column["gov_label"]) is None:
            yield Row(file, cells.number, skipped="no label", detail=handle)
        elif (found := id_of(cells.by_column)) and found != known.ids[handle.lower()]:
            yield Row(file, cells.number, skipped="handle of another account", detail=f"{handle}, id {found}")
        else:
            facts = [*known.account(handle.lower(), f"{file}:{cells.number}")]
            if "country" in cells.by_column:
                facts += _read_listed(read_listing(file, cells.number, cells.by_column), known)
            yield Row(file, cells.number, tuple(facts))


def _read_listed(listing: Listing, known: Known) -> Iterator[NodeFact | LinkFact]:
    """Who held the account, and which post that was; nothing when the row does not say, or an earlier file has."""
    if known.is_told(listing):
        return
    account = account_id("twitter", known.ids.get(listing.key), listing.handle)
    basis = {"basis": f"the account is {listing.says}", "row": listing.row}
    if known.names_a_person(listing):
        official = _make_official(listing, known)
        yield official
        # The days of a row are those of the post. Who holds a personal account after it the row does not say.
        yield LinkFact("HELD_BY", account, official.id, basis)
        if listing.mission:
            mission = yield from _read_mission(listing)
            role = f"{CATEGORIES[listing.category]}: {listing.says}"
            # A role is shown in lists; a remark too long for it stands whole in the basis.
            role = role if len(role) <= MAX_ROLE_CHARS else f"{role[: MAX_ROLE_CHARS - 1]}…"
            yield LinkFact(
                "POSTED_AT", official.id, mission, {"role": role, "row": listing.row, **_days(listing)}
            )
    elif listing.category in ("A", "S") and listing.mission:
        mission = yield from _read_mission(listing)
        called = f"{basis['basis']}, and its profile calls itself an institution"
        yield LinkFact("HELD_BY", account, mission, {**basis, "basis": called, **_days(listing)})
    elif listing.category in ("E", "C") and listing.mission:
        mission = yield from _read_mission(listing)
        yield LinkFact("HELD_BY", account, mission, {**basis, **_days(listing)})


def _make_official(listing: Listing, known: Known) -> NodeFact:
    """The person whom a row lists; one account stands for one person, and no two of them are taken for one."""
    key = account_id("twitter", known.ids.get(listing.key), listing.handle).removeprefix("acct:")
    name = known.names.get(listing.key)
    if name:
        note = f"The dataset has no names: so the profile called itself on {known.read_on[listing.key]}."
    else:
        # A handle is no name: the person is called by the role and the account.
        first = known.listings[listing.key][0]
        where = f", {first.place}" if first.place else ""
        role = CATEGORIES.get(first.category, CATEGORIES[listing.category]).capitalize()
        name = f"{role} of {_state(listing.sender)}{where}, @{first.handle}"
        note = "The dataset has no names, and no profile was there to be read."
    lists = dict.fromkeys(
        f"{other.says}." for other in known.listings[listing.key] if not known.is_told(other)
    )
    listed = " ".join(f"The account is {says}" for says in lists)
    properties = {"name": name, "country": listing.sender, "note": f"{note} {listed}"}
    return NodeFact("Official", f"official:{key}", properties, (name,))


def _read_mission(listing: Listing) -> Generator[NodeFact | LinkFact, None, str]:
    """The mission that a row is about with its places; returns its id."""
    consulate = listing.category == "C"
    mission = f"mission:{listing.sender.lower()}-{listing.mission}" + (f":{listing.key}" if consulate else "")
    host = make_country(listing.country, listing.place or listing.country) if listing.country else None
    where = host.properties["name"] if host else listing.place
    state = _state(listing.sender)
    if consulate:
        # A row in category C may be a consul's or a consulate's, and has no town but in a remark.
        kind, name = "consulate", f"Consulate or consul of {state}, {where}, @{listing.handle}"
    elif (listing.mission or "").startswith("in-"):
        kind, name = "embassy", f"Embassy of {state} in {where}"
    else:
        kind, name = "mission", f"Mission of {state}: {where}"
    note = (
        "The dataset lists accounts by country and category and names no missions: this is what it lists so."
    )
    properties = {"name": name, "kind": kind, "sender": listing.sender, "note": note}
    yield NodeFact("Embassy", mission, {**properties, **({"host": listing.country} if host else {})}, (name,))
    yield make_country(listing.sender)
    yield LinkFact("SENT_BY", mission, country_id(listing.sender), {"row": listing.row})
    if host:
        yield host
        yield LinkFact("LOCATED_IN", mission, host.id, {"row": listing.row})
    return mission


def _days(listing: Listing) -> dict[str, str]:
    return {name: day for name, day in (("from", listing.since), ("to", listing.to)) if day}


def _state(code: str) -> str:
    return {"CN": "China", "DE": "Germany", "RU": "Russia"}[code]


def _parse_domains(file: str, path: Path) -> Iterator[Row]:
    for cells in read_rows(path, DOMAINS):
        if isinstance(cells, int):
            yield Row(file, cells, skipped="other number of cells")
            continue
        site = cells.by_column["lang_identifier"] or cells.by_column["url"]
        if not any(cells.by_column.values()):
            yield Row(file, cells.number, skipped="empty row")
        elif not site:
            yield Row(file, cells.number, skipped="no domain", detail=cells.by_column["outlet"])
        else:
            yield Row(file, cells.number, tuple(_read_site(site, cells.by_column)))


def _read_site(site: str, cells: Mapping[str, str]) -> Iterator[NodeFact]:
    """An outlet and one of its sites. No relationship says that the one is the other's: the site's note does."""
    outlet, state = cells["outlet"], cells["country"]
    code = _STATES.get(state)
    listed = f"The dataset lists it as state media of {state.capitalize()}."
    properties = {"name": outlet, "note": listed, **({"country": code} if code else {})}
    yield NodeFact("MediaOutlet", f"outlet:{state}:{outlet}", properties, (outlet,))
    host = site.split("/", maxsplit=1)[0].lower()
    note = f"The dataset lists it as a site of {outlet}, state media of {state.capitalize()}."
    yield NodeFact("Channel", f"site:{host}", {"name": host, "kind": "website", "note": note}, (host,))
