"""The questions of the API by name, for a terminal: each with the columns that an analyst reads first."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from kb.export.arguments import (
    ARGUMENTS,
    Read,
    each_of,
    one_of,
    read_by_table,
    read_number,
    read_text,
    read_truth,
)
from kb.export.pages import name_slots
from kb.questions import FIELDS, ask
from kb.questions.arguments import BadArgument
from kb.readable import make_readable
from kb.select import Page, Pick
from kb.store import Store
from schema.verbs import VERB_NAMES

#: What a page has when `first` is left out, and the most that it can have: those of the API.
FIRST_ROWS: Final = 20
MOST_ROWS: Final = 1_000

GROUP_KEYS: Final = ("amplifier", "amplified", "channel", "country", "month")
# Where a null says that no document held says it.
_STATED: Final = frozenset(
    {"amplifier", "amplified", "channel", "count", "edtf", "from", "to", "country", "month"}
)


class Entry(NamedTuple):
    """A question: what it says, its arguments, those of them that it needs, and its columns."""

    says: str
    arguments: Mapping[str, Read]
    needs: tuple[str, ...]
    picks: tuple[Pick, ...]


def _picks(kind: str, *names: str) -> list[Pick]:
    return [Pick(kind, name) for name in names]


def _below(kind: str, name: str, *picks: Pick) -> Pick:
    return Pick(kind, name, {}, list(picks))


_ENTITY: Final = _picks("Entity", "id", "label")
_NAME: Final = Pick("Entity", "label")
_COUNT: Final = Pick("Count", "text")
_RECORD_COUNT: Final = Pick("RecordCount", "text")
_WHEN: Final = _picks("When", "edtf", "basis")
_VOICE: Final = [_below("SaidBy", "entity", _NAME), Pick("SaidBy", "standing")]
_CLAIM: Final = (
    *_picks("Claim", "id", "sentence", "kind", "modality", "status"),
    _below("Claim", "count", _COUNT),
    _below("Claim", "when", *_WHEN),
    Pick("Claim", "documents"),
    _below("Claim", "origins", Pick("Origins", "count")),
    Pick("Claim", "contested"),
    _below("Claim", "replies", Pick("Claim", "sentence")),
)
_PASSAGE: Final = _picks("Passage", "id", "paragraph", "start", "end", "exact")
_CLAIM_WHOLE: Final = (
    *_CLAIM,
    _below("Claim", "saidBy", *_VOICE),
    _below("Claim", "shownIn", Pick("ShownIn", "attribution"), _below("ShownIn", "passage", *_PASSAGE)),
    _below("Claim", "disputedBy", *_picks("Contest", "level", "scope")),
)
_LABELLED: Final = ("id", "label", "note")
_TIME: Final[dict[str, Read]] = {"period": read_text, "validAt": read_text, "knownAt": read_text}
_RECORDS: Final = ARGUMENTS["amplifications"]
_ID: Final[dict[str, Read]] = {"id": read_text}

LIBRARY: Final[dict[str, Entry]] = {
    "amplifications": Entry(
        "who amplified whom, through which channel, how often, and who says so",
        _RECORDS,
        (),
        (
            *_picks("Amplification", "basis"),
            _below("Amplification", "amplifier", _NAME),
            _below("Amplification", "amplified", _NAME),
            _below("Amplification", "channel", _NAME),
            _below("Amplification", "count", _RECORD_COUNT),
            _below("Amplification", "when", *_WHEN),
            _below("Amplification", "saidBy", *_VOICE),
            *_picks("Amplification", "documents", "independentOrigins", "contested"),
            _below("Amplification", "replies", Pick("Claim", "sentence")),
            _below("Amplification", "claim", Pick("Claim", "id")),
            _below("Amplification", "dataset", Pick("Dataset", "id")),
        ),
    ),
    "amplifiers": Entry(
        "a ranking: what sources report beside what datasets show, never added",
        {
            "of": read_text,
            "groupBy": each_of(GROUP_KEYS),
            "orderBy": one_of(("REPORTED", "OBSERVED", "KEY")),
            **{name: read for name, read in _RECORDS.items() if name not in ("amplified", "minCount")},
        },
        (),
        (
            Pick("AmplifierGroup", "id"),
            _below("AmplifierGroup", "amplifier", _NAME),
            _below("AmplifierGroup", "amplified", _NAME),
            _below("AmplifierGroup", "channel", _NAME),
            *_picks("AmplifierGroup", "country", "month"),
            _below(
                "AmplifierGroup",
                "reported",
                *_picks("ReportedSide", "claimCount", "withoutCount", "contested", "documents"),
                Pick("ReportedSide", "independentOrigins"),
                _below("ReportedSide", "statedCounts", _below("StatedCount", "count", _COUNT)),
            ),
            _below(
                "AmplifierGroup",
                "observed",
                _below("ObservedSide", "dataset", Pick("Dataset", "id")),
                *_picks("ObservedSide", "text", "first", "last", "undated"),
            ),
        ),
    ),
    "claims": Entry("claims by any of their parts", ARGUMENTS["claims"], (), _CLAIM),
    "claim": Entry(
        "one claim with its voices, its passages, and what disputes it", _ID, ("id",), _CLAIM_WHOLE
    ),
    "entities": Entry(
        "entities by a name in any script, a handle, an id",
        ARGUMENTS["entities"],
        (),
        (*_ENTITY, Pick("Entity", "note")),
    ),
    "entity": Entry(
        "one entity with its names and accounts",
        _ID,
        ("id",),
        (
            *_picks("Entity", *_LABELLED, "wikidata", "repliesRecorded"),
            _below("Entity", "names", *_picks("Name", "written", "script", "source")),
            _below("Entity", "accounts", Pick("Account", "id")),
        ),
    ),
    "document": Entry(
        "one document: what it copies, cites, and how its garbled words may read",
        _ID,
        ("id",),
        (
            *_picks("Document", *_LABELLED, "date", "sha256", "held"),
            _below("Document", "copies", *_picks("Copy", "how", "certainty", "basis")),
            _below("Document", "readings", *_picks("Reading", "reading", "basis")),
        ),
    ),
    "timeline": Entry(
        "what is dated about an entity, earliest first",
        {**_ID, **_TIME},
        ("id",),
        (
            *_picks("TimelineItem", "from", "to", "basis", "sentence"),
            _below("TimelineItem", "claim", Pick("Claim", "id")),
            _below("TimelineItem", "dataset", Pick("Dataset", "id")),
            Pick("TimelineItem", "row"),
        ),
    ),
    "officials": Entry(
        "who holds or held which office",
        {"embassy": read_text, "at": read_text},
        (),
        (
            Pick("Posting", "role"),
            _below("Posting", "official", *_ENTITY),
            _below("Posting", "body", *_ENTITY),
            *_picks("Posting", "from", "to", "dataset"),
            _below("Posting", "claim", Pick("Claim", "id")),
        ),
    ),
    "neighbourhood": Entry(
        "what is around an entity, one or two steps away",
        ARGUMENTS["neighbourhood"],
        ("id",),
        (
            *_picks("Neighbourhood", "total", "shown"),
            _below("Neighbourhood", "nodes", *_picks("Neighbour", "id", "label", "degree")),
            _below("Neighbourhood", "edges", *_picks("Link", "verb", "sentence", "claimId")),
        ),
    ),
    "paths": Entry(
        "how two entities are linked; a source that both share is no link",
        {
            "from": read_text,
            "to": read_text,
            "maxHops": read_number,
            "through": each_of(VERB_NAMES),
            "onlyUncontested": read_truth,
        },
        ("from", "to"),
        (
            *_picks("Paths", "total", "shown", "lookedAt", "onlySharedSources"),
            _below(
                "Paths",
                "paths",
                Pick("Path", "hops"),
                _below("Path", "entities", *_ENTITY),
                _below("Path", "steps", _below("Hop", "links", *_picks("Link", "verb", "sentence", "claimId"))),
            ),
        ),
    ),
    "embassies": Entry(
        "diplomatic missions by the state that sends or hosts them",
        {"country": read_text, "sender": read_text},
        (),
        tuple(_picks("Embassy", *_LABELLED)),
    ),
    **{
        name: Entry(says, {}, (), tuple(_picks(kind, *_LABELLED)))
        for name, kind, says in (
            ("tours", "Tour", "tours"),
            ("reports", "Report", "published works"),
            ("tribunals", "Tribunal", "courts, and bodies that call themselves one"),
            ("influencers", "Influencer", "people who make content for an online following"),
            ("narratives", "Narrative", "narratives that sources name"),
        )
    },
    "datasets": Entry(
        "the datasets, and whose they are",
        {},
        (),
        tuple(_picks("Dataset", "id", "title", "publisher", "licence")),
    ),
    "runs": Entry("what was loaded, and when", {}, (), tuple(_picks("Run", "id", "source", "at", "rowsChanged"))),
}  # fmt: skip


def takes(name: str) -> list[str]:
    """The arguments of a question of LIBRARY; those that it needs have a star."""
    entry = LIBRARY[name]
    names = [f"{argument}*" if argument in entry.needs else argument for argument in entry.arguments]
    return [*names, "first"] if _is_paged(name) else names


def show(name: str, given: Mapping[str, str]) -> str:
    """The Cypher of a question with its values in it, to paste; raises BadArgument as `run` does."""
    return make_readable(FIELDS, _make_pick(name, given))


async def run(store: Store, name: str, given: Mapping[str, str]) -> tuple[list[dict[str, Any]], int]:
    """The rows of a question by the statement that the API sends, and how many there are in all.

    Raises BadArgument for a name or a value that cannot be used, and what a read of the store raises.
    """
    pick = _make_pick(name, given)
    found = FIELDS["Query"][name]
    answer = (await ask(store, pick)).value
    if isinstance(found, Page):
        rows = [slots for _keys, slots in answer[1][: pick.first]]
        total = int(answer[2])
    else:
        rows, total = answer, len(answer)
    return [name_slots(found.type, pick.picks, slots) for slots in rows], total  # type: ignore[union-attr]


def tell(column: str, value: Any) -> str:  # noqa: PLR0911 - one line for each kind of value
    """A value as a table shows it: names alone, and words where a document is silent."""
    match value:
        case None:
            return "not stated" if column in _STATED else ""
        case []:
            return "none recorded" if column == "replies" else ""
        case Mapping():
            if "edtf" in value:
                inferred = f" ({value['basis']})" if value["edtf"] and value["basis"] != "stated" else ""
                return f"{value['edtf'] or 'not stated'}{inferred}"
            told = {key: tell(key, part) for key, part in value.items() if key not in ("type", "id")}
            told = {key: part for key, part in told.items() if part} or {"id": str(value.get("id", ""))}
            return (
                next(iter(told.values()))
                if len(told) == 1
                else ", ".join(f"{key} {part}" for key, part in told.items())
            )
        case list():
            return "; ".join(tell(column, part) for part in value)
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def _is_paged(name: str) -> bool:
    return isinstance(FIELDS["Query"][name], Page) or name == "paths"


def _make_pick(name: str, given: Mapping[str, str]) -> Pick:
    entry = LIBRARY.get(name)
    if entry is None:
        known = ", ".join(LIBRARY)
        raise BadArgument("NOT_FOUND", "question", name[:80], f"is no question; write one of {known}")
    table: dict[str, Read] = {**entry.arguments, **({"first": read_number} if _is_paged(name) else {})}
    arguments = read_by_table(name, table, given)
    for needed in entry.needs:
        if needed not in arguments:
            raise BadArgument("BAD_ARGUMENT", needed, None, f"is missing; write {needed}=...")
    first = FIRST_ROWS
    if name != "paths":
        first = arguments.pop("first", FIRST_ROWS)
        if not 1 <= first <= MOST_ROWS:
            raise BadArgument("BAD_ARGUMENT", "first", first, f"is out of range; write 1 to {MOST_ROWS:,}")
    if name == "claims":
        arguments = {"filter": arguments}
    picks = list(entry.picks)
    if name == "amplifiers":
        # A key that the groups do not share is no silence of a document.
        grouped = arguments.get("groupBy", GROUP_KEYS[:1])
        picks = [pick for pick in picks if pick.field not in GROUP_KEYS or pick.field in grouped]
    is_page = isinstance(FIELDS["Query"][name], Page)
    return Pick("Query", name, arguments, picks, total=is_page, first=first)
