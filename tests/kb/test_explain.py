"""Every statement of the store, written or composed, is understood by Neo4j without a warning."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from neo4j import AsyncDriver, AsyncGraphDatabase

import kb
from kb.amplified import _add_statement
from kb.derive import _create_edges, _delete_edges
from kb.save import _create_link_statement, _delete_link_statement, _node_statement, _relabel_clause
from schema.catalog import (
    EDGE_TYPES,
    ENTITY_TYPES,
    RELATIONSHIPS,
)
from tests.kb.explained import Explained, create_tokens, explain
from tests.neo4j_server import Neo4jServer

# Pieces that are composed into a statement have tests of their own beside them.
COMPOSED = re.compile(r"^kb\.(questions|select)")
STATEMENT = re.compile(
    r"^\s*(MATCH|UNWIND|MERGE|CREATE|CALL|OPTIONAL)\b.*\b(RETURN|SET|DELETE|CREATE|REMOVE)\b", re.DOTALL
)
WRITES = re.compile(r"\b(CREATE|SET|DELETE|MERGE|REMOVE)\b")


def written_statements() -> Iterator[tuple[str, str]]:
    for found in pkgutil.walk_packages(kb.__path__, "kb."):
        if COMPOSED.match(found.name) or found.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(found.name)).items():
            for number, text in enumerate(value if isinstance(value, tuple) else (value,)):
                if isinstance(text, str) and name.isupper() and STATEMENT.match(text):
                    yield f"{found.name}.{name}.{number}", text


def composed_statements() -> Iterator[tuple[str, str]]:
    for kind in RELATIONSHIPS:
        starts, ends = (
            sorted({"Entity" if label in ENTITY_TYPES else label for label in side.split("|")})
            for side in (kind.start, kind.end)
        )
        for start, end in product(starts, ends):
            yield f"create {start} {kind.name} {end}", _create_link_statement(kind.name, start, end)
            yield f"delete {start} {kind.name} {end}", _delete_link_statement(kind.name, start, end)
    for verb in ("AMPLIFIED", "FUNDED_BY"):
        yield f"create edge {verb}", _create_edges(verb)
        yield f"delete edge {verb}", _delete_edges(verb)
    for channel in (None, "platform"):
        yield f"count {channel}", _add_statement(channel, out=True, into=True)
    for label in ("Name", "Reading", "Dataset"):
        yield f"delete {label}", _node_statement("DETACH DELETE n", label)
    yield (
        "relabel",
        f"MATCH (e:Entity {{id: $id}}) SET e = $properties {_relabel_clause('Official', 'Influencer')}",
    )


STATEMENTS = dict([*written_statements(), *composed_statements()])


@pytest.fixture(scope="module")
async def driver(neo4j_server: Neo4jServer) -> Any:
    """A driver that asks for every notification, on a database that knows every word of the catalog."""
    auth = (neo4j_server.user, neo4j_server.password)
    async with AsyncGraphDatabase.driver(
        neo4j_server.uri, auth=auth, warn_notification_severity="OFF"
    ) as driver:
        await create_tokens(driver)
        yield driver


def test_statements_were_found() -> None:
    modules = {name.rsplit(".", 2)[0] for name in STATEMENTS if name.startswith("kb.")}
    assert modules >= {"kb.save", "kb.derive", "kb.observed", "kb.checks", "kb.migrate", "kb.fill"}
    assert len(STATEMENTS) > 80


async def explain_bare(driver: AsyncDriver, text: str) -> Explained:
    """As `explain`, with parameters that hold nothing."""
    parameters: dict[str, Any] = dict.fromkeys(re.findall(r"\$(\w+)", text))
    parameters |= {key: [] for key in ("rows", "ids") if key in parameters}
    return await explain(driver, text, parameters)


@pytest.mark.parametrize("name", sorted(STATEMENTS))
async def test_neo4j_explains_it_without_a_warning(driver: AsyncDriver, name: str) -> None:
    text = STATEMENTS[name]
    found = await explain_bare(driver, text)
    assert not found.warnings, text
    # `s`: the statement asks about the engine, not the graph.
    assert found.query_type in {"r", "s"} or WRITES.search(text)


@pytest.mark.parametrize(
    "misspelt",
    [
        "MATCH (c:Claims) RETURN c",
        "MATCH (:Claim)-[r:SAYD_BY]->() RETURN r",
        "MATCH (c:Claim) RETURN c.origns AS o",
        "MATCH (c:Claim) RETURN id(c) AS id",
    ],
)
async def test_a_misspelt_word_would_be_noticed(driver: AsyncDriver, misspelt: str) -> None:
    assert (await explain_bare(driver, misspelt)).warnings


def test_every_label_and_property_that_a_composed_statement_writes_is_in_the_catalog() -> None:
    with pytest.raises(ValueError, match="'Gossip' is not in the catalog"):
        _create_link_statement("WHO", "Gossip", "Entity")
    with pytest.raises(ValueError, match="'LIKES' is not in the catalog"):
        _delete_link_statement("LIKES", "Claim", "Entity")
    with pytest.raises(ValueError, match="'SAID_BY' is not a verb"):
        _create_edges("SAID_BY")
    assert "AMPLIFIED" in EDGE_TYPES
