"""What a request has at hand."""

from dataclasses import dataclass

from graphql import GraphQLResolveInfo

from api.cursors import Cursors
from kb.documents import HeldDocuments
from kb.store import Store


@dataclass(frozen=True, slots=True)
class Context:
    """The store, the cursors of this server, and the documents that are held."""

    store: Store
    cursors: Cursors
    held: HeldDocuments


Info = GraphQLResolveInfo[Context]
"""What a resolver is told of the field that it resolves."""
