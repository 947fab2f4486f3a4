"""Who holds which post: what dataset rows show and what claims say."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.api.naive.days import asks_for_time, is_undated, overlaps
from tests.api.naive.reader import SHOWN, Object, Reader

Posting = Mapping[str, Any]


async def find_officials(reader: Reader, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Postings by name of the official; of one body, or of officials anywhere."""
    if arguments.get("embassy") is not None:
        found = await _find_at(reader, arguments["embassy"])
    else:
        found = [
            posting for key in await reader.ids("(m:Official)") for posting in await _find_of(reader, key)
        ]
    names = {
        posting["person"]: await reader.property(Object("", "Entity", posting["person"]), "name")
        for posting in found
    }
    found.sort(key=lambda each: (names[each["person"]], each["person"], each["from"] or "~", each["source"]))
    shown = [posting for posting in found if overlaps(posting["from"], posting["to"], arguments)]
    undated = sum(is_undated(posting["from"], posting["to"]) for posting in found)
    return reader.page(shown, arguments, undated=undated if asks_for_time(arguments) else 0)


async def list_postings(reader: Reader, official: Object, _arguments: Mapping[str, Any]) -> list[Posting]:
    """The posts of one official, the earliest first."""
    return _sort(await _find_of(reader, official.id))


async def list_officials(reader: Reader, body: Object, _arguments: Mapping[str, Any]) -> list[Posting]:
    """The posts at one mission, the earliest first."""
    return _sort(await _find_at(reader, body.id))


def _sort(found: Sequence[Posting]) -> list[Posting]:
    return sorted(found, key=lambda each: (each["from"] or "~", each["person"], each["source"]))


async def _find_of(reader: Reader, key: str) -> list[Posting]:
    found = [
        make_shown(reader, key, body, edge)
        for body, edge in await reader.edges("(:Entity {id: $id})-[e:POSTED_AT]->(m:Entity)", id=key)
    ]
    for claim in await reader.ids(
        f"(:Entity {{id: $id}})<-[:WHO]-(m:Claim {{verb: 'HOLDS_ROLE'}}) WHERE {SHOWN}", id=key
    ):
        bodies: list[str | None] = [*await reader.ids("(:Claim {id: $id})-[:WHAT|AT]->(m:Entity)", id=claim)]
        found += [await _make_said(reader, key, body, claim) for body in bodies or [None]]
    return found


async def _find_at(reader: Reader, key: str) -> list[Posting]:
    found = [
        make_shown(reader, person, key, edge)
        for person, edge in await reader.edges("(:Entity {id: $id})<-[e:POSTED_AT]-(m:Entity)", id=key)
    ]
    for claim in await reader.ids(
        f"(:Entity {{id: $id}})<-[:WHAT|AT]-(m:Claim {{verb: 'HOLDS_ROLE'}}) WHERE {SHOWN}", id=key
    ):
        people = await reader.ids("(:Claim {id: $id})-[:WHO]->(m:Entity)", id=claim)
        found += [await _make_said(reader, person, key, claim) for person in people]
    return found


def make_shown(reader: Reader, person: str, body: str, edge: Mapping[str, Any]) -> Posting:
    """A posting that a dataset row shows."""
    return {
        "person": person,
        "source": f"{edge['dataset']}/{edge['row']}>{body}",
        "role": edge.get("role"),
        "official": reader.opens("Entity", person),
        "body": reader.opens("Entity", body),
        "from": edge.get("from"),
        "to": edge.get("to"),
        "claim": None,
        "dataset": edge["dataset"],
        "row": edge["row"],
    }


async def _make_said(reader: Reader, person: str, body: str | None, key: str) -> Posting:
    claim = await reader.open("Claim", key)
    worded = await reader.property(claim, "object_text")
    named = None if body is None else await reader.property(await reader.open("Entity", body), "name")
    return {
        "person": person,
        "source": f"{key}>{body or ''}",
        "role": worded if worded is not None else named,
        "official": reader.opens("Entity", person),
        "body": reader.opens("Entity", body),
        "from": await reader.property(claim, "earliest"),
        "to": await reader.property(claim, "latest"),
        "claim": claim,
        "dataset": None,
        "row": None,
    }
