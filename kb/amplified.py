"""Observed edges: written beside the counters of their ends, for some actors or for all, in bounded transactions."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, LiteralString, NamedTuple

from kb.observed import Edge, find_actor_page, find_observed
from kb.store import Store, Transaction, batched, literal
from schema.catalog import COUNTERS, counters_of
from schema.verbs import VERB_NAMES

# Actors a transaction: with the edges of a usual network some 10,000 writes.
PAGE_ACTORS: Final = 5_000

# A value at its place for each property of an observed edge: the order of the statements that create them.
PROPERTIES: Final = (
    "id", "channel", "count", "count_min", "first", "last", "dataset", "undated", "bounds_unknown",
    "from_accounts", "to_accounts",
)  # fmt: skip
_NEW_EDGE: LiteralString = """
CREATE (s)-[:AMPLIFIED {basis: 'observed', unit: 'interactions', id: e[1], channel: e[2], count: e[3], count_min: e[4],
  first: e[5], last: e[6], dataset: e[7], undated: e[8], bounds_unknown: e[9], from_accounts: e[10],
  to_accounts: e[11]}]->(t)"""
_CREATE: LiteralString = (
    "UNWIND $rows AS g MATCH (s:Entity {id: g[0]}) UNWIND g[1] AS e MATCH (t:Entity {id: e[0]})" + _NEW_EDGE
)
# Of keys (start, end) behind `lo` and not behind `hi`. A start that has an edge of the dataset there gets none: the
# number that was created tells.
_CREATE_FIRST: LiteralString = (
    """
UNWIND $rows AS g MATCH (s:Entity {id: g[0]})
WHERE NOT EXISTS { MATCH (s)-[x:AMPLIFIED]->(y:Entity) WHERE x.dataset = $dataset
                   AND (s.id <> $lo[0] OR y.id > $lo[1]) AND (s.id <> $hi[0] OR y.id <= $hi[1]) }
WITH s, g UNWIND g[1] AS e MATCH (t:Entity {id: e[0]})"""
    + _NEW_EDGE
)
_DELETE: LiteralString = """
UNWIND $rows AS row MATCH (s:Entity {id: row[0]})-[r:AMPLIFIED]->(t:Entity {id: row[1]}) WHERE r.id = row[2] DELETE r"""
_FEED: Final[dict[str, LiteralString]] = {
    "INTERACTED": """
UNWIND $rows AS row MATCH (a:Entity {id: row[0]})-[r:INTERACTED]->(b:Entity {id: row[1]})
WHERE r.dataset = row[2] AND r.row = row[3] SET r.feeds = row[4]""",
    "SHARES": """
UNWIND $rows AS row MATCH (a:Entity {id: row[0]})-[r:SHARES]->(b:Entity {id: row[1]})
WHERE r.dataset = row[2] AND r.row = row[3] SET r.feeds = row[4]""",
}
_COUNTED: LiteralString = """
UNWIND $ids AS id MATCH (e:Entity {id: id})
OPTIONAL MATCH (e)-[o:AMPLIFIED]->(:Entity) WHERE coalesce(o.basis, '') = 'observed'
WITH e, collect([o.channel, o.count_min]) AS out
OPTIONAL MATCH (e)<-[i:AMPLIFIED]-(:Entity) WHERE coalesce(i.basis, '') = 'observed'
WITH e, out, collect([i.channel, i.count_min]) AS into
RETURN e.id AS id, out, into, properties(e) AS stored, COUNT { (e)-[r]-(:Entity) WHERE type(r) IN $types } AS degree"""
_CHANNEL_KINDS: LiteralString = "MATCH (c:Channel) RETURN c.id AS id, c.kind AS kind"
_PAGE: LiteralString = """
MATCH (e:Entity) WHERE e.id > $after AND ($dataset IS NULL OR $dataset IN e.sources)
RETURN e.id AS id ORDER BY id LIMIT $limit"""
_SET: LiteralString = "UNWIND $rows AS row MATCH (e:Entity {id: row[0]}) SET e += row[1]"


class _Count(NamedTuple):
    """What an end of edges of one channel has more: interactions out and in, and edges."""

    end: str
    channel: str | None
    out: int
    into: int
    edges: int


class NewEdge(NamedTuple):
    """An observed edge that is not stored yet: its `values` are those of PROPERTIES."""

    start: str
    end: str
    values: list[Any]
    ends: tuple[int, ...] = ()
    """The numbers of the entities at both ends in an export."""

    @property
    def key(self) -> tuple[str, str]:
        """What edges are sorted by."""
        return (self.start, self.end)

    @property
    def said(self) -> tuple[Any, ...]:
        """What its batch is known by."""
        return (self.start, self.end, self.values)


class Changed(NamedTuple):
    """How many edges were created, changed and removed, and how many rows feed another edge."""

    created: int = 0
    updated: int = 0
    removed: int = 0
    fed: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self)

    def plus(self, other: "Changed") -> "Changed":
        """Both together."""
        return Changed(*(a + b for a, b in zip(self, other, strict=True)))


async def derive_actors(
    transaction: Transaction, actors: Collection[str], dataset: str | None = None
) -> Changed:
    """Makes the observed edges that start at `actors` equal to what their rows amount to; of one dataset or of all."""
    if not actors:
        return Changed()
    observed = await find_observed(transaction.run, actors, dataset)
    gone, fresh = observed.stored_edges - observed.edges, observed.edges - observed.stored_edges
    for rows in batched(sorted([edge.start, edge.end, edge.id] for edge in gone)):
        await transaction.run(_DELETE, {"rows": rows})
    for rows in batched(_grouped(map(_new, sorted(fresh, key=lambda edge: (edge.start, edge.end, edge.id))))):
        await transaction.run(_CREATE, {"rows": rows})
    feeds = {key: edge for key, edge in observed.feeds.items() if observed.stored_feeds[key] != edge}
    for kind, statement in _FEED.items():
        changed = sorted([*key[1:], edge or ""] for key, edge in feeds.items() if key[0] == kind)
        for rows in batched([[*row[:-1], row[-1] or None] for row in changed]):
            await transaction.run(statement, {"rows": rows})
    await _count(
        transaction,
        observed.kinds,
        [
            *(end for edge in gone for end in _ends(edge, -1)),
            *(end for edge in fresh for end in _ends(edge, 1)),
        ],
    )
    ids = {edge.id for edge in gone} & {edge.id for edge in fresh}
    return Changed(len(fresh) - len(ids), len(ids), len(gone) - len(ids), len(feeds))


class EdgesStoredError(Exception):
    """Some start of new edges has edges of the dataset already: the transaction must not be committed."""


async def create_first(
    transaction: Transaction,
    dataset: str,
    edges: Sequence[NewEdge],
    *,
    behind: tuple[str, str],
    is_fresh: bool,
) -> None:
    """Creates the first observed edges of a dataset between two keys; the counters of their ends are left as they are.

    `edges` are sorted by their keys, which are behind `behind`. `is_fresh`: nobody can have made edges of the dataset.
    Raises EdgesStoredError when one of the starts has an edge there.
    """
    before = transaction.counters.relationships_created
    asked = {"dataset": dataset, "lo": list(behind), "hi": list(edges[-1].key), "rows": _grouped(edges)}
    await transaction.run(_CREATE if is_fresh else _CREATE_FIRST, asked)
    if transaction.counters.relationships_created - before != len(edges):
        raise EdgesStoredError


async def find_channel_kinds(store: Store) -> dict[str, str]:
    """The sort of each channel, by its id."""
    return {row[0]: row[1] for row in await store.read(_CHANNEL_KINDS)}


async def derive_every_actor(store: Store) -> Changed:
    """Makes all observed edges and counters anew, a page of actors in each transaction."""
    changed = Changed()
    async for actors in actor_pages(store):

        async def work(transaction: Transaction, actors: list[str] = actors) -> Changed:
            return await derive_actors(transaction, actors)

        changed = changed.plus(await store.write(work))
    return changed.plus(Changed(fed=await mend_counters(store)))


async def mend_counters(store: Store, dataset: str | None = None) -> int:
    """Sets the counters of the entities of a dataset, or of all, to what their edges amount to; how many were wrong."""
    mended = 0
    async for wrong in _wrong_counters(store, dataset):

        async def mend(transaction: Transaction, wrong: list[list[Any]] = wrong) -> None:
            await transaction.run(_SET, {"rows": wrong})

        await store.write(mend)
        mended += len(wrong)
    return mended


async def find_stale_observed(store: Store) -> list[dict[str, Any]]:
    """Every observed edge, row and counter that differs from what it is derived from."""
    rows: list[dict[str, Any]] = []
    async for actors in actor_pages(store):
        observed = await find_observed(store.read, actors)
        for what, edges in (
            ("should not be there", observed.stored_edges - observed.edges),
            ("is missing", observed.edges - observed.stored_edges),
        ):
            rows += [
                {"edge": edge.type, "from": edge.start, "to": edge.end, "id": edge.id, "what": what}
                for edge in sorted(edges)
            ]
        rows += [
            {"row": "|".join(key), "should feed": edge, "feeds": observed.stored_feeds[key]}
            for key, edge in observed.feeds.items()
            if observed.stored_feeds[key] != edge
        ]
    async for wrong in _wrong_counters(store):
        rows += [{"entity": key, "should have": counters} for key, counters in wrong]
    return rows


async def actor_pages(store: Store) -> AsyncIterator[list[str]]:
    """Everything that may have observed edges, in pages."""
    page = await find_actor_page(store.read, "", PAGE_ACTORS)
    while page:
        yield page
        page = await find_actor_page(store.read, page[-1], PAGE_ACTORS)


def _ends(edge: Edge, sign: int) -> Iterator[_Count]:
    given = dict(edge.properties)
    channel, count = given.get("channel"), sign * given["count_min"]
    yield _Count(edge.start, channel, count, 0, sign)
    yield _Count(edge.end, channel, 0, count, sign if edge.end != edge.start else 0)


def _new(edge: Edge) -> NewEdge:
    given = dict(edge.properties)
    values = [given.get(name) for name in PROPERTIES]
    return NewEdge(
        edge.start, edge.end, [list(value) if isinstance(value, tuple) else value for value in values]
    )


def _grouped(edges: Iterable[NewEdge]) -> list[list[Any]]:
    """Sorted edges by their start, each as its end with its values."""
    return [
        [start, [[edge.end, *edge.values] for edge in group]]
        for start, group in groupby(edges, key=attrgetter("start"))
    ]


async def _count(
    transaction: Transaction,
    kinds: Mapping[str, str],
    changes: Iterable[_Count],
) -> None:
    """Adds what changed to the counters of the ends of edges, in the transaction that changes the edges.

    `kinds`: the sort of each channel.
    """
    added: dict[str | None, dict[str, list[int]]] = {}
    for end, channel, *numbers in changes:
        counts = added.setdefault(kinds.get(channel or ""), {}).setdefault(end, [0, 0, 0])
        for place, number in enumerate(numbers):
            counts[place] += number
    for kind, ends in added.items():
        # Most entities are on one side only: what does not change is not written.
        by_sides: dict[tuple[bool, bool], list[list[Any]]] = {}
        for key, counts in sorted(ends.items()):
            if any(counts):
                by_sides.setdefault((counts[0] != 0, counts[1] != 0), []).append([key, *counts])
        for (out, into), changed in by_sides.items():
            statement = _add_statement(kind, out=out, into=into)
            for rows in batched(changed):
                await transaction.run(literal(statement), {"rows": rows})


def _add_statement(kind: str | None, *, out: bool, into: bool) -> str:
    """Adds to the counters of these directions, in all and of one sort of channel, and to the degree."""
    sums = {"degree": 3}
    for counters in (counters_of(None), counters_of(kind)):
        sums |= {counters[0]: 1} if out else {}
        sums |= {counters[1]: 2} if into else {}
    added = ", ".join(f"e.{name} = coalesce(e.{name}, 0) + row[{place}]" for name, place in sums.items())
    return f"UNWIND $rows AS row MATCH (e:Entity {{id: row[0]}}) SET {added}"


async def _wrong_counters(store: Store, dataset: str | None = None) -> AsyncIterator[list[list[Any]]]:
    """The entities whose counters are not what their edges amount to, with what they should be, in pages."""
    kinds = await find_channel_kinds(store)
    after = ""
    while page := await store.read(_PAGE, {"after": after, "dataset": dataset, "limit": PAGE_ACTORS}):
        after = page[-1][0]
        asked = {"ids": [row[0] for row in page], "types": sorted(VERB_NAMES)}
        wrong: list[list[Any]] = []
        for key, out, into, stored, degree in await store.read(_COUNTED, asked):
            right = {**_sum_up(out, into, kinds), "degree": degree}
            names = (*COUNTERS, "degree")
            if any((stored.get(name) or 0) != right.get(name, 0) for name in names):
                wrong.append(
                    [key, {name: right.get(name, 0) for name in names if name in stored or name in right}]
                )
        if wrong:
            yield wrong


def _sum_up(
    out: Sequence[Sequence[Any]], into: Sequence[Sequence[Any]], kinds: dict[str, str]
) -> dict[str, int]:
    sums: dict[str, int] = {}
    for direction, edges in enumerate((out, into)):
        for channel, count in edges:
            for name in {counters_of(None)[direction], counters_of(kinds.get(channel))[direction]}:
                sums[name] = sums.get(name, 0) + (count or 0)
    return sums
