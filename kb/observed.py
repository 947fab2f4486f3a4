"""Observed amplification: what the interactions that datasets show add up to, per pair, channel and dataset."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString, NamedTuple

Run = Callable[[LiteralString, Mapping[str, Any]], Awaitable[list[list[Any]]]]

# A mention or a reply is not an amplification; a reshare or a quote is.
AMPLIFYING: Final = ("quote", "reshare")

_ALL_ACCOUNTS: LiteralString = "MATCH (a:Account) RETURN a.id AS id ORDER BY id"
_CASE_ACCOUNTS: LiteralString = """
MATCH (a:Account) WHERE $case IN a.sources OR a.id IN $also RETURN a.id AS id ORDER BY id"""
_ACCOUNTS_OF_SAME_HOLDERS: LiteralString = """
UNWIND $ids AS id MATCH (a:Account {id: id})-[:HELD_BY]->(:Entity)<-[:HELD_BY]-(b:Account)
RETURN DISTINCT b.id AS id ORDER BY id"""
_STORED: LiteralString = """
MATCH (s:Entity)-[r:AMPLIFIED {basis: 'observed'}]->(t:Entity)
WHERE any(account IN r.accounts WHERE account IN $accounts)
RETURN s.id AS start, t.id AS end, properties(r) AS properties"""
_INTERACTIONS: LiteralString = """
UNWIND $ids AS id MATCH (x:Account {id: id})-[r:INTERACTED]-(y:Account)
WITH DISTINCT r WHERE r.kind IN $kinds
RETURN startNode(r).id AS source, r.id AS id, endNode(r).id AS target, r.kind AS kind, r.at AS at, r.dataset AS dataset,
  r.feeds AS feeds
ORDER BY id"""
_HOLDINGS: LiteralString = """
UNWIND $ids AS id MATCH (a:Account {id: id})-[h:HELD_BY]->(e:Entity)
RETURN a.id AS account, e.canonical AS holder, h.from AS since, h.to AS to ORDER BY account, holder, since"""
_CHANNELS: LiteralString = """
UNWIND $ids AS id MATCH (a:Account {id: id})-[:ON]->(c:Channel) RETURN a.id AS account, min(c.id) AS channel"""


class Edge(NamedTuple):
    """A derived edge: its type, ends, and properties as a sorted tuple (lists as tuples)."""

    type: str
    start: str
    end: str
    properties: tuple[tuple[str, Any], ...]

    @property
    def id(self) -> str:
        """The edge's own id, stable across rebuilds."""
        return str(dict(self.properties)["id"])


def make_edge(kind: str, start: str, end: str, properties: Mapping[str, Any]) -> Edge:
    """An edge that compares equal to the same edge read back: absent values left out, lists as tuples."""
    kept = {k: tuple(v) if isinstance(v, list) else v for k, v in properties.items() if v is not None}
    return Edge(kind, start, end, tuple(sorted(kept.items())))


class Holding(NamedTuple):
    """Who held an account, from day to day (both included); None where the bound is unknown."""

    holder: str
    since: str | None
    to: str | None


class Interaction(NamedTuple):
    """One observed row: `source` acted on a post of `target`."""

    source: str
    id: str
    target: str
    kind: str
    at: str | None
    dataset: str
    feeds: str | None


@dataclass
class Observed:
    """The observed edges in scope and which of them each interaction feeds, beside what is stored."""

    edges: set[Edge] = field(default_factory=set)
    stored_edges: set[Edge] = field(default_factory=set)
    feeds: dict[tuple[str, str], str] = field(default_factory=dict)
    stored_feeds: dict[tuple[str, str], str | None] = field(default_factory=dict)


def find_holder(account: str, at: str | None, holdings: Iterable[Holding]) -> tuple[str, bool]:
    """Who acted: the holder of the account at that instant, else the account; and whether an unknown bound decided it.

    An interaction without a time has a holder only if one holder covers all time.
    """
    day = at[:10] if at else None
    for holding in holdings:
        if day is None:
            covers = holding.since is None and holding.to is None
        else:
            covers = (holding.since or day) <= day <= (holding.to or day)
        if covers:
            return holding.holder, holding.since is None or holding.to is None
    return account, False


async def find_observed(run: Run, case: str | None, also: Sequence[str] = ()) -> Observed:
    """What the interactions of a case's accounts (None: of all) amount to; `also` adds accounts to the scope."""
    accounts, stored = await _find_scope(run, case, also)
    ids = {"ids": sorted(accounts)}
    rows = [Interaction(*row) for row in await run(_INTERACTIONS, {**ids, "kinds": list(AMPLIFYING)})]
    everyone = {"ids": sorted({end for row in rows for end in (row.source, row.target)})}
    holdings: dict[str, list[Holding]] = {}
    for account, *holding in await run(_HOLDINGS, everyone):
        holdings.setdefault(account, []).append(Holding(*holding))
    channels: dict[str, str] = {row[0]: row[1] for row in await run(_CHANNELS, everyone)}
    observed = Observed(stored_edges=stored)
    grouped: dict[tuple[str, str, str | None, str], list[tuple[Interaction, bool]]] = {}
    for row in rows:
        source, source_open = find_holder(row.source, row.at, holdings.get(row.source, ()))
        target, target_open = find_holder(row.target, row.at, holdings.get(row.target, ()))
        key = (source, target, channels.get(row.source), row.dataset)
        grouped.setdefault(key, []).append((row, source_open or target_open))
    for (source, target, channel, dataset), members in grouped.items():
        edge = _add_up(source, target, channel, dataset, members)
        observed.edges.add(edge)
        for row, _ in members:
            observed.feeds[row.source, row.id] = edge.id
            observed.stored_feeds[row.source, row.id] = row.feeds
    return observed


async def _find_scope(run: Run, case: str | None, also: Sequence[str]) -> tuple[set[str], set[Edge]]:
    """The accounts whose edges can be affected, and their stored edges: grown until no edge reaches beyond them."""
    found = await (
        run(_ALL_ACCOUNTS, {}) if case is None else run(_CASE_ACCOUNTS, {"case": case, "also": list(also)})
    )
    accounts = {row[0] for row in found} | set(also)
    while True:
        stored = {make_edge("AMPLIFIED", *row) for row in await run(_STORED, {"accounts": sorted(accounts)})}
        held = {row[0] for row in await run(_ACCOUNTS_OF_SAME_HOLDERS, {"ids": sorted(accounts)})}
        grown = (
            accounts | held | {account for edge in stored for account in dict(edge.properties)["accounts"]}
        )
        if grown == accounts or case is None:
            return accounts, stored
        accounts = grown


def _add_up(
    source: str, target: str, channel: str | None, dataset: str, members: Sequence[tuple[Interaction, bool]]
) -> Edge:
    kinds = {kind: sum(row.kind == kind for row, _ in members) for kind in ("reshare", "quote")}
    words = [f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in kinds.items() if n]
    dated = sorted(row.at for row, _ in members if row.at)
    identity = "|".join(("observed", source, target, channel or "", dataset))
    return make_edge(
        "AMPLIFIED",
        source,
        target,
        {
            "id": "obs:" + hashlib.sha256(identity.encode()).hexdigest()[:32],
            "basis": "observed",
            "channel": channel,
            "count": " and ".join(words) + " held",
            "count_min": len(members),
            "unit": "interactions",
            "first": dated[0] if dated else None,
            "last": dated[-1] if dated else None,
            "dataset": dataset,
            "accounts": sorted({end for row, _ in members for end in (row.source, row.target)}),
            "undated": len(members) - len(dated),
            "bounds_unknown": sum(is_open for _, is_open in members),
        },
    )
