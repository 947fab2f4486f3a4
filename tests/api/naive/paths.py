"""How two entities are connected: every way through derived edges, walked one step at a time, and shared sources."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from schema.verbs import VERB_NAMES
from tests.api.naive.reader import ROLES, SHOWN, Reader


async def find_paths(reader: Reader, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The ways from one entity to another, the shortest first; nothing when nothing has one of the ids."""
    start, goal = arguments["from"], arguments["to"]
    if await reader.find("Entity", start) is None or await reader.find("Entity", goal) is None:
        return None
    ways = await _walk(reader, [start], goal, arguments)
    ways.sort(key=lambda way: (len(way), way))
    shown = ways[: arguments["first"]]
    shared = {
        "voices": await _find_voices(reader, start, goal),
        "documents": await _find_documents(reader, start, goal),
    }
    return {
        "from": reader.opens("Entity", start),
        "to": reader.opens("Entity", goal),
        "total": len(ways),
        "shown": len(shown),
        "paths": [await _make_path(reader, way, arguments) for way in shown],
        "onlySharedSources": not ways and any(shared.values()),
        "sharedSources": shared,
    }


async def _walk(reader: Reader, way: list[str], goal: str, asked: Mapping[str, Any]) -> list[list[str]]:
    """The ways that go on from a way that has not come to the goal; none twice through one entity or a source."""
    if len(way) > asked["maxHops"]:
        return []
    found: list[list[str]] = []
    links = await _find_links(reader, way[-1], asked)
    for there in sorted({link["there"] for link in links} - set(way)):
        entity = await reader.open("Entity", there)
        if there == goal:
            found.append([*way, there])
        elif entity.type not in ("Document", "Report"):
            found += await _walk(reader, [*way, there], goal, asked)
    return found


async def _find_links(reader: Reader, here: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The derived edges at an entity, either way, that fit what is asked for."""
    found: list[dict[str, Any]] = []
    for kind, start, end, edge in await reader.rows(
        "MATCH (:Entity {id: $id})-[e]-(:Entity) WHERE e.basis IS NOT NULL AND type(e) IN $verbs"
        " RETURN DISTINCT type(e) AS kind, startNode(e).id AS a, endNode(e).id AS b, properties(e) AS edge",
        id=here,
        verbs=sorted(VERB_NAMES),
    ):
        verbs = asked.get("through")
        if (verbs is not None and kind not in verbs) or edge.get("modality") not in (None, "asserted"):
            continue
        if asked["onlyUncontested"] and edge.get("claim") is not None:
            claim = await reader.open("Claim", edge["claim"])
            if await reader.property(claim, "contested_direct"):
                continue
        there = end if start == here else start
        found.append({"there": there, "verb": kind, "start": start, "end": end, "edge": edge})
    return found


async def _make_path(reader: Reader, way: list[str], asked: Mapping[str, Any]) -> Mapping[str, Any]:
    steps: list[Mapping[str, Any]] = []
    for here, there in pairwise(way):
        links = [link for link in await _find_links(reader, here, asked) if link["there"] == there]
        links.sort(key=lambda link: (link["edge"]["basis"] != "reported", link["edge"]["id"]))
        steps.append(
            {
                "from": reader.opens("Entity", here),
                "to": reader.opens("Entity", there),
                "links": [await _make_link(reader, link) for link in links],
            }
        )
    return {"hops": len(way) - 1, "entities": await reader.open_all("Entity", way), "steps": steps}


async def _make_link(reader: Reader, link: Mapping[str, Any]) -> Mapping[str, Any]:
    edge = link["edge"]
    claim = None if edge.get("claim") is None else await reader.find("Claim", edge["claim"])
    saying = "(:Claim {id: $id})-[:SAID_BY]->(m:Entity)"
    voices = [] if claim is None else await reader.ids(saying, id=claim.id)
    values = {
        name: None if claim is None else await reader.property(claim, name)
        for name in ("sentence", "count_max", "contested", "contested_direct")
    }
    count = {"text": edge.get("count"), "min": edge.get("count_min"), "max": values["count_max"]}
    return {
        "id": edge["id"],
        "basis": edge["basis"].upper(),
        "verb": link["verb"],
        "from": reader.opens("Entity", link["start"]),
        "to": reader.opens("Entity", link["end"]),
        "sentence": values["sentence"],
        "count": None if edge.get("count") is None else {**count, "unit": edge.get("unit")},
        "claim": claim,
        "claimId": edge.get("claim"),
        "saidBy": [
            voice._replace(type="SaidBy", others={"entity": voice})
            for voice in await reader.open_all("Entity", voices)
        ],
        "contested": values["contested"] or False,
        "contestedDirectly": values["contested_direct"] or False,
        "channel": reader.opens("Entity", edge.get("channel")),
        "dataset": reader.opens("Dataset", edge.get("dataset")),
        "first": edge.get("first"),
        "last": edge.get("last"),
    }


async def _claims_about(reader: Reader, key: str, voice: str) -> list[str]:
    about = await reader.ids(f"(:Entity {{id: $id}})<-[:{ROLES}]-(m:Claim) WHERE {SHOWN}", id=key)
    said = await reader.ids("(:Entity {id: $id})<-[:SAID_BY]-(m:Claim)", id=voice)
    return sorted(set(about) & set(said))


async def _find_voices(reader: Reader, start: str, goal: str) -> list[Mapping[str, Any]]:
    """Voices other than the two, that say something of each."""
    found: list[Mapping[str, Any]] = []
    for voice in await reader.ids("(:Claim)-[:SAID_BY]->(m:Entity)"):
        of_start = await _claims_about(reader, start, voice)
        of_goal = await _claims_about(reader, goal, voice)
        if of_start and of_goal and voice not in (start, goal):
            found.append(
                {
                    "voice": reader.opens("Entity", voice),
                    "aboutFrom": await reader.open_all("Claim", of_start),
                    "aboutTo": await reader.open_all("Claim", of_goal),
                }
            )
    return found


async def _passages_naming(reader: Reader, key: str) -> set[str]:
    named = await reader.ids("(:Entity {id: $id})<-[:MENTIONS]-(m:Passage)", id=key)
    shown = [
        passage
        for claim in await reader.ids(f"(:Entity {{id: $id}})<-[:{ROLES}]-(m:Claim) WHERE {SHOWN}", id=key)
        for passage in await reader.ids("(:Claim {id: $id})-[:SHOWN_IN]->(m:Passage)", id=claim)
    ]
    return {*named, *shown}


async def _find_documents(reader: Reader, start: str, goal: str) -> list[Mapping[str, Any]]:
    """Documents with a passage for each."""
    of_start, of_goal = await _passages_naming(reader, start), await _passages_naming(reader, goal)
    found: list[Mapping[str, Any]] = []
    for document in await reader.ids("(m:Document)"):
        own = set(await reader.ids("(:Document {id: $id})<-[:PART_OF]-(m:Passage)", id=document))
        if own & of_start and own & of_goal:
            found.append(
                {
                    "document": reader.opens("Entity", document),
                    "namingFrom": await reader.open_all("Passage", sorted(own & of_start)),
                    "namingTo": await reader.open_all("Passage", sorted(own & of_goal)),
                }
            )
    return found
