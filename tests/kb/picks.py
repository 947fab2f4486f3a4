"""Selections for the tests of the planner: every field of every type, one at a time, each by the shortest way there."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from kb.questions import FIELDS
from kb.select import Field, Many, One, Page, Pick, Scalar, Statement, compose
from schema.catalog import ENTITY_TYPES

# What a root is asked with, so that it finds a row of the cases that the tests load.
ROOTS: Mapping[str, Mapping[str, Any]] = {
    "amplifications": {},
    "amplifiers": {},
    "entities": {},
    "claims": {},
    "entity": {"id": "per:ilsa-vorrin"},
    "claim": {"id": "teaching_case/T04"},
    "document": {"id": "teaching_case/doc:tern"},
    "timeline": {"id": "per:ilsa-vorrin"},
    "officials": {},
    "embassies": {},
    "tours": {},
    "reports": {},
    "tribunals": {},
    "influencers": {},
    "narratives": {},
    "neighbourhood": {"id": "per:daro-minwen"},
    "paths": {"from": "per:daro-minwen", "to": "per:ilsa-vorrin"},
    "datasets": {},
    "runs": {},
    "passage": {"id": "teaching_case/doc:tern:0-8"},
}


def pick(kind: str, name: str, *picks: Pick, first: int = 200, **arguments: Any) -> Pick:
    """A field picked; a page of it has its first 200 rows, its total and its undated."""
    is_page = isinstance(FIELDS[kind][name], Page)
    return Pick(kind, name, arguments, list(picks), total=is_page, undated=is_page, first=first)


def _opens(field: Field) -> str | None:
    return None if isinstance(field, Scalar) else field.type


def _concrete(kind: str) -> tuple[str, ...]:
    """The types whose fields can be picked where one of `kind` stands."""
    if kind == "Entity":
        return ("Entity", *ENTITY_TYPES)
    return ("Entity", *ENTITY_TYPES, "Claim") if kind == "Thing" else (kind,)


def find_ways() -> dict[str, tuple[tuple[str, str], ...]]:
    """For each type the shortest way from a root to a row of it, as (type, field) steps."""
    ways: dict[str, tuple[tuple[str, str], ...]] = {"Query": ()}
    waiting = deque(["Query"])
    while waiting:
        kind = waiting.popleft()
        # The lists of the roots first: their rows are of every sort.
        for name in ROOTS if kind == "Query" else FIELDS[kind]:
            field = FIELDS[kind][name]
            for opened in _concrete(_opens(field) or ""):
                if opened in FIELDS and opened not in ways:
                    ways[opened] = (*ways[kind], (kind, name))
                    waiting.append(opened)
    return ways


def every_field() -> Iterator[tuple[str, Pick]]:
    """Each field of each type once, named `Type.field`, as a selection from a root."""
    ways = find_ways()
    for kind, fields in FIELDS.items():
        for name, field in fields.items():
            if kind not in ways:
                raise AssertionError(f"no question leads to the type {kind}")
            if kind in ENTITY_TYPES and name in FIELDS["Entity"]:
                continue
            below = next(iter(_concrete(_opens(field) or "")), "")
            leaf = [_scalar(below)] if below else []
            found = pick(kind, name, *leaf, **(ROOTS[name] if kind == "Query" else {}))
            for above, step in reversed(ways[kind]):
                found = pick(above, step, found, **(ROOTS[step] if above == "Query" else {}))
            yield f"{kind}.{name}", found


def _scalar(kind: str) -> Pick:
    for name, field in FIELDS[kind].items():
        if isinstance(field, Scalar):
            return pick(kind, name)
    for name, field in FIELDS[kind].items():
        if isinstance(field, One | Many):
            return pick(kind, name, _scalar(field.type))
    raise AssertionError(f"{kind} has no field without arguments")


ID = Pick("Claim", "id")
RECORD = [Pick("Amplification", "id"), pick("Amplification", "count", Pick("RecordCount", "text"))]
FROM_TEACHING_CASE = {
    "who": "per:ilsa-vorrin",
    "what": "content:valley-films",
    "whose": "grp:travel-creators",
    "via": "acct:plaza:id:7001",
    "at": "place:port-elm",
    "during": "tour:ambrel-spring",
    "about": "place:ambrel-valley",
    "entity": "org:harbour-institute",
    "saidBy": "work:borrowed-lenses",
    "document": "teaching_case/doc:tern",
    "verb": "AMPLIFIED",
    "case": "teaching_case",
    "kind": ["finding", "allegation"],
    "modality": ["asserted", "possible"],
    "contested": True,
    "text": "valley",
    "status": ["garbled", "suggested"],
    "period": "2024-01/2024-06",
    "validAt": "2024-05-01",
    "knownAt": "2026-12-01T00:00:00Z",
}
RECORD_ARGUMENTS: dict[str, Any] = {
    "amplifier": "per:ilsa-vorrin",
    "amplified": "per:daro-minwen",
    "content": "content:valley-films",
    "channel": "platform:plaza",
    "channelStated": False,
    "channelKind": "platform",
    "narrative": "narrative:new-homes",
    "period": "2024-01/2024-06",
    "validAt": "2024-05-01",
    "knownAt": "2026-12-01T00:00:00Z",
    "modality": ["possible"],
    "minCount": 2,
}

GROUP = [Pick("AmplifierGroup", "id"), pick("AmplifierGroup", "reported", Pick("ReportedSide", "claimCount"))]
GROUPS = (
    ["amplifier"], ["amplified"], ["channel"], ["country"], ["month"],
    ["amplifier", "channel"], ["country", "month"], ["channel", "amplified"],
)  # fmt: skip
STARTS: tuple[dict[str, Any], ...] = ({}, {"of": "per:daro-minwen"}, {"period": "2024-05"})
OFFICIALS: tuple[dict[str, Any], ...] = (
    {"embassy": "org:kestria-embassy-port-elm"},
    {"embassy": "org:kestria-embassy-port-elm", "at": "2024-01-01"},
    {"at": "2024-01-01"},
)
ITEM = [Pick("TimelineItem", "id")]
POSTING = [Pick("Posting", "role"), pick("Posting", "official", Pick("Entity", "id"))]


def find_rankings() -> Iterator[tuple[str, Pick]]:
    """A ranking for each key, order, way to start and condition."""
    for keys in GROUPS:
        name = " ".join(keys)
        for arguments in STARTS:
            asked = " ".join(arguments)
            yield f"groups {name} {asked}", pick("Query", "amplifiers", *GROUP, groupBy=keys, **arguments)
    for order, behind in (
        ("REPORTED", (56, 1, -1, "a|~")),
        ("OBSERVED", (3, -1, 1, "a|~")),
        ("KEY", ("a|~",)),
    ):
        yield f"groups by {order}", pick("Query", "amplifiers", *GROUP, orderBy=order)
        yield (
            f"groups by {order} behind",
            _behind(pick("Query", "amplifiers", *GROUP, orderBy=order), *behind),
        )
    for basis in (None, "reported", "observed"):
        for name, value in RECORD_ARGUMENTS.items():
            if name not in ("amplified", "minCount"):
                asked_with: dict[str, Any] = {name: value, "basis": basis}
                yield f"groups {basis} {name}", pick("Query", "amplifiers", *GROUP, **asked_with)


def find_timelines_and_listings() -> Iterator[tuple[str, Pick]]:
    """A timeline and a listing for each of their arguments."""
    for entity in ("per:ilsa-vorrin", "acct:plaza:id:7002", "work:borrowed-lenses"):
        yield f"timeline of {entity}", pick("Query", "timeline", *ITEM, id=entity)
    for name in ("period", "validAt", "knownAt"):
        found = pick("Query", "timeline", *ITEM, id="per:ilsa-vorrin", **{name: RECORD_ARGUMENTS[name]})
        yield f"timeline {name}", found
    behind = pick("Query", "timeline", *ITEM, id="per:ilsa-vorrin")
    yield "timeline behind", _behind(behind, "2024-04-20T09:00:00Z", "a")
    for arguments in OFFICIALS:
        yield f"officials {' '.join(arguments)}", pick("Query", "officials", *POSTING, **arguments)
    yield "officials behind", _behind(pick("Query", "officials", *POSTING), "a", "a", "~", "a>")
    for name in ("country", "sender"):
        state: Any = {name: "CN"}
        yield f"embassies {name}", pick("Query", "embassies", Pick("Embassy", "id"), **state)
    for name in ("embassies", "tours", "reports", "datasets", "runs"):
        kind = FIELDS["Query"][name].type  # type: ignore[union-attr]
        yield f"{name} behind", _behind(pick("Query", name, Pick(kind, "id")), "2024", "a")


def every_question() -> dict[str, Pick]:
    """A selection for each way to start and each condition, over those for each field."""
    found = dict(every_field())
    for name, value in FROM_TEACHING_CASE.items():
        found[f"claims {name}"] = pick("Query", "claims", ID, filter={name: value})
    found["claims behind"] = _behind(pick("Query", "claims", ID, filter={"verb": "AMPLIFIED"}), "a")
    for name in ("verb", "who", "status", "period", "knownAt", "text"):
        inner = pick("Entity", "claims", ID, filter={name: FROM_TEACHING_CASE[name]})
        found[f"claims of one {name}"] = pick("Query", "entities", inner, types=["Organization"])
    for order, keys in (("EARLIEST", ("2024", "a")), ("LATEST", ("2024", "a"))):
        found[f"claims by {order}"] = pick("Query", "claims", ID, orderBy=order)
        found[f"claims by {order} behind"] = _behind(pick("Query", "claims", ID, orderBy=order), *keys)
    for basis in (None, "reported", "observed"):
        found[f"records {basis}"] = pick("Query", "amplifications", *RECORD, basis=basis)
        behind = (1, 2, "", "a") if basis is None else (2, "a")
        found[f"records {basis} behind"] = _behind(
            pick("Query", "amplifications", *RECORD, basis=basis), *behind
        )
        for name, value in RECORD_ARGUMENTS.items():
            arguments = {name: value, "basis": basis}
            found[f"records {basis} {name}"] = pick("Query", "amplifications", *RECORD, **arguments)
    for side in ("amplified", "amplifiedBy"):
        for name, value in {**RECORD_ARGUMENTS, "basis": "reported"}.items():
            inner = pick("Entity", side, *RECORD, filter={name: value})
            found[f"records of one {side} {name}"] = pick(
                "Query", "entities", inner, types=["Account", "Official"]
            )
    found |= dict(find_rankings())
    found |= dict(find_timelines_and_listings())
    for name, value in (
        ("search", "minwen"),
        ("search", "daro minwen"),
        ("search", "da"),
        ("search", "per:daro-minwen"),
        ("search", "Q42"),
        ("types", ["Person", "Tour"]),
        ("country", "CN"),
    ):
        asked: dict[str, Any] = {name: value}
        found[f"entities {name} {value}"] = pick("Query", "entities", Pick("Entity", "id"), **asked)
    around = pick("Neighbourhood", "edges", Pick("Link", "id"))
    found["neighbourhood of 2"] = pick(
        "Query", "neighbourhood", around, id="per:daro-minwen", hops=2, limit=3
    )
    for hops in (1, 2, 4, 5):
        ends: dict[str, Any] = {"from": "per:daro-minwen", "to": "per:ilsa-vorrin"}
        found[f"paths of {hops}"] = pick("Query", "paths", Pick("Paths", "total"), maxHops=hops, **ends)
    found["entities behind"] = _behind(pick("Query", "entities", Pick("Entity", "id"), search="a"), 1, "a")
    return found


def _behind(found: Pick, *keys: Any) -> Pick:
    found.after = keys
    return found


QUESTIONS = every_question()


def statement(name: str) -> Statement:
    return compose(FIELDS, QUESTIONS[name], searched=True)
