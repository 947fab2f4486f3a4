"""The worked examples and questions: a GraphQL document each, in api/examples, named by its first comment."""

from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = Path(__file__).parent / "examples"


class Example(NamedTuple):
    """A question in plain words and the document that asks it; its variables have defaults."""

    name: str
    query: str


@lru_cache(maxsize=1)
def read_examples() -> tuple[Example, ...]:
    """The examples, then the questions of the shipped case, each in the order of their file names."""
    paths = [*sorted(FOLDER.glob("*.graphql")), *sorted((FOLDER / "questions").glob("*.graphql"))]
    texts = [path.read_text("utf-8") for path in paths]
    return tuple(Example(text.splitlines()[0].removeprefix("#").strip(), text) for text in texts)
