"""What `timeline` answers with."""
# ruff: noqa: D101

import strawberry

from api.described import named
from api.enums import Basis
from api.types import Claim, Dataset, Interaction, Post, Posting


@strawberry.type(
    description="One thing at its time: a dated claim, or what a dataset shows. One of claim, posting, interaction and "
    "post is there; it is the source."
)
class TimelineItem:
    id: strawberry.ID = named("the id of the claim, the row or the post")
    basis: Basis = named("whether a source reports it or a dataset shows it")
    from_: str = named("first day or instant it can mean, else the last; the order of the list", "from")
    to: str | None = named("last day or instant it can mean; null when unknown or open")
    sentence: str | None = named("reported: the claim with its voice, ready to show; null for observed")
    claim: Claim | None = named("the claim, in which the entity has any role or is the voice")
    posting: Posting | None = named("a post held, as a dataset shows")
    interaction: Interaction | None = named("an account of the entity acted, or its post was acted on")
    post: Post | None = named("a post that an account of the entity published")
    dataset: Dataset | None = named("observed: the dataset; null for a claim")
    row: str | None = named("observed: the row in it; null for a claim")
