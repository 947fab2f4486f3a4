"""Reads a store for ordinary resolvers: one small statement for each thing that is asked, the same asked once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from kb.store import Store, literal

ROLES = "WHO|WHAT|WHOSE|VIA|AT|DURING|ABOUT"
# Claims as they are shown when nothing else is asked for, and what nobody has accepted yet.
SHOWN = "m.known_to IS NULL AND m.status = 'accepted'"


class Object(NamedTuple):
    """Something in the graph: its GraphQL type, the label and id to find it by, and the edge that led there."""

    type: str
    label: str
    id: str
    edge: Mapping[str, Any] = {}
    others: Mapping[str, "Object"] = {}


class Reader:
    """What a resolver asks of a store that does not change."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asked: dict[tuple[str, str], list[list[Any]]] = {}

    async def rows(self, statement: str, **parameters: Any) -> list[list[Any]]:
        """The rows of a statement."""
        key = (statement, repr(sorted(parameters.items())))
        if key not in self._asked:
            self._asked[key] = await self._store.read(literal(statement), parameters)
        return self._asked[key]

    async def ids(self, match: str, **parameters: Any) -> list[str]:
        """The ids of what `m` is in a pattern."""
        return sorted({row[0] for row in await self.rows(f"MATCH {match} RETURN m.id AS id", **parameters)})

    async def edges(self, match: str, **parameters: Any) -> list[tuple[str, dict[str, Any]]]:
        """The ids of what `m` is in a pattern, each with the properties of `e`."""
        rows = await self.rows(f"MATCH {match} RETURN m.id AS id, properties(e) AS edge", **parameters)
        return sorted(((row[0], row[1]) for row in rows), key=lambda row: (row[0], str(row[1].get("level"))))

    async def find(self, label: str, key: str) -> Object | None:
        """What has the id, if anything has."""
        rows = await self.rows(f"MATCH (n:{label} {{id: $id}}) RETURN n.type AS type", id=key)
        if not rows:
            return None
        return Object(rows[0][0] if label == "Entity" else label, label, key)

    async def open(self, label: str, key: str) -> Object:
        """What has the id."""
        found = await self.find(label, key)
        assert found is not None, key
        return found

    async def open_all(self, label: str, keys: Sequence[str]) -> list[Object]:
        """What has the ids, in their order."""
        return [await self.open(label, key) for key in keys]

    def opens(self, label: str, key: str | None) -> Callable[[], Awaitable[Object | None]]:
        """Finds what has the id when it is asked for; nothing when there is no id."""

        async def find() -> Object | None:
            return None if key is None else await self.find(label, key)

        return find

    async def property(self, of: Object, name: str) -> Any:
        """A property of what has a node."""
        ((value,),) = await self.rows(f"MATCH (n:{of.label} {{id: $id}}) RETURN n.{name} AS value", id=of.id)
        return value

    def page(
        self, rows: Sequence[Any], arguments: Mapping[str, Any], modalities: Any = None, undated: int = 0
    ) -> Mapping[str, Any]:
        """A page of rows; `undated` were left out because they have no date."""
        first = arguments["first"]
        shown = rows[:first]
        return {
            "nodes": shown,
            "edges": [{"node": row} for row in shown],
            "totalCount": len(rows),
            "pageInfo": {"hasNextPage": len(rows) > first, "hasPreviousPage": False},
            "searched": {
                "documents": self._count(
                    "MATCH (d:Document)<-[:PART_OF]-(:Passage) RETURN count(DISTINCT d) AS n"
                ),
                "claims": self._count(f"MATCH (m:Claim) WHERE {SHOWN} RETURN count(m) AS n"),
                "datasets": self._count("MATCH (d:Dataset) RETURN count(d) AS n"),
                "undatedExcluded": undated,
                "modalities": modalities,  # only claims have one
            },
        }

    def _count(self, statement: str) -> Callable[[], Awaitable[int]]:
        async def count() -> int:
            return int((await self.rows(statement))[0][0])

        return count
