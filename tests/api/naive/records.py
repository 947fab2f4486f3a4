"""Records of amplification: what claims say, the highest count first, and then what datasets show, the same."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.api.naive.claims import find_days, find_visible
from tests.api.naive.days import asks_for_time, is_undated, overlaps
from tests.api.naive.reader import SHOWN, Object, Reader
from tests.api.naive.rows import find_rows_of, page_of_interactions


class Reported(NamedTuple):
    """One who amplified and one whose content it was, of one claim; "" is one that is not stated."""

    claim: Object
    amplifier: str
    amplified: str
    via: list[str]


class Observed(NamedTuple):
    """An edge that was derived from the rows of a dataset, its ends, and these with the accounts behind them."""

    amplifier: str
    amplified: str
    edge: Mapping[str, Any]
    amplifiers: set[str]
    all_amplified: set[str]


def name_modalities(asked: Mapping[str, Any]) -> list[str]:
    """How firmly the voices put what is asked for."""
    found: list[str] = asked.get("modality") or ["ASSERTED"]
    return found


async def find_records(reader: Reader, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The records that the arguments let through."""
    return await _page(reader, arguments, arguments)


async def find_amplified(reader: Reader, entity: Object, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The records of what an entity is said or seen to have amplified."""
    return await _page(reader, arguments.get("filter") or {}, arguments, by=entity.id)


async def find_amplified_by(
    reader: Reader, entity: Object, arguments: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The records of who is said or seen to have amplified it."""
    return await _page(reader, arguments.get("filter") or {}, arguments, of=entity.id)


async def _page(
    reader: Reader, asked: Mapping[str, Any], arguments: Mapping[str, Any], by: str = "", of: str = ""
) -> Mapping[str, Any]:
    reported: list[tuple[int, str, Object]] = []
    undated = 0
    for record in await find_reported(reader, asked):
        if (by and record.amplifier != by) or (of and record.amplified != of):
            continue
        days = await find_days(reader, record.claim.id)
        undated += asks_for_time(asked) and is_undated(*days)
        if overlaps(*days, asked):
            made = await _make_record(reader, record)
            least = await reader.property(record.claim, "count_min")
            reported.append((-1 if least is None else least, made.edge["id"], made))
    observed: list[Object] = []
    for shown in await find_observed(reader, asked):
        if (by and by not in shown.amplifiers) or (of and of not in shown.all_amplified):
            continue
        days = shown.edge.get("first"), shown.edge.get("last")
        undated += asks_for_time(asked) and is_undated(*days)
        if overlaps(*days, asked):
            ends = {
                "amplifier": await reader.open("Entity", shown.amplifier),
                "amplified": await reader.open("Entity", shown.amplified),
            }
            observed.append(Object("Amplification", "", shown.edge["id"], shown.edge, ends))
    reported.sort(key=lambda each: (-each[0], each[1]))
    observed.sort(key=lambda each: (each.edge["count_min"], each.id), reverse=True)
    rows = [record for _, _, record in reported] + observed
    return reader.page(rows, arguments, name_modalities(asked), undated)


async def find_reported(reader: Reader, asked: Mapping[str, Any]) -> list[Reported]:
    """A record for each one who amplified and each whose content it was, of each claim that says so; of any time."""
    if asked.get("basis") == "OBSERVED":
        return []
    found: list[Reported] = []
    visible = await find_visible(reader, {"knownAt": asked.get("knownAt")})
    for key in await reader.ids("(m:Claim {verb: 'AMPLIFIED'})"):
        claim = await reader.open("Claim", key)
        via = await reader.ids("(:Claim {id: $id})-[:VIA]->(m:Entity)", id=key)
        what = await reader.ids("(:Claim {id: $id})-[:WHAT]->(m:Entity)", id=key)
        whose = await reader.ids("(:Claim {id: $id})-[:WHOSE]->(m:Entity)", id=key)
        who = await reader.ids("(:Claim {id: $id})-[:WHO]->(m:Entity)", id=key)
        least = await reader.property(claim, "count_min")
        if (
            key in visible
            and str(await reader.property(claim, "modality")).upper() in name_modalities(asked)
            and (asked.get("content") is None or asked["content"] in what)
            and await _fits_channel(reader, via, asked)
            and (asked.get("minCount") is None or (least is not None and least >= asked["minCount"]))
            and (
                asked.get("narrative") is None or asked["narrative"] in await _name_narratives(reader, claim)
            )
            and (asked.get("of") is None or asked["of"] in (*what, *whose))
        ):
            found += [
                Reported(claim, one, other, via)
                for one in who or [""]
                for other in whose or what or [""]
                if asked.get("amplifier") in (None, one)
                and asked.get("amplified") in (None, other)
                and asked.get("of") in (None, other, *what)
            ]
    return found


async def find_observed(reader: Reader, asked: Mapping[str, Any]) -> list[Observed]:
    """The edges that were derived from the rows of datasets; of any time."""
    is_reported_only = asked.get("content") is not None or asked.get("narrative") is not None
    if asked.get("basis") == "REPORTED" or "ASSERTED" not in name_modalities(asked) or is_reported_only:
        return []
    rows = await reader.rows(
        "MATCH (a:Entity)-[e:AMPLIFIED]->(b:Entity) WHERE e.basis = 'observed'"
        " RETURN a.id AS a, b.id AS b, properties(e) AS edge"
    )
    found: list[Observed] = []
    for one, other, edge in rows:
        via = [] if edge.get("channel") is None else [edge["channel"]]
        # An account behind an end stands for it, in the records that its own rows are counted in.
        acts = await find_rows_of(reader, edge, one, other)
        amplifiers = {one, *(act.source for act in acts if act.source)}
        all_amplified = {other, *(act.origin for act in acts if act.origin)}
        if (
            asked.get("amplifier") in (None, *amplifiers)
            and asked.get("amplified") in (None, *all_amplified)
            and asked.get("of") in (None, *all_amplified)
            and await _fits_channel(reader, via, asked)
            and (asked.get("minCount") is None or edge["count_min"] >= asked["minCount"])
        ):
            found.append(Observed(one, other, edge, amplifiers, all_amplified))
    return found


async def _fits_channel(reader: Reader, via: list[str], asked: Mapping[str, Any]) -> bool:
    if asked.get("channelKind") is not None:
        kinds = [
            str(await reader.property(channel, "kind")).upper()
            for channel in await reader.open_all("Entity", via)
            if channel.type == "Channel"
        ]
        if asked["channelKind"] not in kinds:
            return False
    return asked.get("channel") in (None, *via) and asked.get("channelStated") in (None, bool(via))


async def _make_record(reader: Reader, record: Reported) -> Object:
    others = {"claim": record.claim}
    names = [record.claim.id]
    for field, end in (("amplifier", record.amplifier), ("amplified", record.amplified)):
        if end:
            others[field] = await reader.open("Entity", end)
        names.append(await reader.property(others[field], "canonical") if end else "?")
    return Object("Amplification", "Claim", record.claim.id, {"id": "|".join(names)}, others)


async def _find_narratives(reader: Reader, claim: Object) -> list[tuple[str, str]]:
    """The narratives that the claim itself is about, and those that shown claims say its content or creator supports.

    Each with the claim that says so.
    """
    found = {
        (narrative, claim.id)
        for narrative in await reader.ids("(:Claim {id: $id})-[:ABOUT]->(m:Narrative)", id=claim.id)
    }
    for label in ("Entity", "Claim"):
        for thing in await reader.ids(f"(:Claim {{id: $id}})-[:WHAT|WHOSE]->(m:{label})", id=claim.id):
            saying = await reader.ids(
                f"(:{label} {{id: $id}})<-[:WHO]-(m:Claim {{verb: 'SUPPORTS_NARRATIVE'}}) WHERE {SHOWN}",
                id=thing,
            )
            for key in saying:
                for narrative in await reader.ids("(:Claim {id: $id})-[:WHAT|ABOUT]->(m:Narrative)", id=key):
                    found.add((narrative, key))
    return sorted(found)


async def _name_narratives(reader: Reader, claim: Object) -> list[str]:
    return [narrative for narrative, _ in await _find_narratives(reader, claim)]


async def list_narratives(
    reader: Reader, record: Object, _arguments: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """The narratives that a source says the content carries."""
    return [
        {"narrative": reader.opens("Entity", narrative), "claim": reader.opens("Claim", key)}
        for narrative, key in await _find_narratives(reader, record)
    ]


async def resolve_observed(  # noqa: PLR0911 - one for each kind of field
    reader: Reader, record: Object, name: str, arguments: Mapping[str, Any]
) -> Any:
    """A field of a record that no claim speaks of."""
    edge = record.edge
    if name in ("amplifier", "amplified"):
        return record.others[name]
    if name == "count":
        return None if edge.get("count") is None else record._replace(type="RecordCount")
    if name == "channel":
        return None if edge.get("channel") is None else await reader.open("Entity", edge["channel"])
    if name == "dataset":
        return await reader.open("Dataset", edge["dataset"])
    if name == "accounts":
        if not edge.get("dataset"):
            return []
        acts = await find_rows_of(reader, edge, record.others["amplifier"].id, record.others["amplified"].id)
        return await reader.open_all(
            "Entity", sorted({key for act in acts for key in (act.source, act.origin) if key})
        )
    if name == "interactions":
        ends = record.others["amplifier"].id, record.others["amplified"].id
        return page_of_interactions(reader, await find_rows_of(reader, edge, *ends), arguments)
    if record.type == "RecordCount":
        return edge.get({"text": "count", "min": "count_min", "unit": "unit"}.get(name, "no maximum"))
    fixed: dict[str, Any] = {"basis": "OBSERVED", "contested": False}
    if name in fixed:
        return fixed[name]
    if name in ("content", "saidBy", "replies", "narratives"):
        return []
    snake = re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)
    return edge.get(snake) if name in ("id", "first", "last", "undated", "boundsUnknown") else None


async def find_first_channel(reader: Reader, record: Object, _arguments: Mapping[str, Any]) -> Object | None:
    """The channel that a claim states."""
    via = await reader.ids("(:Claim {id: $id})-[:VIA]->(m:Entity)", id=record.id)
    return await reader.open("Entity", via[0]) if via else None


async def page_of_no_rows(reader: Reader, _record: Object, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rows behind a claim: none."""
    return reader.page([], arguments)
