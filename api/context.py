"""What a request has at hand."""

from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLResolveInfo

from api.cursors import Cursors
from api.limits import Limits
from kb.documents import HeldDocuments
from kb.store import Store


@dataclass(frozen=True, slots=True)
class Context:
    """The store, the cursors of this server, the documents that are held, and what one request may ask.

    `explained` gathers the Cypher of a request that asks for it; None: it does not.
    """

    store: Store
    cursors: Cursors
    held: HeldDocuments
    limits: Limits = field(default_factory=Limits)
    explained: list[dict[str, Any]] | None = None


Info = GraphQLResolveInfo[Context]
"""What a resolver is told of the field that it resolves."""
