"""Observed amplification: what the rows of datasets add up to, per pair, channel and dataset.

The unit is an actor: whoever held an account at the instant of a row, else the account. All observed edges that start
at an actor are made of rows of its accounts alone, so a change of some rows is followed by making anew the edges of
the actors behind them, and a rebuild by doing so for every actor.
"""

import hashlib
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, LiteralString, NamedTuple

Run = Callable[[LiteralString, Mapping[str, Any]], Awaitable[list[list[Any]]]]

# A mention or a reply is not an amplification; a reshare or a quote is.
AMPLIFYING: Final = ("quote", "reshare")
# A reshare of a reshare counts for its origin. A quote says something of its own, so it is an origin itself.
PASSING_ON: Final = "reshare"

_HELD_BY: LiteralString = """
UNWIND $ids AS id MATCH (a:Entity {id: id})-[h:HELD_BY]->(e:Entity)
RETURN a.id AS account, e.canonical AS holder, h.from AS since, h.to AS to"""
_HOLDS: LiteralString = """
UNWIND $ids AS id MATCH (e:Entity {id: id})<-[:HELD_BY]-(a:Account) RETURN DISTINCT a.id AS account"""
_INTERACTIONS: LiteralString = """
UNWIND $ids AS id MATCH (a:Entity {id: id})-[r:INTERACTED]->(b:Account)
WHERE r.kind IN $kinds AND ($dataset IS NULL OR r.dataset = $dataset)
RETURN a.id AS source, b.id AS target, r.row AS row, r.kind AS kind, r.at AS at, r.dataset AS dataset,
  r.feeds AS feeds"""
# Datasets may each show who posted a post, and differ: the first id of them is its author, here and in _AUTHORS.
_SHARES: LiteralString = """
UNWIND $ids AS id MATCH (a:Entity {id: id})-[:POSTED]->(p:Post)
WHERE NOT EXISTS { MATCH (p)<-[:POSTED]-(b:Account) WHERE b.id < id }
WITH DISTINCT a, p MATCH (p)-[r:SHARES]->(q:Post)
WHERE r.kind IN $kinds AND ($dataset IS NULL OR r.dataset = $dataset)
RETURN a.id AS source, p.id AS post, q.id AS shared, r.row AS row, r.kind AS kind, coalesce(r.at, p.at) AS at,
  r.dataset AS dataset, r.feeds AS feeds"""
_PASSED_ON: LiteralString = """
UNWIND $ids AS id MATCH (p:Entity {id: id})-[r:SHARES]->(q:Post) WHERE r.kind = $kind
RETURN p.id AS post, min(q.id) AS shared"""
_AUTHORS: LiteralString = """
UNWIND $ids AS id MATCH (p:Entity {id: id})<-[:POSTED]-(a:Account) RETURN p.id AS post, min(a.id) AS author"""
_CHANNELS: LiteralString = """
UNWIND $ids AS id MATCH (a:Entity {id: id})-[:ON]->(c:Channel)
WITH a, c ORDER BY c.id WITH a, collect(c) AS channels
RETURN a.id AS account, channels[0].id AS channel, channels[0].kind AS kind"""
# Not `r.basis = ...`: planned while there are few edges, Neo4j reads the index of all observed ones for every actor.
_STORED: LiteralString = """
UNWIND $ids AS id MATCH (s:Entity {id: id})-[r:AMPLIFIED]->(t:Entity)
WHERE coalesce(r.basis, '') = 'observed' AND ($dataset IS NULL OR r.dataset = $dataset)
RETURN s.id AS start, t.id AS end, properties(r) AS properties"""
_KINDS_OF_CHANNELS: LiteralString = (
    "UNWIND $ids AS id MATCH (c:Entity {id: id}) RETURN c.id AS channel, c.kind AS kind"
)

# Everything that may act: accounts, those who hold one, and whatever has an observed edge.
_ACTORS: LiteralString = """
MATCH (e:Entity) WHERE e.id > $after AND (e:Account OR EXISTS { (e)<-[:HELD_BY]-(:Account) }
  OR EXISTS { MATCH (e)-[r:AMPLIFIED]->(:Entity) WHERE coalesce(r.basis, '') = 'observed' })
RETURN e.id AS id ORDER BY id LIMIT $limit"""
_ACTING_INTO: LiteralString = """
UNWIND $ids AS id MATCH (b:Entity {id: id})<-[r:INTERACTED]-(a:Account) WHERE r.kind IN $kinds
RETURN DISTINCT a.id AS account"""
_POSTS_OF: LiteralString = (
    "UNWIND $ids AS id MATCH (a:Entity {id: id})-[:POSTED]->(p:Post) RETURN DISTINCT p.id AS post"
)
_SHARED_BY: LiteralString = """
UNWIND $ids AS id MATCH (q:Entity {id: id})<-[r:SHARES]-(p:Post) WHERE r.kind IN $kinds RETURN DISTINCT p.id AS post"""
_POSTED_BY: LiteralString = """
UNWIND $ids AS id MATCH (p:Entity {id: id})<-[:POSTED]-(a:Account) RETURN DISTINCT a.id AS account"""


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


class Observation(NamedTuple):
    """One row: `source` shared what `target` published; `target` is a post when its author is not known.

    `start`, `end` and `row` tell the relationship of type `type`; `is_plain` when it runs between the row's own two
    ends, as an edge of accounts that nobody holds does.
    """

    source: str
    target: str
    kind: str
    at: str | None
    dataset: str
    type: str
    start: str
    end: str
    row: str
    is_plain: bool
    feeds: str | None

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What tells its relationship from all others."""
        return (self.type, self.start, self.end, self.dataset, self.row)


@dataclass
class Observed:
    """The observed edges of some actors and which of them each row feeds, beside what is stored.

    `feeds` has only rows that do not lie between the two ends of their edge: those are found without.
    """

    edges: set[Edge] = field(default_factory=set)
    stored_edges: set[Edge] = field(default_factory=set)
    feeds: dict[tuple[str, str, str, str, str], str | None] = field(default_factory=dict)
    stored_feeds: dict[tuple[str, str, str, str, str], str | None] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    """Channel -> what sort of channel it is."""


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


async def find_observed(run: Run, actors: Collection[str], dataset: str | None = None) -> Observed:
    """What the rows behind `actors` amount to, as edges that start at them; of one dataset, or of all (None)."""
    held = [row[0] for row in await run(_HOLDS, {"ids": sorted(actors)})]
    rows = await _find_rows(run, sorted({*actors, *held}), dataset)
    ends = sorted({end for row in rows for end in (row.source, row.target)})
    holdings: dict[str, list[Holding]] = {}
    for account, *holding in await run(_HELD_BY, {"ids": ends}):
        holdings.setdefault(account, []).append(Holding(*holding))
    for several in holdings.values():
        # Two datasets may each know a bound that the other does not: which of them decides must not depend on luck.
        several.sort(key=lambda holding: [part or "~" for part in holding])
    channels = {
        row[0]: (row[1], row[2])
        for row in await run(_CHANNELS, {"ids": sorted({row.source for row in rows})})
    }
    observed = Observed()
    grouped: dict[tuple[str, str, str | None, str], list[tuple[Observation, bool]]] = {}
    for row in rows:
        source, source_open = find_holder(row.source, row.at, holdings.get(row.source, ()))
        if source not in actors:
            continue
        target, target_open = find_holder(row.target, row.at, holdings.get(row.target, ()))
        key = (source, target, channels.get(row.source, (None, None))[0], row.dataset)
        grouped.setdefault(key, []).append((row, source_open or target_open))
    for (source, target, channel, name), members in grouped.items():
        edge = _make_observed(source, target, channel, name, members)
        observed.edges.add(edge)
        for row, _ in members:
            is_found = row.is_plain and (source, target) == (row.source, row.target)
            observed.feeds[row.key] = None if is_found else edge.id
            observed.stored_feeds[row.key] = row.feeds
    stored = await run(_STORED, {"ids": sorted(actors), "dataset": dataset})
    observed.stored_edges = {make_edge("AMPLIFIED", *row) for row in stored}
    observed.kinds = dict(channels.values())
    named = {str(dict(edge.properties).get("channel", "")) for edge in observed.stored_edges}
    left = named - {"", *observed.kinds}
    observed.kinds |= {row[0]: row[1] for row in await run(_KINDS_OF_CHANNELS, {"ids": sorted(left)})}
    return observed


async def find_actors(run: Run, accounts: Collection[str]) -> set[str]:
    """The accounts and whoever holds or held them."""
    return {*accounts, *(row[1] for row in await run(_HELD_BY, {"ids": sorted(accounts)}))}


async def find_actor_page(run: Run, after: str, limit: int) -> list[str]:
    """The next `limit` of everything that may have observed edges, in the order of their ids."""
    return [row[0] for row in await run(_ACTORS, {"after": after, "limit": limit})]


async def find_acting_into(run: Run, accounts: Collection[str]) -> set[str]:
    """The accounts whose rows lead to these: they shared a post of one, directly or through other reshares."""
    asked = {"ids": sorted(accounts), "kinds": list(AMPLIFYING)}
    acting = {row[0] for row in await run(_ACTING_INTO, asked)}
    posts = {row[0] for row in await run(_POSTS_OF, {"ids": sorted(accounts)})}
    return acting | await find_sharers(run, posts)


async def find_sharers(run: Run, posts: Collection[str]) -> set[str]:
    """The accounts that published one of these posts or shared one, directly or through other reshares."""
    found, waiting = set(posts), set(posts)
    while waiting:
        asked = {"ids": sorted(waiting), "kinds": list(AMPLIFYING)}
        waiting = {row[0] for row in await run(_SHARED_BY, asked)} - found
        found |= waiting
    return {row[0] for row in await run(_POSTED_BY, {"ids": sorted(found)})}


async def _find_rows(run: Run, accounts: Sequence[str], dataset: str | None) -> list[Observation]:
    asked = {"ids": accounts, "kinds": list(AMPLIFYING), "dataset": dataset}
    rows = [
        Observation(
            source, target, kind, at, name, "INTERACTED", source, target, number, is_plain=True, feeds=feeds
        )
        for source, target, number, kind, at, name, feeds in await run(_INTERACTIONS, asked)
    ]
    shares = await run(_SHARES, asked)
    if not shares:
        return rows
    shared: set[str] = {row[2] for row in shares}
    origins = await _find_origins(run, shared)
    posts = sorted({origins.get(post, post) for post in shared})
    authors: dict[str, str] = {row[0]: row[1] for row in await run(_AUTHORS, {"ids": posts})}
    for source, post, passed, number, kind, at, name, feeds in shares:
        origin: str = origins.get(passed) or passed
        author: str = authors.get(origin, origin)
        rows.append(
            Observation(
                source, author, kind, at, name, "SHARES", post, passed, number, origin == passed, feeds
            )
        )
    return rows


async def _find_origins(run: Run, posts: Collection[str]) -> dict[str, str]:
    """Where each post that passes on another comes from. In a ring nothing does: such a post stands for itself."""
    passed_on: dict[str, str] = {}
    waiting = set(posts)
    while waiting:
        found = {
            row[0]: row[1] for row in await run(_PASSED_ON, {"ids": sorted(waiting), "kind": PASSING_ON})
        }
        passed_on |= found
        waiting = set(found.values()) - passed_on.keys()
    origins: dict[str, str] = {}
    for post in posts:
        origin, seen = post, {post}
        while origin in passed_on and passed_on[origin] not in seen:
            origin = passed_on[origin]
            seen.add(origin)
        if origin not in passed_on:
            origins[post] = origin
    return origins


def add_up(
    source: str,
    target: str,
    channel: str | None,
    dataset: str,
    rows: Sequence[tuple[str, str | None]],
    *,
    from_accounts: list[str] | None = None,
    to_accounts: list[str] | None = None,
    bounds_unknown: int = 0,
) -> dict[str, Any]:
    """The properties of the edge that `rows` (kind and time of each) amount to.

    `from_accounts` and `to_accounts` are those behind an end that is no account, or is not the only one, sorted;
    `bounds_unknown`: how many of the rows have an end whose holder an unknown bound decided.
    """
    quotes = [kind for kind, _ in rows].count("quote")
    dated = sorted(at for _, at in rows if at)
    identity = "|".join(("observed", source, target, channel or "", dataset))
    return {
        "id": "obs:" + hashlib.sha256(identity.encode()).hexdigest()[:32],
        "basis": "observed",
        "channel": channel,
        "count": _count_in_words(len(rows) - quotes, quotes),
        "count_min": len(rows),
        "unit": "interactions",
        "first": dated[0] if dated else None,
        "last": dated[-1] if dated else None,
        "dataset": dataset,
        "from_accounts": from_accounts,
        "to_accounts": to_accounts,
        "undated": len(rows) - len(dated),
        "bounds_unknown": bounds_unknown,
    }


@lru_cache(maxsize=1024)
def _count_in_words(reshares: int, quotes: int) -> str:
    words = [
        f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in (("reshare", reshares), ("quote", quotes)) if n
    ]
    return " and ".join(words) + " held"


def _make_observed(
    source: str, target: str, channel: str | None, dataset: str, members: Sequence[tuple[Observation, bool]]
) -> Edge:
    # A post has no account behind it when no dataset shows its author.
    targets = sorted({row.target for row, _ in members if row.target.startswith("acct:")})
    sources = sorted({row.source for row, _ in members})
    properties = add_up(
        source,
        target,
        channel,
        dataset,
        [(row.kind, row.at) for row, _ in members],
        from_accounts=None if sources == [source] else sources,
        to_accounts=None if targets in ([target], []) else targets,
        bounds_unknown=sum(is_open for _, is_open in members),
    )
    return make_edge("AMPLIFIED", source, target, properties)
