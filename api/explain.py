"""How an investigator hands a question to an analyst: the Cypher behind an answer, when a request asks for it."""

from collections.abc import Mapping
from typing import Any, Final

from kb.questions import FIELDS
from kb.readable import make_readable
from kb.select import Pick, compose

HEADER: Final = "x-explain"


def wants_explain(headers: Mapping[str, str]) -> bool:
    """Whether a request says `X-Explain: cypher`; names of headers are in lower case."""
    return headers.get(HEADER, "").strip().lower() == "cypher"


def explain(field: str, root: Pick, *, is_searched: bool) -> dict[str, Any]:
    """What is sent for one root field, under the client's name for it, and the same to read and paste.

    `statement` and `parameters` give one record of lists. `readable` gives one row a record with named columns and
    holds its values, so that it runs as it is; `totalCount` and `searched` are
    columns of it. Raises what the arguments of the question raise.
    """
    sent = compose(FIELDS, root, searched=is_searched)
    return {
        "field": field,
        "statement": sent.text,
        "parameters": sent.parameters,
        "readable": make_readable(FIELDS, root, searched=is_searched),
    }
