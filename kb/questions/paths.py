"""How two entities are connected through derived edges, and which sources speak of both: two answers, never mixed.

The shortest ways come first. No way leads through a document or a report: that two people stand in one source is no
relation between them. What one question may look at is bounded before anything is walked, from the degrees that
`kb/derive.py` keeps on entities.
"""

from collections.abc import Mapping
from typing import Any, Final, LiteralString

from kb.questions.arguments import BadArgument, as_text, check_entity_id
from kb.questions.links import IS_WANTED, KINDS
from kb.select import Field, Many, One, Scalar, Step
from schema.verbs import VERB_NAMES

MAX_HOPS: Final = 5
MAX_PATHS: Final = 100
# Steps from one entity to the next: 4.7 us each were measured on a hub, so half a second.
MAX_STEPS: Final = 100_000

# WITH between them: else Neo4j plans the product of both, which of one row each is harmless and looks like a mistake.
_ENDS: LiteralString = "MATCH (start:Entity {id: {from}}) WITH start LIMIT 1 MATCH (goal:Entity {id: {to}})"
# From the end with fewer edges; `turned` says that the found ways are to be read backwards.
_TURN: LiteralString = (
    " WITH start AS {+a}, goal AS {+b}, coalesce(start.degree, 0) > coalesce(goal.degree, 0) AS turned"
    " WITH {+a}, {+b}, turned, CASE WHEN turned THEN {+b} ELSE {+a} END AS s,"
    " CASE WHEN turned THEN {+a} ELSE {+b} END AS t"
    " WITH {+a}, {+b}, turned, s, t, coalesce(s.degree, 0) + coalesce(t.degree, 0) AS one"
)
# The steps that two, and three, hops from `s` take: the degrees of what is one, and two, hops away.
_TWO: LiteralString = (
    " CALL (s, one) { MATCH (s)-[step:" + KINDS + "]-(x:Entity) WHERE one <= {most} WITH DISTINCT x"
    " RETURN coalesce(sum(x.degree), 0) AS two }"
)
_THREE: LiteralString = (
    " CALL (s, one, two) { MATCH (s)-[step:"
    + KINDS
    + "]-(x:Entity) WHERE one + two <= {most} WITH DISTINCT s, x"
    " MATCH (x)-[further:" + KINDS + "]-(y:Entity) WHERE y <> s WITH DISTINCT x, y"
    " RETURN coalesce(sum(y.degree), 0) AS three }"
)
_FOUR: LiteralString = (
    " CALL (s, one, two, three) { MATCH (s)-[step:" + KINDS + "]-(x:Entity) WHERE one + two + three <= {most}"
    " WITH DISTINCT s, x MATCH (x)-[further:" + KINDS + "]-(y:Entity) WHERE y <> s WITH DISTINCT s, x, y"
    " MATCH (y)-[last:" + KINDS + "]-(z:Entity) WHERE z <> s AND z <> x WITH DISTINCT x, y, z"
    " RETURN coalesce(sum(z.degree), 0) AS four }"
)
# The sums that each number of hops needs; a sum that is not made is 0.
_COSTS: Final[dict[int, LiteralString]] = {
    1: " WITH {+a}, {+b}, turned, s, t, one AS {+e}",
    2: " WITH {+a}, {+b}, turned, s, t, one AS {+e}",
    3: _TWO + " WITH {+a}, {+b}, turned, s, t, one + two AS {+e}",
    4: _TWO + _THREE + " WITH {+a}, {+b}, turned, s, t, one + two + three AS {+e}",
    5: _TWO + _THREE + _FOUR + " WITH {+a}, {+b}, turned, s, t, one + two + three + four AS {+e}",
}

# What may stand between: neither end, no source.
_IS_BETWEEN: LiteralString = "NOT {x}.type IN ['Document', 'Report'] AND NOT {x} IN [s, t]"
_NAMES: Final[tuple[LiteralString, ...]] = ("s", "w", "x", "y", "z")


def _way(hops: int) -> LiteralString:
    """The ways of so many hops, as lists of ids. Parallel edges are one way: each step is made distinct."""
    text: LiteralString = ""
    for place in range(hops):
        here = _NAMES[place]
        is_last = place == hops - 1
        there: LiteralString = "t" if is_last else _NAMES[place + 1]
        before: LiteralString = ", ".join(_NAMES[: place + 1])
        where = IS_WANTED.replace("{e}", "step")
        if place == 0:
            where = "cost <= {most} AND " + where
        if not is_last:
            where += " AND " + _IS_BETWEEN.replace("{x}", there)
            where += " AND NOT " + there + " IN [" + before + "]" if place else ""
        target = "(t)" if is_last else "(" + there + ":Entity)"
        text += "MATCH (" + here + ")-[step:" + KINDS + "]-" + target + " WHERE " + where
        kept = before + ("" if is_last else ", " + there) + (", t" if not is_last else "")
        text += " WITH DISTINCT " + kept + " " if not is_last else " WITH DISTINCT " + before + ", t "
    ids: LiteralString = ", ".join([name + ".id" for name in _NAMES[:hops]])
    return text + "RETURN [" + ids + ", t.id] AS way"


_CUT: LiteralString = (
    " CALL (s, t, {+e}) { WITH s, t, {+e} AS cost CALL (s, t, cost) { {ways} } RETURN collect(way) AS ways }"
)


def _make_match(hops: int) -> LiteralString:
    ways: LiteralString = " UNION ALL ".join([_way(number) for number in range(1, hops + 1)])
    return (
        _ENDS
        + _TURN
        + _COSTS[hops]
        + _CUT.replace("{ways}", ways)
        + " WITH {+a}, {+b}, {+e}, [way IN ways | CASE WHEN turned THEN reverse(way) ELSE way END] AS {+c}"
    )


_MATCHES: Final[dict[int, LiteralString]] = {hops: _make_match(hops) for hops in range(1, MAX_HOPS + 1)}


def _find_paths(arguments: Mapping[str, Any]) -> Step:
    start, goal = (check_entity_id(name, arguments[name]) for name in ("from", "to"))
    hops, first = arguments.get("maxHops", 3), arguments.get("first", 20)
    if start == goal:
        raise BadArgument(
            "BAD_ARGUMENT", "to", goal, "is also `from`; write two entities, or ask for neighbourhood"
        )
    if not 1 <= hops <= MAX_HOPS:
        raise BadArgument("BAD_ARGUMENT", "maxHops", hops, f"is out of range; write 1 to {MAX_HOPS}")
    if not 1 <= first <= MAX_PATHS:
        raise BadArgument("BAD_ARGUMENT", "first", first, f"is out of range; write 1 to {MAX_PATHS}")
    verbs = arguments.get("through")
    is_uncontested = bool(arguments.get("onlyUncontested"))
    values: tuple[tuple[LiteralString, object], ...] = (
        ("{from}", start),
        ("{to}", goal),
        ("{most}", MAX_STEPS),
        (
            "{root.verbs}",
            sorted(VERB_NAMES if verbs is None else {as_text("through", verb) for verb in verbs}),
        ),
        ("{root.uncontested}", is_uncontested),
        ("{root.first}", first),
        ("{root.looked}", _say_what_was_looked_at(hops, verbs, is_uncontested=is_uncontested)),
    )
    return Step(_MATCHES[hops], values=values)


def _say_what_was_looked_at(hops: int, verbs: list[Any] | None, *, is_uncontested: bool) -> str:
    limits = "any verb" if verbs is None else ", ".join(sorted(map(str, verbs)))
    contests = (
        "; without claims that are contested themselves: contests of their sources are not looked at"
        if is_uncontested
        else "; contested claims included"
    )
    return (
        f"asserted claims and observed records, {limits}, up to {hops} hop{'' if hops == 1 else 's'}, never through a "
        f"document or report{contests}"
    )


def _refuse_hubs(steps: int) -> None:
    if steps > MAX_STEPS:
        raise BadArgument(
            "TOO_EXPENSIVE",
            "maxHops",
            steps,
            f"edges would have to be followed, and {MAX_STEPS:,} are the most; write fewer hops",
        )


PATHS: Final = Many("Paths", "", only_one=True, binds="{+a}, {+b}, {+c}, {+e}", find=_find_paths,
                    guard="{+e}", refuse=_refuse_hubs)  # fmt: skip

_ROLES: LiteralString = "WHO|WHAT|WHOSE|VIA|AT|DURING|ABOUT"
_IS_CURRENT: LiteralString = "{c}.known_to IS NULL AND {c}.status = 'accepted'"


def _claims_about(end: LiteralString) -> LiteralString:
    """Current claims of the voice `{n}` in which an end has a role."""
    return (
        "MATCH ({n})<-[:SAID_BY]-({+n}:Claim)-[:" + _ROLES + "]->(" + end + ")"
        " WHERE " + _IS_CURRENT.replace("{c}", "{+n}")
    )  # fmt: skip


def _passages_naming(end: LiteralString) -> LiteralString:
    """Passages of the document `{n}` that name an end, or show a claim in which it has a role."""
    return (
        "MATCH ({n})<-[:PART_OF]-({+n}:Passage) WHERE EXISTS { ({+n})-[:MENTIONS]->(" + end + ") }"
        " OR EXISTS { MATCH ({+n})<-[:SHOWN_IN]-(shown:Claim)-[:" + _ROLES + "]->(" + end + ")"
        " WHERE shown.known_to IS NULL AND shown.status = 'accepted' }"
    )  # fmt: skip


_IS_NAMED: LiteralString = (
    "(EXISTS { ({d})<-[:PART_OF]-(:Passage)-[:MENTIONS]->({x}) }"
    " OR EXISTS { MATCH ({d})<-[:PART_OF]-(:Passage)<-[:SHOWN_IN]-(shown:Claim)-[:" + _ROLES + "]->({x})"
    " WHERE shown.known_to IS NULL AND shown.status = 'accepted' })"
)
_NAMES_ONE: LiteralString = (
    "CALL ({a}) { MATCH ({a})<-[:MENTIONS]-(:Passage)-[:PART_OF]->({d}:Document) RETURN {d}"
    " UNION MATCH ({a})<-[:" + _ROLES + "]-(named:Claim)-[:SHOWN_IN]->(:Passage)-[:PART_OF]->({d}:Document)"
    " WHERE named.known_to IS NULL AND named.status = 'accepted' RETURN {d} }"
)
_SAYS_OF_ONE: LiteralString = (
    "MATCH ({a})<-[:" + _ROLES + "]-(about:Claim)-[:SAID_BY]->({v}:Entity)"
    " WHERE about.known_to IS NULL AND about.status = 'accepted' AND NOT {v} IN [{a}, {b}]"
    " AND EXISTS { MATCH ({v})<-[:SAID_BY]-(too:Claim)-[:" + _ROLES + "]->({b})"
    " WHERE too.known_to IS NULL AND too.status = 'accepted' }"
)
_SHARED_VOICES: LiteralString = _SAYS_OF_ONE.replace("{v}", "{+n}")
_SHARED_DOCUMENTS: LiteralString = (
    _NAMES_ONE.replace("{d}", "{+n}") + " WITH {a}, {b}, {+n} WHERE " + _IS_NAMED.replace("{d}", "{+n}")
).replace("{x}", "{b}")
_HAS_SHARED: LiteralString = (
    "(EXISTS { " + _SAYS_OF_ONE.replace("{v}", "voice") + " }"
    " OR EXISTS { "
    + (_NAMES_ONE + " WITH {a}, {b}, {d} WHERE " + _IS_NAMED).replace("{x}", "{b}")
    + " RETURN {d} })"
).replace("{d}", "document")

PATH_PARTS: Final[dict[str, dict[str, Field]]] = {
    "Paths": {
        "from": One("Entity", node="{a}"),
        "to": One("Entity", node="{b}"),
        "total": Scalar("size({c})"),
        "shown": Scalar("CASE WHEN size({c}) > {root.first} THEN {root.first} ELSE size({c}) END"),
        "lookedAt": Scalar("{root.looked}"),
        "paths": Many(
            "Path",
            "UNWIND {c} AS {+r} WITH {+r} ORDER BY size({+r}), {+r} LIMIT {root.first}",
            binds="{+r}",
            order="size({+r}), {+r}",
        ),
        "onlySharedSources": Scalar("size({c}) = 0 AND " + _HAS_SHARED),
        "sharedSources": One("SharedSources"),
    },
    "Path": {
        "hops": Scalar("size({r}) - 1"),
        "entities": Many(
            "Entity",
            "UNWIND range(0, size({r}) - 1) AS {+e} MATCH ({+n}:Entity {id: {r}[{+e}]})",
            binds="{+n}, {+e}",
            order="{+e}",
        ),
        "steps": Many(
            "Hop",
            "UNWIND range(0, size({r}) - 2) AS {+e} MATCH ({+a}:Entity {id: {r}[{+e}]})"
            " MATCH ({+b}:Entity {id: {r}[{+e} + 1]})",
            binds="{+a}, {+b}, {+e}",
            order="{+e}",
        ),
    },
    "Hop": {
        "from": One("Entity", node="{a}"),
        "to": One("Entity", node="{b}"),
        "links": Many(
            "Link",
            "MATCH ({a})-[{+e}:" + KINDS + "]-({b}) WHERE " + IS_WANTED.replace("{e}", "{+e}")
            + " OPTIONAL MATCH ({+c}:Claim {id: {+e}.claim})",
            binds="{+e}, {+c}, startNode({+e}) AS {+a}, endNode({+e}) AS {+b}",
            order="CASE WHEN {+e}.basis = 'reported' THEN 0 ELSE 1 END, {+e}.id",
        ),
    },
    "SharedSources": {
        "voices": Many("SharedVoice", _SHARED_VOICES, binds="{+n}, {a} AS {+a}, {b} AS {+b}"),
        "documents": Many("SharedDocument", _SHARED_DOCUMENTS, binds="{+n}, {a} AS {+a}, {b} AS {+b}"),
    },
    "SharedVoice": {
        "voice": One("Entity"),
        "aboutFrom": Many("Claim", _claims_about("{a}")),
        "aboutTo": Many("Claim", _claims_about("{b}")),
    },
    "SharedDocument": {
        "document": One("Document"),
        "namingFrom": Many("Passage", _passages_naming("{a}")),
        "namingTo": Many("Passage", _passages_naming("{b}")),
    },
}  # fmt: skip
