"""The ranking of amplification: records in groups, what sources report beside what datasets show, never added."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString, NamedTuple

from kb.questions.arguments import BadArgument, check_entity_id, clauses
from kb.questions.dated import CLAIM_DAYS, Days, asks_for_time, undated, visible, within
from kb.questions.records import (
    BEHIND,
    CHECKS,
    EVERY,
    IS_AMPLIFICATION,
    IS_OBSERVED,
    OF_CLAIM,
    OF_EDGE,
    OF_ENDS,
    REPORTED_ONLY,
    ROW_AT,
    STARTS,
    Start,
    rows_of_edge,
)
from kb.select import Clause, Field, Key, Many, One, Page, Part, Scalar, Step, Wanted
from schema.claims import Modality

MAX_KEYS: Final = 2


class _By(NamedTuple):
    """What a group shares: how a reported record tells it, and an observed one (`{+e}`, or its row `{+r}`)."""

    reported: LiteralString
    observed: LiteralString


# The state that an official serves, that sent a mission, or that sent every mission where a row shows a posting.
# Without min() and max(): Neo4j takes those of a subquery for aggregates of the clause around it.
_COUNTRY: LiteralString = (
    "coalesce({+a}.country, {+a}.sender,"
    " head(COLLECT { MATCH ({+a})-[:POSTED_AT]->(m:Embassy) WHERE m.sender IS NOT NULL"
    " AND NOT EXISTS { MATCH ({+a})-[:POSTED_AT]->(o:Embassy) WHERE o.sender <> m.sender } RETURN m.sender }))"
)
_BY: Final[dict[str, _By]] = {
    "amplifier": _By("{+a}.canonical", "{+a}.canonical"),
    "amplified": _By("{+b}.canonical", "{+b}.canonical"),
    "channel": _By("{+r}.canonical", "{+e}.channel"),
    "country": _By(_COUNTRY, _COUNTRY),
    # A date wider than a month is in none.
    "month": _By(
        "CASE WHEN substring({+c}.earliest, 0, 7) = substring({+c}.latest, 0, 7)"
        " THEN substring({+c}.earliest, 0, 7) END",
        "substring(" + ROW_AT.replace("{r}", "{+r}") + ", 0, 7)",
    ),
}
_NAMES: Final[tuple[LiteralString, ...]] = ("amplifier", "amplified", "channel", "country", "month")

# A group: `c` its claims, `e` one list for each dataset, `r` the largest counts of the two, `a` its name.
_REPORTED, _OBSERVED, _CLAIMS, _NAME = (
    Key("{+r}[0]", descending=True),
    Key("{+r}[1]", descending=True),
    Key("size({+c})", descending=True),
    Key("{+a}"),
)
_ORDERS: Final[dict[str, tuple[Key, ...]]] = {
    "REPORTED": (_REPORTED, _CLAIMS, _OBSERVED, _NAME),
    "OBSERVED": (_OBSERVED, _REPORTED, _CLAIMS, _NAME),
    "KEY": (_NAME,),
}

# A record of which the entity is what was amplified: the creator or the content.
_OF: Final = Start(STARTS["amplified"].reported, STARTS["amplified"].observed)
_OF_EITHER: LiteralString = "({+b}.id = {value} OR EXISTS { ({+c})-[:WHAT]->(:Entity {id: {value}}) })"
_ROWS_OF_EDGE: LiteralString = (
    " WITH DISTINCT {+a}, {+b}, {+e} CALL ({+e}, {+a}, {+b}) { "
    + rows_of_edge("{+e}", "{+a}", "{+b}")
    + " } WITH {+a}, {+b}, {+e}, act AS {+r}, source, target"
)
_ROW_AT: LiteralString = ROW_AT.replace("{r}", "{+r}")
_ROW_DAYS: Final = Days(_ROW_AT, _ROW_AT)
# Sums within one dataset alone. Whole records are counted, and their rows where some of them may be outside.
_OF_RECORDS: LiteralString = (
    "{+e}.dataset AS dataset, sum({+e}.count_min) AS amount, min({+e}.first) AS since, max({+e}.last) AS until,"
    " sum({+e}.undated) AS undated, max({+e}.bounds_unknown) > 0 AS open,"
    " collect(" + BEHIND.replace("{e}", "{+e}") + ") AS counted"
)
_OF_ROWS: LiteralString = (
    "{+e}.dataset AS dataset, count({+r}) AS amount, min("
    + _ROW_AT
    + ") AS since, max("
    + _ROW_AT
    + ") AS until,"
    " sum(CASE WHEN "
    + _ROW_AT
    + " IS NULL THEN 1 ELSE 0 END) AS undated, max({+e}.bounds_unknown) > 0 AS open,"
    " collect(CASE WHEN target IS NULL THEN [source.id] ELSE [source.id, target.id] END) AS counted"
)


# What each side of every entity adds up to is kept on it. Of an account in one dataset alone that is what this dataset
# shows; but a dataset without posts may have rows for the author whom one with posts names. What is kept adds datasets
# up, so of all others the records are read.
_WITHOUT_POSTS: LiteralString = (
    "WITH COLLECT { MATCH (b:Batch) WHERE b.part = 'INTERACTED' RETURN DISTINCT b.dataset } AS some,"
    " COLLECT { MATCH (b:Batch) WHERE b.part = 'POSTED' RETURN DISTINCT b.dataset } AS posts"
    " WITH [d IN some WHERE NOT d IN posts] AS plain "
)
_OF_ONE_DATASET: LiteralString = "({+a}:Account AND size({+a}.sources) = 1 AND {+a}.sources[0] IN plain)"
_COUNTED_SIDES: Final[dict[str, tuple[LiteralString, LiteralString, LiteralString]]] = {
    "amplifier": ("{+n}.amplifier", "observed_out", "-[{+e}:AMPLIFIED]->"),
    "amplified": ("{+n}.amplified", "observed_in", "<-[{+e}:AMPLIFIED]-"),
}


def _read_keys(arguments: Mapping[str, Any]) -> list[str]:
    asked = arguments.get("groupBy")
    names = ["amplifier"] if asked is None else [str(name) for name in asked]
    if not names or len(names) > MAX_KEYS or len(set(names)) < len(names):
        shown = ", ".join(name.upper() for name in names[:10])
        raise BadArgument(
            "BAD_ARGUMENT", "groupBy", shown, f"cannot be; name one key, or {MAX_KEYS} different ones"
        )
    return names


def _find_groups(arguments: Mapping[str, Any]) -> Wanted:
    asked = {**arguments, "modality": arguments.get("modality") or [Modality.ASSERTED]}
    modalities = tuple(str(modality) for modality in asked["modality"])
    names = _read_keys(asked)
    basis = asked.get("basis")
    start, value = _find_start(asked)
    in_time = asks_for_time(asked)
    branches: list[tuple[Step, ...]] = []
    without_date: list[Part] = []
    late: LiteralString | None = None
    if basis in (None, "reported"):
        branches.append(_reported(start, value, asked, names))
        if in_time:
            steps = _reported_records(start, value, asked, (undated(CLAIM_DAYS),))
            without_date.append(Part(steps, binds=("{+c}",), distinct=True))
    # An observed row asserts; it has no other modality.
    is_reported_only = any(asked.get(name) is not None for name in REPORTED_ONLY)
    if basis in (None, "observed") and Modality.ASSERTED in modalities and not is_reported_only:
        late = None if in_time or start is not EVERY else _find_late(asked, names)
        branches.append(_observed(start, value, asked, names) if late is None else _counted(names[0]))
        if in_time:
            steps = _observed_rows(start, value, asked, (undated(_ROW_DAYS),))
            without_date.append(Part(steps, binds=("{+r}",), distinct=True))
    if not branches:
        return Wanted((), (), modalities)
    group = Part(
        _groups(branches, names, grouped=late is not None and len(branches) == 1),
        binds=("{+n}", "{+c}", "{+e}", "{+r}", "{+a}") if late is None else ("{+n}", "{+c}", "{+r}", "{+a}"),
        nulls=() if late is None else ("{+e}",),
        keys=_ORDERS[str(asked.get("orderBy") or "REPORTED")],
        late=late,
    )
    return Wanted((group,), tuple(without_date), modalities)


def _find_start(asked: Mapping[str, Any]) -> tuple[Start, str | None]:
    if asked.get("of") is not None:
        return _OF, check_entity_id("of", asked["of"])
    for name in ("amplifier", "content", "channel"):
        if asked.get(name) is not None:
            return STARTS[name], check_entity_id(name, asked[name])
    return EVERY, None


def _groups(branches: Sequence[tuple[Step, ...]], names: Sequence[str], *, grouped: bool) -> tuple[Step, ...]:
    """The branches in one CALL, then one row for each pair of keys; `grouped` when it comes so, without a claim."""
    steps: list[Step] = []
    for branch in branches:
        opening: LiteralString = " UNION ALL " if steps else "CALL () { "
        steps += [branch[0]._replace(text=opening + branch[0].text), *branch[1:]]
    keys: list[LiteralString] = []
    for name in _NAMES:
        place: LiteralString = "null" if name not in names else "k1" if name == names[0] else "k2"
        keys.append(name + ": " + place)
    by = ", ".join(["'" + name + "'" for name in _NAMES if name in names])
    return (
        *steps,
        Step(
            "} WITH k1, k2, [] AS claims, [] AS shown, reported, observed"
            if grouped
            else "} WITH k1, k2, collect(claims) AS claims, collect(shown) AS shown, max(reported) AS reported,"
            " max(observed) AS observed"
        ),
        Step(
            "WITH {" + ", ".join(keys) + ", by: [" + by + "]} AS {+n}, coalesce(head(claims), []) AS {+c},"
            " shown AS {+e}, [reported, observed] AS {+r}, coalesce(k1, '~') + '|' + coalesce(k2, '~') AS {+a}"
        ),
    )


def _keys(names: Sequence[str], *, observed: bool) -> LiteralString:
    found: list[LiteralString] = []
    for name in names:
        found.append(_BY[name].observed if observed else _BY[name].reported)  # noqa: PERF401 - pyright keeps literals so
    return "WITH " + found[0] + " AS k1, " + (found[1] if len(found) > 1 else "null") + " AS k2"


def _reported_records(
    start: Start, value: object, asked: Mapping[str, Any], dated: tuple[Clause, ...]
) -> tuple[Step, ...]:
    of_claim = (
        IS_AMPLIFICATION,
        *start.of_claim,
        *visible(asked),
        *clauses(asked, OF_CLAIM, CHECKS),
        *dated,
    )
    of_ends = clauses(asked, OF_ENDS, CHECKS)
    if asked.get("of") is not None:
        of_ends = (*of_ends, Clause(_OF_EITHER, asked["of"]))
    return (Step(start.reported, of_claim, value), Step(start.ends, of_ends))


def _reported(
    start: Start, value: object, asked: Mapping[str, Any], names: Sequence[str]
) -> tuple[Step, ...]:
    channel = (Step("OPTIONAL MATCH ({+c})-[:VIA]->({+r}:Entity)"),) if "channel" in names else ()
    grouped = Step(
        _keys(names, observed=False) + ", {+c} WITH k1, k2, collect(DISTINCT {+c}) AS claims,"
        " max(coalesce({+c}.count_min, -1)) AS reported"
        " RETURN k1, k2, claims, null AS shown, reported, -1 AS observed"
    )
    return (*_reported_records(start, value, asked, within(CLAIM_DAYS, asked)), *channel, grouped)


def _observed_records(start: Start, value: object, asked: Mapping[str, Any]) -> Step:
    conditions = [IS_OBSERVED, *clauses(asked, OF_EDGE, CHECKS)]
    if asked.get("of") is not None:
        conditions.append(Clause(OF_EDGE["amplified"], asked["of"]))
    return Step(start.observed, tuple(conditions), value)


def _observed_rows(
    start: Start, value: object, asked: Mapping[str, Any], dated: tuple[Clause, ...]
) -> tuple[Step, ...]:
    return (_observed_records(start, value, asked), Step(_ROWS_OF_EDGE, dated))


def _observed(
    start: Start, value: object, asked: Mapping[str, Any], names: Sequence[str]
) -> tuple[Step, ...]:
    by_rows = asks_for_time(asked) or "month" in names
    found: tuple[Step, ...] = (
        _observed_rows(start, value, asked, within(_ROW_DAYS, asked))
        if by_rows
        else (_observed_records(start, value, asked), Step("WITH DISTINCT {+a}, {+b}, {+e}"))
    )
    variables: LiteralString = ", {+e}, {+r}, source, target" if by_rows else ", {+a}, {+b}, {+e}"
    grouped = Step(
        _keys(names, observed=True) + variables
        + " WITH k1, k2, " + (_OF_ROWS if by_rows else _OF_RECORDS)
        + " RETURN k1, k2, null AS claims, [dataset, amount, since, until, undated, open, counted] AS shown,"
        " -1 AS reported, amount AS observed"
    )  # fmt: skip
    return (*found, grouped)


def _find_late(asked: Mapping[str, Any], names: Sequence[str]) -> LiteralString | None:
    """What finds the sums of a group, once the page is cut, where the counters tell the order of all; else None."""
    if len(names) > 1 or names[0] not in _COUNTED_SIDES or clauses(asked, OF_EDGE, CHECKS):
        return None
    key, _, way = _COUNTED_SIDES[names[0]]
    # An edge starts and ends at a canonical entity, so its id is the key.
    return (
        "CALL ({+n}) { MATCH (:Entity {id: " + key + "})" + way + "(:Entity)"
        " WHERE coalesce({+e}.basis, '') = 'observed' WITH " + _OF_RECORDS
        + " RETURN collect([dataset, amount, since, until, undated, open, counted]) AS {+e} }"
    )  # fmt: skip


def _counted(name: str) -> tuple[Step, ...]:
    """The observed branch by what is kept on each entity; what is shown of a group is found once the page is cut."""
    _, counter, way = _COUNTED_SIDES[name]
    amount: LiteralString = "{+a}." + counter
    text: LiteralString = (
        "CALL () { " + _WITHOUT_POSTS + "MATCH ({+a}:Entity) WHERE " + amount + " > 0 AND " + _OF_ONE_DATASET
        + " RETURN {+a}.canonical AS k1, " + amount + " AS observed UNION ALL "
        + _WITHOUT_POSTS + "MATCH ({+a}:Entity) WHERE " + amount + " > 0 AND NOT " + _OF_ONE_DATASET
        + " MATCH ({+a})" + way + "(:Entity) WHERE coalesce({+e}.basis, '') = 'observed'"
        " WITH {+a}.canonical AS k1, {+e}.dataset AS dataset, sum({+e}.count_min) AS amount"
        " RETURN k1, max(amount) AS observed }"
        " RETURN k1, null AS k2, null AS claims, null AS shown, -1 AS reported, observed"
    )  # fmt: skip
    return (Step(text),)


def _find_claims(_arguments: Mapping[str, Any]) -> Wanted:
    largest = Key("coalesce({+n}.count_min, -1)", descending=True)
    return Wanted((Part((Step("UNWIND {c} AS {+n} WITH {+n}"),), keys=(largest, Key("{+n}.id"))),))


def _entity(name: LiteralString) -> Many:
    return Many("Entity", "MATCH ({+n}:Entity {id: {n}." + name + "})", only_one=True)


AMPLIFIERS: Final = Page("AmplifierGroup", _find_groups)
AMPLIFIER_PARTS: Final[dict[str, dict[str, Field]]] = {
    "AmplifierGroup": {
        "id": Scalar("{a}"),
        "groupedBy": Scalar("{n}.by"),
        "amplifier": _entity("amplifier"),
        "amplified": _entity("amplified"),
        "channel": _entity("channel"),
        "country": Scalar("{n}.country"),
        "month": Scalar("{n}.month"),
        "reported": One("ReportedSide"),
        "observed": Many("ObservedSide", "UNWIND {e} AS {+e}", binds="{+e}", order="{+e}[0]"),
    },
    "ReportedSide": {
        "claimCount": Scalar("size({c})"),
        "claims": Page("Claim", _find_claims, parent="{a}"),
        "statedCounts": Many(
            "StatedCount",
            "UNWIND {c} AS {+n} WITH {+n} WHERE {+n}.count IS NOT NULL",
            order="coalesce({+n}.count_min, -1) DESC, {+n}.id",
        ),
        "withoutCount": Scalar("size([k IN {c} WHERE k.count IS NULL])"),
        # Not any() bare: where it is the one value of a list, the embedded engine gives the value without the list.
        "contested": Scalar("coalesce(any(k IN {c} WHERE k.contested), false)"),
        "documents": Scalar(
            "COUNT { UNWIND {c} AS k MATCH (k)-[:SHOWN_IN]->(:Passage)-[:PART_OF]->(d:Document) RETURN DISTINCT d }"
        ),
        # As kb/derive.py counts them for one claim.
        "independentOrigins": Scalar(
            "COUNT { UNWIND {c} AS k MATCH (k)-[:SAID_BY]->(:Entity)-[:COPIES*0..20]->(s:Entity)"
            " WHERE NOT EXISTS { (s)-[:COPIES]->(:Document) } OPTIONAL MATCH (s)-[:PUBLISHED_UNDER]->(p:Entity)"
            " RETURN DISTINCT coalesce(p, s) }"
        ),
    },
    "StatedCount": {"count": One("Count"), "claim": One("Claim")},
    "ObservedSide": {
        "dataset": Many("Dataset", "MATCH ({+n}:Dataset {id: {e}[0]})", only_one=True),
        "text": Scalar(
            "toString({e}[1]) + CASE WHEN {e}[1] = 1 THEN ' interaction held' ELSE ' interactions held' END"
        ),
        "interactions": Scalar("{e}[1]"),
        "first": Scalar("{e}[2]"),
        "last": Scalar("{e}[3]"),
        "undated": Scalar("{e}[4]"),
        "boundsUnknown": Scalar("{e}[5]"),
        "accounts": Scalar(
            "COUNT { UNWIND {e}[6] AS k UNWIND k AS id MATCH (x:Entity {id: id}) WHERE x:Account RETURN DISTINCT id }"
        ),
    },
}
