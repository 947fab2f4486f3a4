"""Claims: which of them a filter lets through, and what takes more than one step to find from one of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from schema.claims import Modality
from tests.api.naive.days import asks_for_time, is_undated, overlaps
from tests.api.naive.reader import ROLES, SHOWN, Object, Reader

MODALITIES = [modality.name for modality in Modality]
EDGES = {"saidBy": "SAID_BY", "entity": ROLES, "document": "SHOWN_IN]->(:Passage)-[:PART_OF"}
STANDING = ("period", "validAt", "knownAt", "status")


async def find_visible(reader: Reader, asked: Mapping[str, Any]) -> set[str]:
    """The ids of the claims that may be shown: now, with a status, or as they were known at an instant."""
    rows = await reader.rows(
        "MATCH (m:Claim) RETURN m.id AS id, m.status AS status, m.known_from AS since, m.known_to AS until"
    )
    instant = asked.get("knownAt")
    if instant is not None:
        instant = instant if "T" in instant else f"{instant}T23:59:59Z"
        return {
            key
            for key, status, since, until in rows
            if since <= instant
            and (until is None or until > instant)
            and status not in ("suggested", "garbled")
        }
    if asked.get("status") is not None:
        wanted = [status.lower() for status in asked["status"]]
        return {key for key, status, _, _ in rows if status in wanted}
    return {key for key, status, _, until in rows if until is None and status == "accepted"}


async def find_days(reader: Reader, key: str) -> tuple[str | None, str | None]:
    """The first and the last day that a claim can mean."""
    claim = await reader.open("Claim", key)
    return await reader.property(claim, "earliest"), await reader.property(claim, "latest")


async def page_of_claims(
    reader: Reader, keys: Iterable[str], arguments: Mapping[str, Any]
) -> Mapping[str, Any]:
    """A page of those of the claims that the filter lets through."""
    asked = {name: value for name, value in (arguments.get("filter") or {}).items() if value is not None}
    fitting = set(keys) & await find_visible(reader, asked)
    for condition, value in asked.items():
        if condition not in STANDING:
            fitting &= await _find_fitting(reader, condition, value)
    days = {key: await find_days(reader, key) for key in fitting}
    found = sorted(key for key in fitting if overlaps(*days[key], asked))
    match arguments.get("orderBy"):
        case "EARLIEST":
            found.sort(key=lambda key: days[key][0] or "~")
        case "LATEST":
            found.sort(key=lambda key: days[key][1] or "", reverse=True)
    undated = sum(is_undated(*days[key]) for key in fitting) if asks_for_time(asked) else 0
    rows = await reader.open_all("Claim", found)
    return reader.page(rows, arguments, asked.get("modality") or MODALITIES, undated)


async def _find_fitting(reader: Reader, condition: str, value: Any) -> set[str]:
    """The ids of the claims that one condition of a filter lets through."""
    if condition in ("verb", "case"):
        match, where = "(m:Claim)", f"m.{condition} = $value"
    elif condition == "text":
        value = value.lower()
        match, where = "(m:Claim)", "toLower(m.sentence) CONTAINS $value"
    elif condition == "contested":
        match, where = "(m:Claim)", "coalesce(m.contested, false) = $value"
    elif condition in ("kind", "modality"):
        value = [each.lower() for each in value]
        match, where = "(m:Claim)", f"m.{condition} IN $value"
    else:
        match, where = f"(m:Claim)-[:{EDGES.get(condition, condition.upper())}]->(x:Entity)", "x.id = $value"
    return set(await reader.ids(f"{match} WHERE {where}", value=value))


async def find_claims(reader: Reader, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The ledger."""
    return await page_of_claims(reader, await reader.ids("(m:Claim)"), arguments)


async def walk_inside(reader: Reader, claim: Object, _arguments: Mapping[str, Any]) -> list[Object]:
    """The claims that it stands in, one inside the other, the nearest first."""
    found: list[str] = []
    level = [claim.id]
    while level:
        level = sorted(
            {
                each
                for one in level
                for each in await reader.ids("(:Claim {id: $id})-[:INSIDE]->(m:Claim)", id=one)
            }
        )
        found += level
    return [await reader.open("Claim", each) for each in found]


async def walk_disputes(reader: Reader, claim: Object, _arguments: Mapping[str, Any]) -> list[Object]:
    """What disputes the claim itself, and what disputes one of its voices at level source."""
    found: list[tuple[str, str, Object]] = []
    shown = f"WHERE {SHOWN}"
    for key, edge in await reader.edges(f"(:Claim {{id: $id}})<-[e:DISPUTES]-(m:Claim) {shown}", id=claim.id):
        found.append((key, claim.id, await _contest(reader, key, edge, claim)))
    for voice in await reader.ids("(:Claim {id: $id})-[:SAID_BY]->(m:Entity)", id=claim.id):
        for key, edge in await reader.edges(
            f"(:Entity {{id: $id}})<-[e:DISPUTES]-(m:Claim) {shown}", id=voice
        ):
            if edge["level"] == "source" and key != claim.id:
                found.append(
                    (key, voice, await _contest(reader, key, edge, await reader.open("Entity", voice)))
                )
    return [contest for _, _, contest in sorted(found, key=lambda each: each[:2])]


async def _contest(reader: Reader, key: str, edge: Mapping[str, Any], target: Object) -> Object:
    claim = await reader.open("Claim", key)
    others = {"claim": claim, "source": target} if edge["level"] == "source" else {"claim": claim}
    return Object("Contest", "Claim", key, edge, others)


async def _follow_copies(
    reader: Reader, starts: Iterable[str]
) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """What each of the starts copies, and so on from there."""
    waiting = [*starts]
    followed: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    while waiting:
        here = waiting.pop()
        if here in followed:
            continue
        followed[here] = await reader.edges("(:Entity {id: $id})-[e:COPIES]->(m:Entity)", id=here)
        waiting += [there for there, _ in followed[here]]
    return followed


async def walk_roots(reader: Reader, claim: Object, _arguments: Mapping[str, Any]) -> list[Object]:
    """Each voice followed along what it copies to what copies nothing; a work counts as its publisher."""
    voices = await reader.ids("(:Claim {id: $id})-[:SAID_BY]->(m:Entity)", id=claim.id)
    roots: set[str] = set()
    for here, copied in (await _follow_copies(reader, voices)).items():
        if not copied:
            roots.update(
                await reader.ids("(:Entity {id: $id})-[:PUBLISHED_UNDER]->(m:Entity)", id=here) or [here]
            )
    return [await reader.open("Entity", root) for root in sorted(roots)]


async def walk_chain(reader: Reader, claim: Object, _arguments: Mapping[str, Any]) -> list[Object]:
    """Every step from a document that shows the claim to what it copies, and on from there."""
    documents = await reader.ids(
        "(:Claim {id: $id})-[:SHOWN_IN]->(:Passage)-[:PART_OF]->(m:Document)", id=claim.id
    )
    followed = await _follow_copies(reader, documents)
    steps = {(here, there): edge for here, copied in followed.items() for there, edge in copied}
    made: list[Object] = []
    for here, there in sorted(steps):
        ends = {"document": await reader.open("Entity", here), "original": await reader.open("Entity", there)}
        made.append(Object("Copy", "Entity", there, steps[here, there], ends))
    return made


async def walk_history(reader: Reader, claim: Object, _arguments: Mapping[str, Any]) -> list[Object]:
    """The versions that it replaced, the newest first."""
    made: list[Object] = []
    here = claim.id
    while before := await reader.edges("(:Claim {id: $id})-[e:REPLACES]->(m:Claim)", id=here):
        ((here, edge),) = before
        made.append(Object("Version", "Claim", here, edge, {"claim": await reader.open("Claim", here)}))
    return made


async def _find_replies(reader: Reader, entity: Object) -> list[str]:
    """Claims that reply to another: those that it says, and those to claims in which it has a role."""
    said = f"(m:Claim)-[:SAID_BY]->(:Entity {{id: $id}}) WHERE {SHOWN} AND EXISTS {{ (m)-[:REPLIES_TO]->(:Claim) }}"
    to_it = f"(:Entity {{id: $id}})<-[:{ROLES}]-(:Claim)<-[:REPLIES_TO]-(m:Claim) WHERE {SHOWN}"
    return sorted({*await reader.ids(said, id=entity.id), *await reader.ids(to_it, id=entity.id)})


async def walk_replies(reader: Reader, entity: Object, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of the right of reply."""
    keys = await _find_replies(reader, entity)
    return reader.page(await reader.open_all("Claim", keys), arguments)


async def count_replies(reader: Reader, entity: Object, _arguments: Mapping[str, Any]) -> int:
    """How many replies are recorded."""
    return len(await _find_replies(reader, entity))


async def list_contests(reader: Reader, entity: Object, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of the claims that contest an entity."""
    found = await reader.edges(f"(:Entity {{id: $id}})<-[e:DISPUTES]-(m:Claim) WHERE {SHOWN}", id=entity.id)
    return reader.page([await _contest(reader, key, edge, entity) for key, edge in found], arguments)
