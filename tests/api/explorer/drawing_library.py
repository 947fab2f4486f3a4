"""The drawing library of the pages, built from its locked packages when a clean checkout has it not."""

from api.graphiql import is_built
from api.graphiql.build import build
from tests.neo4j_server import CACHE, alone


def build_library() -> None:
    """Builds it unless it is there; two processes take turns."""
    with alone(CACHE / "graphiql.lock"):
        if not is_built():
            build()
