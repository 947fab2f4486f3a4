"""A subgraph for drawing: what stands one or two hops from an entity, and every derived edge between what is shown."""

from collections.abc import Mapping
from typing import Any, Final, LiteralString

from kb.questions.arguments import BadArgument, as_text, check_entity_id
from kb.questions.links import IS_WANTED, KINDS
from kb.select import Field, Many, One, Scalar, Step
from schema.verbs import VERB_NAMES

MAX_HOPS: Final = 2
MAX_NODES: Final = 1_000
# As for paths: half a second.
MAX_STEPS: Final = 100_000

_STEP: LiteralString = IS_WANTED.replace("{e}", "step")
# `{e}` is what was to be looked at: nothing further is read when that is too much.
_AROUND: Final[dict[int, LiteralString]] = {
    1: (
        "MATCH ({+a}:Entity {id: {id}}) WITH {+a}, coalesce({+a}.degree, 0) AS {+e}"
        " CALL ({+a}, {+e}) { RETURN {+a} AS found, 0 AS hop UNION ALL MATCH ({+a})-[step:" + KINDS + "]-(x:Entity)"
        " WHERE {+e} <= {most} AND x <> {+a} AND " + _STEP + " RETURN DISTINCT x AS found, 1 AS hop }"
    ),
    2: (
        "MATCH ({+a}:Entity {id: {id}}) WITH {+a}, coalesce({+a}.degree, 0) AS one"
        " CALL ({+a}, one) { MATCH ({+a})-[step:" + KINDS + "]-(x:Entity)"
        " WHERE one <= {most} WITH DISTINCT x RETURN coalesce(sum(x.degree), 0) AS two }"
        " WITH {+a}, one + two AS {+e}"
        " CALL ({+a}, {+e}) { RETURN {+a} AS found, 0 AS hop UNION ALL MATCH ({+a})-[step:" + KINDS + "]-(x:Entity)"
        " WHERE {+e} <= {most} AND x <> {+a} AND " + _STEP + " RETURN DISTINCT x AS found, 1 AS hop"
        " UNION ALL MATCH ({+a})-[step:" + KINDS + "]-(x:Entity)"
        " WHERE {+e} <= {most} AND x <> {+a} AND " + _STEP + " WITH DISTINCT {+a}, x"
        " MATCH (x)-[step:" + KINDS + "]-(y:Entity) WHERE y <> {+a} AND " + _STEP
        + " RETURN DISTINCT y AS found, 2 AS hop }"
    ),
}  # fmt: skip
# The nearest first, then those with most edges: what is left out is what says least.
_SHOWN: LiteralString = (
    " WITH {+a}, {+e}, found, min(hop) AS hop ORDER BY hop, coalesce(found.degree, 0) DESC, found.id"
    " WITH {+a}, {+e}, collect(found.id) AS {+c} WITH {+a}, {+e}, {+c}, {+c}[0..{limit}] AS {+r}"
)
_MATCHES: Final[dict[int, LiteralString]] = {hops: around + _SHOWN for hops, around in _AROUND.items()}


def _find_neighbourhood(arguments: Mapping[str, Any]) -> Step:
    entity = check_entity_id("id", arguments["id"])
    hops, limit = arguments.get("hops", 1), arguments.get("limit", 100)
    if not 1 <= hops <= MAX_HOPS:
        raise BadArgument("BAD_ARGUMENT", "hops", hops, f"is out of range; write 1 or {MAX_HOPS}")
    if not 1 <= limit <= MAX_NODES:
        raise BadArgument("BAD_ARGUMENT", "limit", limit, f"is out of range; write 1 to {MAX_NODES:,}")
    verbs = arguments.get("relations")
    values: tuple[tuple[LiteralString, object], ...] = (
        ("{id}", entity),
        ("{most}", MAX_STEPS),
        ("{limit}", limit),
        (
            "{root.verbs}",
            sorted(VERB_NAMES if verbs is None else {as_text("relations", verb) for verb in verbs}),
        ),
        ("{root.uncontested}", False),
    )
    return Step(_MATCHES[hops], values=values)


def _refuse_hub(steps: int) -> None:
    if steps > MAX_STEPS:
        raise BadArgument(
            "TOO_EXPENSIVE",
            "hops",
            steps,
            f"edges would have to be followed, and {MAX_STEPS:,} are the most; write 1, or ask for amplifications",
        )


NEIGHBOURHOOD: Final = Many("Neighbourhood", "", only_one=True, binds="{+a}, {+c}, {+e}, {+r}",
                            find=_find_neighbourhood, guard="{+e}", refuse=_refuse_hub)  # fmt: skip

NEIGHBOURHOOD_PARTS: Final[dict[str, dict[str, Field]]] = {
    "Neighbourhood": {
        "entity": One("Entity", node="{a}"),
        "total": Scalar("size({c})"),
        "shown": Scalar("size({r})"),
        "nodes": Many(
            "Neighbour",
            "UNWIND range(0, size({r}) - 1) AS {+e} MATCH ({+n}:Entity {id: {r}[{+e}]})",
            binds="{+n}, {+e}",
            order="{+e}",
        ),
        "edges": Many(
            "Link",
            "UNWIND {r} AS shown MATCH ({+a}:Entity {id: shown})-[{+e}:" + KINDS + "]->({+b}:Entity)"
            " WHERE {+b}.id IN {r} AND " + IS_WANTED.replace("{e}", "{+e}")
            + " OPTIONAL MATCH ({+c}:Claim {id: {+e}.claim})",
            binds="{+a}, {+b}, {+c}, {+e}",
            order="CASE WHEN {+e}.basis = 'reported' THEN 0 ELSE 1 END, {+e}.id",
        ),
    },
    "Neighbour": {
        "id": Scalar("{n}.id"),
        "label": Scalar("{n}.name"),
        "type": Scalar("{n}.type"),
        "degree": Scalar("coalesce({n}.degree, 0)"),
        "entity": One("Entity"),
    },
}  # fmt: skip
