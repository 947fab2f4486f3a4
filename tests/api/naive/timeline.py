"""What one entity did, and what was said and done about it, in the order of time."""

from collections.abc import Mapping
from typing import Any

from tests.api.naive.claims import find_days, find_visible
from tests.api.naive.days import is_undated, overlaps
from tests.api.naive.postings import make_shown
from tests.api.naive.reader import ROLES, Object, Reader
from tests.api.naive.rows import find_interactions, make_interaction

Item = dict[str, Any]


async def find_timeline(reader: Reader, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whatever has a date, the earliest first; what has none is counted."""
    key = arguments["id"]
    found = [
        *await _find_claims(reader, key, arguments),
        *await _find_postings(reader, key),
        *await _find_interactions(reader, key),
        *await _find_posts(reader, key),
    ]
    dated = [item for item in found if not is_undated(item["from"], item["to"])]
    shown = [item for item in dated if overlaps(item["first"], item["to"], arguments)]
    shown.sort(key=lambda item: (item["from"], item["id"]))
    return reader.page(shown, arguments, undated=len(found) - len(dated))


def _make_item(reader: Reader, key: str, first: str | None, last: str | None, **fields: Any) -> Item:
    nothing = dict.fromkeys(("sentence", "claim", "posting", "interaction", "post", "row"))
    row = fields.pop("edge", {})
    return {
        **nothing,
        "id": key,
        "basis": "REPORTED" if "claim" in fields else "OBSERVED",
        "from": last if first is None else first,
        "to": last,
        "first": first,
        "dataset": reader.opens("Dataset", row.get("dataset")),
        "row": row.get("row"),
        **fields,
    }


async def _find_claims(reader: Reader, key: str, asked: Mapping[str, Any]) -> list[Item]:
    found: list[Item] = []
    about = await reader.ids(f"(:Entity {{id: $id}})<-[:{ROLES}|SAID_BY]-(m:Claim)", id=key)
    for each in sorted(set(about) & await find_visible(reader, {"knownAt": asked.get("knownAt")})):
        claim = await reader.open("Claim", each)
        sentence = await reader.property(claim, "sentence")
        worded = await reader.property(claim, "text") if sentence is None else sentence
        found.append(_make_item(reader, each, *await find_days(reader, each), claim=claim, sentence=worded))
    return found


async def _find_postings(reader: Reader, key: str) -> list[Item]:
    ends = [
        (key, body, edge)
        for body, edge in await reader.edges("(:Entity {id: $id})-[e:POSTED_AT]->(m:Entity)", id=key)
    ] + [
        (person, key, edge)
        for person, edge in await reader.edges("(:Entity {id: $id})<-[e:POSTED_AT]-(m:Entity)", id=key)
    ]
    return [
        _make_item(
            reader,
            f"{edge['dataset']}:{edge['row']}>{person}>{body}",
            edge.get("from"),
            edge.get("to"),
            posting=make_shown(reader, person, body, edge),
            edge=edge,
        )
        for person, body, edge in ends
    ]


async def _find_interactions(reader: Reader, key: str) -> list[Item]:
    found: list[Item] = []
    for act in await find_interactions(reader):
        owners = [await _acted_as(reader, key, account, act.at) for account in act.accounts]
        if any(owners):
            shown = make_interaction(reader, act)
            found.append(_make_item(reader, act.id, act.at, act.at, interaction=shown, edge=act.row))
    return found


async def _find_posts(reader: Reader, key: str) -> list[Item]:
    found: list[Item] = []
    for account, post, at, edge in await reader.rows(
        "MATCH (a:Entity)-[r:POSTED]->(p:Post) RETURN a.id AS a, p.id AS p, p.at AS at, properties(r) AS r"
    ):
        if await _acted_as(reader, key, account, at):
            name = edge.get("id") or f"{account}>{post}"
            shown = Object("Post", "Entity", post)
            found.append(_make_item(reader, name, at, at, post=shown, edge=edge))
    return found


async def _acted_as(reader: Reader, key: str, account: str, at: str | None) -> bool:
    """Whether the account is the entity itself, or one that it held at that instant.

    A bound that is not known covers; what has no time is the holder's when nothing bounds the holding.
    """
    if key == account:
        return True
    held = await reader.edges("(:Entity {id: $id})-[e:HELD_BY]->(m:Entity)", id=account)
    for holder, edge in held:
        since, until = edge.get("from"), edge.get("to")
        is_in_time = (since is None and until is None) or (
            at is not None and (since or "") <= at[:10] <= (until or "~")
        )
        if holder == key and is_in_time:
            return True
    return False
