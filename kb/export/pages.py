"""The pages of a question, one behind the other, for an export: read by the same planner as an answer of the API."""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

from kb.export.losses import Losses
from kb.questions import FIELDS, ROOTS
from kb.questions.claims import CLAIMS
from kb.select import ABSTRACT, Clause, Field, Many, One, Page, Part, Pick, Scalar, Step, Wanted, compose
from kb.store import Store

Row = dict[str, Any]
Turn = Callable[[], AbstractAsyncContextManager[None]]

# As the API's largest page. A claim brings its passages, voices, replies and contests: some fifty values.
OBSERVED_ROWS: Final = 1_000
CLAIM_ROWS: Final = 200

_ONE_PART: Final = "exported"
_TELLING: Final = ("id", "label", "standing", "country", "platform", "handle")
# Beside those, what an export of the entities themselves tells of each: fields of single types.
_OWN: Final = ("host", "kind", "platform_id", "pseudonym", "ownership", "size", "url", "date", "at")
_OF_ANY: Final[dict[str, Field]] = {
    "id": Scalar("{n}.id"),
    "label": Scalar("coalesce({n}.name, {n}.sentence, {n}.text)"),
    "country": Scalar("coalesce({n}.country, {n}.sender)"),
    **{name: Scalar("{n}." + name) for name in ("standing", "platform", "handle", *_OWN)},
}
_CURRENT: Final = " WHERE {+n}.known_to IS NULL AND {+n}.status = 'accepted'"
# Where the API has a field for each role and each relation, an export has one list of them all: seven lists of things
# took Neo4j 8 s to plan on a busy machine, and one less than 2 s.
EXPORT_FIELDS: Final[dict[str, Mapping[str, Field]]] = {
    **FIELDS,
    "Entity": {**FIELDS["Entity"], **_OF_ANY},
    "Thing": _OF_ANY,
    "Claim": {
        **FIELDS["Claim"],
        "roles": Many(
            "Role",
            "MATCH ({n})-[{+r}:WHO|WHAT|WHOSE|VIA|AT|DURING|ABOUT]->({+n})"
            " WHERE coalesce({+n}.status, '') <> 'suggested'",
            binds="{+n}, {+r}",
            order="type({+r}), {+n}.id",
        ),
        "answers": Many(
            "Relation",
            "MATCH ({n})<-[{+r}:REPLIES_TO|SUPPORTS]-({+n}:Claim)" + _CURRENT,
            binds="{+n}, {+r}",
            order="type({+r}), {+n}.id",
        ),
        "frames": Many(
            "Relation",
            "MATCH ({n})-[{+r}:REPLIES_TO|INSIDE]->({+n}:Claim)" + _CURRENT,
            binds="{+n}, {+r}",
            order="type({+r}), {+n}.id",
        ),
    },
    "Role": {"role": Scalar("type({r})"), "thing": One("Thing")},
    "Relation": {"relation": Scalar("type({r})"), "claim": One("Claim")},
}


def _pick(kind: str, name: str, *picks: Pick) -> Pick:
    return Pick(kind, name, {}, list(picks))


def _picks(kind: str, *names: str) -> list[Pick]:
    return [Pick(kind, name) for name in names]


_ENTITY: Final = _picks("Entity", *_TELLING)
_WHEN: Final = _pick(
    "Claim", "when", *_picks("When", "edtf", "literal", "basis", "reason", "earliest", "latest")
)
# A claim that is told beside another: its sentence holds its voice.
_TOLD: Final = _picks("Claim", "id", "verb", "sentence", "kind", "modality", "status")
_PASSAGE: Final = _pick(
    "ShownIn",
    "passage",
    *_picks("Passage", "id", "paragraph", "start", "end", "spanSha256", "exact", "prefix", "suffix"),
    _pick("Passage", "document", *_picks("Document", "id", "label", "url")),
)
# What a claim has, in two statements: as one it was not planned by Neo4j within the time limit, on a busy machine.
_CLAIM: Final = (
    [
        *_picks("Claim", "id", "case", "version", "verb", "text", "sentence", "kind", "modality", "status",
                "objectText", "frequency", "documents", "contested", "contestedDirectly", "note", "enteredBy",
                "enteredAt", "knownFrom", "knownTo"),
        _pick("Claim", "count", *_picks("Count", "text", "min", "max", "unit")),
        _WHEN,
        _pick("Claim", "roles", Pick("Role", "role"), _pick("Role", "thing", *_picks("Thing", *_TELLING))),
        _pick("Claim", "origins", Pick("Origins", "count")),
        _pick("Claim", "grade", *_picks("Grade", "source", "information", "reason")),
    ],
    [
        Pick("Claim", "id"),
        _pick("Claim", "saidBy", _pick("SaidBy", "entity", *_ENTITY), Pick("SaidBy", "standing")),
        _pick("Claim", "shownIn", Pick("ShownIn", "attribution"), _PASSAGE),
        _pick("Claim", "disputedBy", *_picks("Contest", "level", "scope"), _pick("Contest", "claim", *_TOLD)),
        _pick("Claim", "answers", Pick("Relation", "relation"), _pick("Relation", "claim", *_TOLD)),
        _pick("Claim", "frames", Pick("Relation", "relation"),
              _pick("Relation", "claim", *_picks("Claim", "id", "sentence"))),
    ],
)  # fmt: skip
_CLAIM_ID: Final = [Pick("Claim", "id")]
_COUNT_NAMES: Final = ("text", "min", "max", "unit")


def _record(kind: str, ends: tuple[str, str], *further: Pick) -> list[Pick]:
    return [
        *_picks(kind, "id", "basis"),
        _pick(kind, ends[0], *_ENTITY),
        _pick(kind, ends[1], *_ENTITY),
        _pick(kind, "channel", *_ENTITY),
        _pick(kind, "count", *_picks("RecordCount", *_COUNT_NAMES)),
        *further,
    ]


_OF_CLAIM: Final = (_pick("Amplification", "content", *_ENTITY), _pick("Amplification", "claim", *_CLAIM_ID))
_DATASET: Final = _picks("Dataset", "id", "title", "publisher", "licence")
_OF_ROWS: Final = (
    _pick("Amplification", "dataset", *_DATASET),
    *_picks("Amplification", "first", "last", "undated", "boundsUnknown"),
)
_REPORTED: Final = _record("Amplification", ("amplifier", "amplified"), *_OF_CLAIM)
_OBSERVED: Final = _record("Amplification", ("amplifier", "amplified"), *_OF_ROWS)
_WHOLE_ENTITY: Final = [
    *_ENTITY,
    *_picks("Entity", *_OWN, "note", "wikidata", "repliesRecorded"),
    _pick("Entity", "names", *_picks("Name", "written", "script", "source")),
]
_NEIGHBOURHOOD: Final = [
    *_picks("Neighbourhood", "total", "shown"),
    _pick("Neighbourhood", "nodes", _pick("Neighbour", "entity", *_WHOLE_ENTITY)),
    _pick(
        "Neighbourhood",
        "edges",
        *_record(
            "Link",
            ("from", "to"),
            *_picks("Link", "verb", "first", "last"),
            _pick("Link", "claim", *_CLAIM_ID),
            _pick("Link", "dataset", *_DATASET),
        ),
    ),
]


@dataclass(slots=True)
class Batch:
    """Some rows of an answer. A record is an edge between two entities, with the claim or the dataset behind it."""

    records: list[Row] = field(default_factory=list[Row])
    claims: list[Row] = field(default_factory=list[Row])
    entities: list[Row] = field(default_factory=list[Row])

    def things(self) -> Iterator[Row]:
        """Every entity that is named, some more than once, and the claims that stand in roles of claims."""
        yield from self.entities
        for record in self.records:
            yield from (record[end] for end in ("source", "target", "channel") if record[end])
            yield from record["content"]
        for claim in self.whole_claims():
            for role in ROLES:
                yield from claim[role]
            yield from (said["entity"] for said in claim["saidBy"])

    def whole_claims(self) -> Iterator[Row]:
        """Every claim that was asked for, or is behind a record; one may come more than once."""
        yield from self.claims
        yield from (record["claim"] for record in self.records if record["claim"])


ROLES: Final = ("who", "what", "whose", "via", "at", "during", "about")


async def read_batches(
    store: Store, question: str, arguments: Mapping[str, Any], losses: Losses, turn: Turn = nullcontext
) -> AsyncGenerator[Batch]:
    """Every row of a question, sorted by id: reported records first, then observed ones.

    Each page is read in one `turn`: one statement, and two more for the claims in it.
    Raises BadArgument, and what a read of the store raises.
    """
    if question == "neighbourhood":
        batch = await _read_neighbourhood(store, arguments, losses, turn)
        if batch is not None:
            yield batch
        return
    root = ROOTS[question]
    if not isinstance(root, Page):
        raise TypeError(f"{question} is no list")
    asked = {"filter": arguments} if question == "claims" else arguments
    wanted = root.find(asked)
    for part in wanted.parts:
        picks, most = _picks_of(question, part)
        async for rows in _read_part(store, root, part, picks, most, turn):
            batch = _batch(question, root.type, picks, rows)
            async with turn():
                await _fill_claims(store, batch)
            yield batch
    if wanted.undated:
        async with turn():
            undated = await _count(store, root, wanted.undated)
        losses.lose("left out because it has no date, and a time was asked for", undated)


def _picks_of(question: str, part: Part) -> tuple[list[Pick], int]:
    if question == "entities":
        return _WHOLE_ENTITY, OBSERVED_ROWS
    if question == "claims":
        return _CLAIM_ID, CLAIM_ROWS
    # A record of a claim has no edge, and one of rows has no claim.
    return (_REPORTED, CLAIM_ROWS) if "{+e}" in part.nulls else (_OBSERVED, OBSERVED_ROWS)


def _by_id(part: Part) -> Part:
    """The part in the order of its ids, which an index has: sorting by count anew for each page would take hours."""
    key = part.keys[-1]
    # True of every id; it lets the index find the first page as well.
    last = part.steps[-1]
    begun = last._replace(where=(*last.where, Clause(key.expression + " > ''")))
    return part._replace(keys=(key,), steps=(*part.steps[:-1], begun))


async def _read_part(
    store: Store, root: Page, part: Part, picks: list[Pick], most: int, turn: Turn
) -> AsyncGenerator[list[list[Any]]]:
    sorted_part = _by_id(part)
    fields = _with_root(root, Wanted((sorted_part,)))
    after: tuple[Any, ...] | None = None
    while True:
        pick = Pick("Query", _ONE_PART, {}, picks, first=most, after=after)
        statement = compose(fields, pick, searched=False, sharing=False)
        async with turn():
            ((answer,),) = await store.read(statement.text, statement.parameters)
        rows: list[list[Any]] = answer[1][:most]
        if rows:
            yield [slots for _keys, slots in rows]
        if len(answer[1]) <= most:
            return
        after = tuple(rows[-1][0])


async def _count(store: Store, root: Page, parts: tuple[Part, ...]) -> int:
    pick = Pick("Query", _ONE_PART, rows=False, total=True)
    statement = compose(_with_root(root, Wanted(parts)), pick, searched=False, sharing=False)
    ((answer,),) = await store.read(statement.text, statement.parameters)
    return int(answer[2])


def _with_root(root: Page, wanted: Wanted) -> dict[str, Mapping[str, Field]]:
    def find(_arguments: Mapping[str, Any]) -> Wanted:
        return wanted

    return {**EXPORT_FIELDS, "Query": {_ONE_PART: Page(root.type, find)}}


async def _fill_claims(store: Store, batch: Batch) -> None:
    """Puts the whole claims in the place of their ids."""
    ids = sorted({claim["id"] for claim in batch.whole_claims()})
    if not ids:
        return
    found: dict[str, Row] = {key: {} for key in ids}
    part = Part((Step("UNWIND {value} AS id MATCH ({+n}:Claim {id: id})", value=ids),))
    fields = _with_root(CLAIMS, Wanted((part,)))
    for picks in _CLAIM:
        pick = Pick("Query", _ONE_PART, {}, picks, first=len(ids))
        statement = compose(fields, pick, searched=False, sharing=False)
        ((answer,),) = await store.read(statement.text, statement.parameters)
        for _keys, slots in answer[1]:
            row = name_slots("Claim", picks, slots)
            found[row["id"]].update(row)
    for claim in found.values():
        if claim:
            _sort_out(claim)
    # What was erased since the page was read is left out, records and all.
    batch.claims = [found[claim["id"]] for claim in batch.claims if found[claim["id"]]]
    batch.records = [
        record for record in batch.records if not record["claim"] or found[record["claim"]["id"]]
    ]
    for record in batch.records:
        if record["claim"]:
            record["claim"] = found[record["claim"]["id"]]


def _sort_out(claim: Row) -> None:
    """The lists of all roles and relations as one list for each."""
    roles = claim.pop("roles")
    for role in ROLES:
        claim[role] = [row["thing"] for row in roles if row["role"] == role.upper()]
    for name, relation, listed in _RELATIONS:
        claim[name] = [row["claim"] for row in claim[listed] if row["relation"] == relation]
    del claim["answers"], claim["frames"]


_RELATIONS: Final = (
    ("replies", "REPLIES_TO", "answers"),
    ("supportedBy", "SUPPORTS", "answers"),
    ("repliesTo", "REPLIES_TO", "frames"),
    ("inside", "INSIDE", "frames"),
)


def _batch(question: str, kind: str, picks: Sequence[Pick], rows: Sequence[Sequence[Any]]) -> Batch:
    named = [name_slots(kind, picks, slots) for slots in rows]
    if question == "claims":
        return Batch(claims=named)
    if question == "entities":
        return Batch(entities=named)
    return Batch(records=[_even(row, "amplifier", "amplified") for row in named])


async def _read_neighbourhood(
    store: Store, arguments: Mapping[str, Any], losses: Losses, turn: Turn
) -> Batch | None:
    pick = Pick("Query", "neighbourhood", {"hops": 1, "limit": 100, **arguments}, _NEIGHBOURHOOD)
    statement = compose(EXPORT_FIELDS, pick, searched=False, sharing=False)
    async with turn():
        ((answer,),) = await store.read(statement.text, statement.parameters)
    root = ROOTS["neighbourhood"]
    if not isinstance(root, Many) or root.refuse is None:
        raise TypeError("neighbourhood has no guard")
    if not answer:
        return None
    guard, slots = answer[0]
    root.refuse(guard)
    found = name_slots("Neighbourhood", _NEIGHBOURHOOD, slots)
    losses.lose("entities beyond `limit`", found["total"] - found["shown"])
    batch = Batch(
        records=[_even(link, "from", "to") for link in found["edges"]],
        entities=[node["entity"] for node in found["nodes"]],
    )
    async with turn():
        await _fill_claims(store, batch)
    return batch


_ABSENT: Final = ("claim", "dataset", "first", "last", "undated", "boundsUnknown")


def _even(row: Row, source: str, target: str) -> Row:
    """A record of either question under the same names."""
    rest = {name: value for name, value in row.items() if name not in (source, target)}
    found = {**dict.fromkeys(_ABSENT), "content": [], "verb": "AMPLIFIED", **rest}
    return {**found, "source": row[source], "target": row[target]}


def name_slots(kind: str, picks: Sequence[Pick], slots: Sequence[Any]) -> Row:
    """The positional lists of an answer as dicts with the names of the fields; `type` is that of an entity or claim."""
    row: Row = {"type": "Claim"} if kind == "Claim" else {}
    if kind in ABSTRACT:
        row["type"], *slots = slots
    for pick, value in zip(picks, slots, strict=True):
        row[pick.field] = _named(EXPORT_FIELDS[pick.type][pick.field], pick, value)
    return row


def _named(found: Field, pick: Pick, value: Any) -> Any:
    match found:
        case Scalar():
            return value
        case One():
            if found.when is None:
                return name_slots(found.type, pick.picks, value)
            return name_slots(found.type, pick.picks, value[1:]) if value[0] else None
        case Many():
            rows = [name_slots(found.type, pick.picks, row) for row in value]
            return (rows[0] if rows else None) if found.only_one else rows
        case Page():
            raise TypeError(f"{pick.field} is a page inside a page")
