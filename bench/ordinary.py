"""Strawberry as its documentation shows it, over the same graph: resolvers that ask the driver and return objects."""

import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, LiteralString

import strawberry
import uvicorn
from fastapi import FastAPI
from neo4j import AsyncGraphDatabase
from strawberry.fastapi import GraphQLRouter

_ENTITY: LiteralString = "MATCH (n:Entity {id: $id}) RETURN n"
_RECORDS: LiteralString = """
MATCH (:Entity)-[e:AMPLIFIED]->(:Entity)
WHERE e.channel = $channel AND e.count_min > 0 AND e.id IS NOT NULL AND e.basis = 'observed'
WITH e ORDER BY e.channel DESC, e.count_min DESC, e.id DESC LIMIT $first
MATCH (c:Entity {id: e.channel})
RETURN e, startNode(e) AS a, endNode(e) AS b, c ORDER BY e.count_min DESC, e.id DESC"""
_GROUPS: LiteralString = """
MATCH (x:Entity {id: $of})<-[e:AMPLIFIED]-(a:Entity) WHERE e.basis = 'observed'
WITH x, a, e.channel AS channel, e.dataset AS dataset, sum(e.count_min) AS amount, min(e.first) AS since,
  max(e.last) AS until ORDER BY amount DESC, a.id + '|' + channel LIMIT $first
MATCH (c:Entity {id: channel})
RETURN a, c, amount, since, until,
  COUNT { (x)<-[:WHOSE|WHAT]-(k:Claim {verb: 'AMPLIFIED'})-[:WHO]->(a) WHERE k.known_to IS NULL } AS claims
ORDER BY amount DESC, a.id + '|' + c.id"""

DRIVER: Final = AsyncGraphDatabase.driver(
    os.environ["NEO4J_URI"], auth=(os.environ["NEO4J_USER"], os.environ["NEO4J_PASSWORD"])
)


@strawberry.type
class Entity:
    """An account or a channel."""

    id: strawberry.ID
    name: str
    platform: str | None
    pseudonym: str | None
    handle: str | None

    @strawberry.field
    def label(self) -> str:
        """How to show it."""
        return self.name


@strawberry.type
class RecordCount:
    """A count with its hedge."""

    text: str


@strawberry.type
class Amplification:
    """An observed record."""

    id: strawberry.ID
    count: RecordCount
    first: str | None
    last: str | None
    amplifier: Entity
    amplified: Entity
    channel: Entity


@strawberry.type
class Reported:
    """What claims say."""

    claim_count: int


@strawberry.type
class Observed:
    """What a dataset shows."""

    interactions: int
    first: str | None
    last: str | None


@strawberry.type
class Group:
    """One amplifier in one channel."""

    amplifier: Entity
    channel: Entity
    observed: list[Observed]
    reported: Reported


def _entity(node: Mapping[str, Any]) -> Entity:
    return Entity(
        id=strawberry.ID(node["id"]),
        name=node["name"],
        platform=node.get("platform"),
        pseudonym=node.get("pseudonym"),
        handle=node.get("handle"),
    )


async def _ask(statement: LiteralString, **parameters: object) -> list[Any]:
    found = await DRIVER.execute_query(statement, parameters, database_="neo4j", routing_="r")
    return found.records


@strawberry.type
class Query:
    """The questions of the benchmark."""

    @strawberry.field
    async def entity(self, id: strawberry.ID) -> Entity | None:  # noqa: A002 - the name of the argument
        """One entity."""
        found = await _ask(_ENTITY, id=id)
        return _entity(found[0]["n"]) if found else None

    @strawberry.field
    async def amplifications(self, channel: strawberry.ID, first: int) -> list[Amplification]:
        """Observed records of a channel, the largest first."""
        return [
            Amplification(
                id=strawberry.ID(row["e"]["id"]),
                count=RecordCount(text=row["e"]["count"]),
                first=row["e"].get("first"),
                last=row["e"].get("last"),
                amplifier=_entity(row["a"]),
                amplified=_entity(row["b"]),
                channel=_entity(row["c"]),
            )
            for row in await _ask(_RECORDS, channel=channel, first=first)
        ]

    @strawberry.field
    async def amplifiers(self, of: strawberry.ID, first: int) -> list[Group]:
        """Who amplified an account, the most first."""
        return [
            Group(
                amplifier=_entity(row["a"]),
                channel=_entity(row["c"]),
                observed=[Observed(interactions=row["amount"], first=row["since"], last=row["until"])],
                reported=Reported(claim_count=row["claims"]),
            )
            for row in await _ask(_GROUPS, of=of, first=first)
        ]


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield
    await DRIVER.close()


def main() -> None:
    """Serves at the port that is given."""
    app = FastAPI(lifespan=_lifespan)
    app.include_router(GraphQLRouter(strawberry.Schema(Query)), prefix="/graphql")
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
