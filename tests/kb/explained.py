"""What Neo4j says of a statement without running it."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from neo4j import AsyncDriver

from schema.catalog import (
    ENTITY_BOOKKEEPING,
    ENTITY_TYPES,
    LABELS,
    OBSERVED_EDGE,
    OTHER_NODES,
    RELATIONSHIP_TYPES,
    RELATIONSHIPS,
    REPORTED_EDGE,
)

# What Neo4j says of labels, types, properties and syntax; 01N9x speak of what is slow.
BAD_STATUS = re.compile(r"^(01N[0-9]|03N90|03N91)")


class Explained(NamedTuple):
    """What it has to say against the statement, the type of it, and the operators of its plan."""

    warnings: list[str]
    query_type: str | None
    operators: set[str]


async def explain(driver: AsyncDriver, text: str, parameters: Mapping[str, Any]) -> Explained:
    """Has the statement planned by a driver that asks for every notification."""
    async with driver.session(database="neo4j") as session:
        result = await session.run("EXPLAIN " + text, dict(parameters))
        summary = await result.consume()
    said = [f"{s.gql_status} {s.status_description}" for s in summary.gql_status_objects]
    warnings = [line for line in said if BAD_STATUS.match(line)]
    return Explained(warnings, summary.query_type, set(_operators(summary.plan)))


def _operators(plan: Any) -> Iterator[str]:
    yield plan["operatorType"].split("@")[0]
    yield from chain.from_iterable(map(_operators, plan.get("children", ())))


async def create_tokens(driver: AsyncDriver) -> None:
    """Makes an empty database know every word of the catalog, or it would warn of each."""
    properties = {*ENTITY_BOOKKEEPING, *REPORTED_EDGE, *OBSERVED_EDGE}
    properties |= {
        name for model in (*ENTITY_TYPES.values(), *OTHER_NODES.values()) for name in model.model_fields
    }
    properties |= {name for kind in RELATIONSHIPS for name in kind.properties}
    async with driver.session(database="neo4j") as session:
        for call, words in (
            ("CALL db.createLabel($word)", LABELS),
            ("CALL db.createRelationshipType($word)", RELATIONSHIP_TYPES),
            ("CALL db.createProperty($word)", properties),
        ):
            for word in sorted(words):
                await (await session.run(call, word=word)).consume()
