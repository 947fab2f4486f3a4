"""The ranking of amplification: records in groups, summed within one dataset and never over claims."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.api.naive.claims import find_days, walk_roots
from tests.api.naive.days import asks_for_time, is_undated, overlaps
from tests.api.naive.reader import Object, Reader
from tests.api.naive.records import (
    Observed,
    Reported,
    find_observed,
    find_reported,
    name_modalities,
)
from tests.api.naive.rows import Act, find_rows_of

Keys = tuple[str | None, ...]


class Side(NamedTuple):
    """What one dataset shows of a group: how much, when, without a time, by whom, and whether a bound is unknown."""

    amount: int
    times: list[str]
    undated: int
    accounts: set[str]
    is_open: bool


async def find_groups(reader: Reader, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The groups, in the order that is asked for."""
    names = [name.lower() for name in arguments["groupBy"]]
    claims: dict[Keys, set[str]] = defaultdict(set)
    undated: set[str] = set()
    for record in await find_reported(reader, arguments):
        days = await find_days(reader, record.claim.id)
        if asks_for_time(arguments) and is_undated(*days):
            undated.add(record.claim.id)
        if overlaps(*days, arguments):
            for via in record.via or [""] if "channel" in names else [""]:
                keys = [await _key_of_reported(reader, name, record, via) for name in names]
                claims[tuple(keys)].add(record.claim.id)
    sides, undated_rows = await _find_sides(reader, arguments, names)
    groups = [
        await _make_group(reader, names, keys, sorted(claims[keys]), sides.get(keys, {}))
        for keys in {**claims, **sides}
    ]
    groups.sort(key=lambda group: group["id"])
    if arguments["orderBy"] != "KEY":
        best = (
            ("least", "claims", "most") if arguments["orderBy"] == "REPORTED" else ("most", "least", "claims")
        )
        groups.sort(key=lambda group: [group["rank"][name] for name in best], reverse=True)
    return reader.page(groups, arguments, name_modalities(arguments), len(undated) + undated_rows)


async def _find_sides(
    reader: Reader, arguments: Mapping[str, Any], names: list[str]
) -> tuple[dict[Keys, dict[str, Side]], int]:
    """What each dataset shows of each group; and how many rows have no time and were left out for that."""
    sides: dict[Keys, dict[str, Side]] = defaultdict(dict)
    undated: set[tuple[str, str]] = set()
    for shown in await find_observed(reader, arguments):
        ends = shown.amplifier, shown.amplified
        if not asks_for_time(arguments) and "month" not in names:
            keys = [await _key_of_observed(reader, name, shown, None) for name in names]
            times = [time for time in (shown.edge.get("first"), shown.edge.get("last")) if time]
            acts = await find_rows_of(reader, shown.edge, *ends)
            accounts = {account for act in acts for account in (act.source, act.origin) if account}
            side = Side(
                shown.edge["count_min"], times, shown.edge.get("undated") or 0, accounts, _is_open(shown)
            )
            _add(sides[tuple(keys)], shown.edge["dataset"], side)
            continue
        for act in await find_rows_of(reader, shown.edge, *ends):
            if asks_for_time(arguments) and act.at is None:
                undated.add((act.id, act.row["dataset"]))
            if overlaps(act.at, act.at, arguments):
                keys = [await _key_of_observed(reader, name, shown, act) for name in names]
                times = [act.at] if act.at else []
                _add(
                    sides[tuple(keys)],
                    shown.edge["dataset"],
                    Side(1, times, not times, act.accounts, _is_open(shown)),
                )
    return sides, len(undated)


def _is_open(shown: Observed) -> bool:
    return (shown.edge.get("bounds_unknown") or 0) > 0


def _add(sides: dict[str, Side], dataset: str, more: Side) -> None:
    known = sides.get(dataset, Side(0, [], 0, set(), is_open=False))
    sides[dataset] = Side(
        known.amount + more.amount,
        known.times + more.times,
        known.undated + more.undated,
        known.accounts | more.accounts,
        known.is_open or more.is_open,
    )


async def _key_of_reported(reader: Reader, name: str, record: Reported, via: str) -> str | None:
    if name == "month":
        first, last = await find_days(reader, record.claim.id)
        return first[:7] if first and last and first[:7] == last[:7] else None
    if name == "country":
        return await _find_country(reader, record.amplifier)
    entity = {"amplifier": record.amplifier, "amplified": record.amplified, "channel": via}[name]
    return await _find_canonical(reader, entity)


async def _key_of_observed(reader: Reader, name: str, shown: Observed, act: Act | None) -> str | None:
    if name == "month":
        assert act is not None
        return act.at[:7] if act.at else None
    if name == "country":
        return await _find_country(reader, shown.amplifier)
    if name == "channel":
        return shown.edge.get("channel")
    return await _find_canonical(reader, shown.amplifier if name == "amplifier" else shown.amplified)


async def _find_canonical(reader: Reader, key: str) -> str | None:
    return await reader.property(await reader.open("Entity", key), "canonical") if key else None


async def _find_country(reader: Reader, key: str) -> str | None:
    """The state that an entity serves, belongs to or was sent by; no state when its missions were sent by several."""
    if not key:
        return None
    entity = await reader.open("Entity", key)
    missions = await reader.ids("(:Entity {id: $id})-[:POSTED_AT]->(m:Embassy)", id=key)
    senders = {
        await reader.property(each, "sender") for each in await reader.open_all("Entity", missions)
    } - {None}
    own: str | None = await reader.property(entity, "country") or await reader.property(entity, "sender")
    return own or (senders.pop() if len(senders) == 1 else None)


async def _make_group(
    reader: Reader, names: list[str], keys: Keys, claims: list[str], sides: Mapping[str, Side]
) -> dict[str, Any]:
    found = dict(zip(names, keys, strict=True))
    counted = [(await reader.property(Object("Claim", "Claim", key), "count_min"), key) for key in claims]
    counted.sort(key=lambda each: (-(-1 if each[0] is None else each[0]), each[1]))
    order = ("amplifier", "amplified", "channel", "country", "month")
    return {
        "id": "|".join(key or "~" for key in (*keys, None)[:2]),
        "groupedBy": [name.upper() for name in order if name in names],
        **{name: reader.opens("Entity", found.get(name)) for name in order[:3]},
        "country": found.get("country"),
        "month": found.get("month"),
        "reported": await _make_reported(reader, [key for _, key in counted]),
        "observed": [_make_observed(reader, dataset, sides[dataset]) for dataset in sorted(sides)],
        "rank": {
            "least": max((-1 if least is None else least for least, _ in counted), default=-1),
            "claims": len(claims),
            "most": max((side.amount for side in sides.values()), default=-1),
        },
    }


async def _make_reported(reader: Reader, keys: list[str]) -> Mapping[str, Any]:
    claims = await reader.open_all("Claim", keys)
    counts = {claim.id: await reader.property(claim, "count") for claim in claims}

    async def page(**arguments: Any) -> Mapping[str, Any]:
        return reader.page(claims, arguments)

    async def count_documents() -> int:
        found: set[str] = set()
        for key in keys:
            found |= set(
                await reader.ids(
                    "(:Claim {id: $id})-[:SHOWN_IN]->(:Passage)-[:PART_OF]->(m:Document)", id=key
                )
            )
        return len(found)

    async def count_origins() -> int:
        return len({root.id for claim in claims for root in await walk_roots(reader, claim, {})})

    async def is_contested() -> bool:
        return any([await reader.property(claim, "contested") for claim in claims])

    return {
        "claimCount": len(keys),
        "statedCounts": [
            {"count": claim._replace(type="Count"), "claim": claim}
            for claim in claims
            if counts[claim.id] is not None
        ],
        "withoutCount": list(counts.values()).count(None),
        "documents": count_documents,
        "independentOrigins": count_origins,
        "contested": is_contested,
        "claims": page,
    }


def _make_observed(reader: Reader, dataset: str, side: Side) -> Mapping[str, Any]:
    return {
        "dataset": reader.opens("Dataset", dataset),
        "text": f"{side.amount} interaction{'' if side.amount == 1 else 's'} held",
        "interactions": side.amount,
        "accounts": len(side.accounts),
        "first": min(side.times, default=None),
        "last": max(side.times, default=None),
        "undated": side.undated,
        "boundsUnknown": side.is_open,
    }
