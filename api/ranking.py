"""What `amplifiers` answers with: groups of records, what sources report beside what datasets show."""
# Strawberry's `description` is what a type or field is; arguments are read by the planner, under their GraphQL names.
# ruff: noqa: ARG001, D101

import strawberry

from api.arguments import After, First
from api.described import asked, handed_out, named
from api.enums import GroupBy
from api.types import Claim, Connection, Count, Dataset, Entity


def _list_claims(first: First = 20, after: After = None) -> Connection[Claim]:
    return handed_out()


@strawberry.type(description="A count as a source words it, with the claim that states it.")
class StatedCount:
    count: Count = named("the count with its hedge")
    claim: Claim = named("the claim that states it, with its voice")


@strawberry.type(
    description="What sources report of a group. Counts of different claims may overlap and are never added up."
)
class ReportedSide:
    claim_count: int = named("how many claims; 0: none in the documents held")
    stated_counts: list[StatedCount] = named(
        "every count that one of them states, with its hedge, the largest lower bound first; side by side, not a sum"
    )
    without_count: int = named("how many of them state no count, which is not the same as 0")
    documents: int = named("how many different documents show them")
    independent_origins: int = named("how many independent voices are behind them, copies counted once")
    contested: bool = named("whether any of them is contested at any level, the source included")

    claims: Connection[Claim] = asked(
        _list_claims, "the claims, the largest stated lower bound first, those without a count last"
    )


@strawberry.type(
    description="What one dataset shows of a group, counted by us. Only the rows of one dataset are counted together."
)
class ObservedSide:
    dataset: Dataset | None = named("the dataset")
    text: str = named(
        "the count in words, for example \u201c3 interactions held\u201d: at least so many happened"
    )
    interactions: int = named("reshares and quotes held, within the time asked for")
    accounts: int = named(
        "how many different accounts, of both ends: who acted, and whose post it was; where no time is asked for or "
        "grouped by, whose post a chain of reshares began with"
    )
    first: str | None = named("instant of the first of them, UTC; null when none has a time")
    last: str | None = named("instant of the last of them, UTC; null when none has a time")
    undated: int = named("how many of them have no time")
    bounds_unknown: bool = named(
        "whether a record in it counts rows for a holder whose first or last day with the account is not known"
    )


@strawberry.type(
    description="One group of a ranking: reported and observed side by side, never added. Amplified is not complicit."
)
class AmplifierGroup:
    id: strawberry.ID = named("the keys of the group, joined")
    grouped_by: list[GroupBy] = named("its keys; one of these that is null below is not stated")
    amplifier: Entity | None = named("who amplified; null: not stated, or not a key")
    amplified: Entity | None = named(
        "whose content, else what, was amplified; null: not stated, or not a key"
    )
    channel: Entity | None = named("through which channel; null: not stated, or not a key")
    country: str | None = named(
        "the state that the amplifier serves, belongs to or was sent by, ISO 3166-1 alpha-2; null: not stated, "
        "or not a key"
    )
    month: str | None = named(
        "the month, YYYY-MM, UTC; null: no date or one wider than a month, or not a key"
    )
    reported: ReportedSide = named("what sources report")
    observed: list[ObservedSide] = named("what datasets show, one each; empty: nothing in the datasets held")
