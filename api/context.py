"""What a request has at hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphql import GraphQLResolveInfo

from api.cursors import Cursors
from api.limits import Limits
from kb.documents import HeldDocuments
from kb.store import Store


class Answered(Protocol):
    """What was found for a root field already."""

    def shaped(self) -> Any:
        """The answer as a resolver hands it out; raises KbError when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """The store, the cursors of this server, the documents that are held, and what one request may ask.

    `explained` gathers the Cypher of a request that asks for it; None: it does not. `answered` holds
    what was asked for already, by the client's names of the root fields.
    """

    store: Store
    cursors: Cursors
    held: HeldDocuments
    limits: Limits = field(default_factory=Limits)
    explained: list[dict[str, Any]] | None = None
    answered: Mapping[str, Answered] = field(default_factory=dict[str, Answered])


Info = GraphQLResolveInfo[Context]
"""What a resolver is told of the field that it resolves."""
