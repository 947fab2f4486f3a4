"""What `paths` answers with, and the links between entities that it and `neighbourhood` show."""
# Strawberry's `description` is what a type or field is; arguments are read by the planner, under their GraphQL names.
# ruff: noqa: ARG001, D101

from typing import Annotated

import strawberry

from api.described import handed_out, named
from api.enums import Basis, Verb
from api.types import Claim, Dataset, Document, Entity, Passage, RecordCount, SaidBy

HopsArg = Annotated[int, strawberry.argument(description="the most hops of a path, 1 to 5")]
ThroughArg = Annotated[
    list[Verb] | None, strawberry.argument(description="hops of these verbs alone; any verb when left out")
]
UncontestedArg = Annotated[
    bool,
    strawberry.argument(
        description="true: without claims that are contested themselves; contests of the source are not looked at"
    ),
]
PathsArg = Annotated[
    int, strawberry.argument(description="how many paths at most, 1 to 100; `total` says how many there are")
]


@strawberry.type(
    description="A derived edge between two entities: what one claim says, or what one dataset shows. It is never more "
    "than what stands behind it."
)
class Link:
    id: strawberry.ID = named("its id, stable across rebuilds")
    basis: Basis = named("whether a source reports it or a dataset shows it")
    verb: Verb = named("what it says: from, verb, to")
    from_: Entity = named("who did it, whichever way it was walked", "from")
    to: Entity = named("to whom or what")
    sentence: str | None = named("reported: the claim with its voice, ready to show; null for observed")
    count: RecordCount | None = named("how often; null when no count is stated")
    claim: Claim | None = named("reported: the claim, with its voices and passages; null for observed")
    claim_id: strawberry.ID | None = named("reported: the id of the claim; null for observed")
    said_by: list[SaidBy] = named("reported: whose voice; empty for observed")
    contested: bool = named("contested at any level, the source included")
    contested_directly: bool = named("the claim itself is contested")
    channel: Entity | None = named("through which channel; null: not stated")
    dataset: Dataset | None = named("observed: the dataset; null for reported")
    first: str | None = named("observed: instant of the first interaction, UTC; null when none has a time")
    last: str | None = named("observed: instant of the last interaction, UTC; null when none has a time")


@strawberry.type(description="One step of a path: two entities, and everything that connects them directly.")
class Hop:
    from_: Entity = named("where the step begins, as the path is walked", "from")
    to: Entity = named("where it leads")
    links: list[Link] = named(
        "what connects them, reported before observed; each link has a direction of its own"
    )


@strawberry.type(description="A way from one entity to the other; no entity stands on it twice.")
class Path:
    hops: int = named("how many steps it has")
    entities: list[Entity] = named("the entities on it, both ends included")
    steps: list[Hop] = named("its steps, each with the claims or the dataset behind it")


@strawberry.type(description="A voice that speaks of both. It is no relation between them.")
class SharedVoice:
    voice: Entity = named("who says something of each of the two")
    about_from: list[Claim] = named("its current claims in which `from` has a role")
    about_to: list[Claim] = named("its current claims in which `to` has a role")


@strawberry.type(description="A document that names both. It is no relation between them.")
class SharedDocument:
    document: Document = named("the document")
    naming_from: list[Passage] = named("its passages that name `from`, or show a claim about it")
    naming_to: list[Passage] = named("its passages that name `to`, or show a claim about it")


@strawberry.type(
    description="Sources that speak of both. That two people stand in one source is no relation between them: this is "
    "never part of a path."
)
class SharedSources:
    voices: list[SharedVoice] = named("voices that say something of each; neither of the two themselves")
    documents: list[SharedDocument] = named("documents that name each")


@strawberry.type(
    description="How two entities are connected: by relations, and, apart from those, by sources alone."
)
class Paths:
    from_: Entity = named("where the paths begin", "from")
    to: Entity = named("where they end")
    looked_at: str = named(
        "what was looked at, in words: an empty list means none in this, never that there is none"
    )
    total: int = named("how many paths there are within `maxHops`")
    shown: int = named("how many of them `paths` holds")
    paths: list[Path] = named("the paths, the shortest first, then by the ids on them")
    only_shared_sources: bool = named(
        "true: no path was found, and a source speaks of both; no relation is stated"
    )
    shared_sources: SharedSources = named("the sources that speak of both")


def find_paths(
    from_: Annotated[strawberry.ID, strawberry.argument(name="from", description="id of an entity")],
    to: Annotated[strawberry.ID, strawberry.argument(description="id of another entity")],
    max_hops: HopsArg = 3,
    through: ThroughArg = None,
    only_uncontested: UncontestedArg = False,  # noqa: FBT002 - the contract's argument
    first: PathsArg = 20,
) -> Paths | None:
    """The field `paths`."""
    return handed_out()
