"""Errors as a client sees them: a message that names the argument, its value and what to do, and a code."""

import logging
import secrets
from typing import Any, Final

from graphql import GraphQLError

from api.metrics import STORE_ERRORS
from kb.errors import KbError, QueryTimeout, QueryTooLarge, StoreBusy, StoreUnavailable
from kb.questions.arguments import BadArgument

LOG = logging.getLogger(__name__)

# An error that repeats the whole of a document helps nobody.
MAX_MESSAGE_CHARS: Final = 500

#: Every `extensions.code` there is, with what it means and what helps.
CODES: Final = {
    "BAD_REQUEST": "the document is not valid GraphQL for this schema, or a variable does not fit its type",
    "BAD_ARGUMENT": "an argument has a value that cannot be used; the message says what can",
    "BAD_ID": "the text cannot be an id; an id that could be one and is unknown gives null instead",
    "BAD_CURSOR": "the cursor belongs to another field, other arguments or another parent; begin without `after`",
    "BAD_PERIOD": "the text is not a day, instant or period",
    "NOT_FOUND": "nothing is at this address or under this id; the questions are at /graphql",
    "PERSISTED_QUERY_NOT_FOUND": "no document is kept under this hash; send its text",
    "TOO_DEEP": "the selection nests further than answers go; ask for the inner part in a second request",
    "TOO_EXPENSIVE": "the question is larger than one may be; the message has the number: ask for fewer rows or fields",
    "TIMEOUT": "the question ran longer than it may and was ended; ask for less",
    "STORE_UNAVAILABLE": "the database does not answer; try again in a moment",
    "BUSY": "more questions at once than are answered; ask again after the seconds in Retry-After",
    "UNAUTHENTICATED": "no API key, or none that is known here; send Authorization: Bearer KEY",
    "FORBIDDEN": "this server answers neither to that host name, nor to what is switched off or not trusted",
    "INTERNAL": "our mistake; the log has the details under the id in the message",
}


class QuestionError(GraphQLError):
    """An error that a client may see as it is."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, extensions={"code": code})


def bad_cursor(argument: str = "after") -> QuestionError:
    """The error for a cursor that does not fit here; its text is not repeated, it says nothing to a reader."""
    return QuestionError(
        "BAD_CURSOR",
        f"{argument}: this cursor belongs to another field, other arguments or another parent; "
        "use an endCursor of this very list, or leave it out to begin at the start",
    )


def from_kb(error: KbError) -> QuestionError:
    """What a client is told of an error of the store; the store's own words stay in the log."""
    if isinstance(error, BadArgument):
        return QuestionError(error.code, str(error))
    STORE_ERRORS.labels(type(error).__name__).inc()
    if isinstance(error, QueryTimeout):
        return QuestionError(
            "TIMEOUT", "the question ran longer than it may and was ended; ask for fewer rows"
        )
    if isinstance(error, QueryTooLarge):
        return QuestionError(
            "TOO_EXPENSIVE", "the question needed more memory than it may; ask for fewer rows"
        )
    if isinstance(error, (StoreUnavailable, StoreBusy)):
        LOG.warning("the store does not answer: %s", type(error).__name__)
        return QuestionError("STORE_UNAVAILABLE", "the database does not answer; try again in a moment")
    return internal(error)


def internal(error: BaseException) -> QuestionError:
    """The error for a mistake of ours: an id for the client, the rest for the log."""
    reference = secrets.token_hex(4)
    LOG.error("error %s", reference, exc_info=error)
    return QuestionError("INTERNAL", f"something went wrong here; the log has it under {reference}")


def format_error(error: GraphQLError) -> dict[str, Any]:
    """The error as it is sent: always with a code, never with what another library says of our insides."""
    original = error.original_error
    if original is not None and not isinstance(original, GraphQLError):
        told = from_kb(original) if isinstance(original, KbError) else internal(original)
        return {**error.formatted, "message": told.message, "extensions": told.extensions}
    found = error.formatted
    extensions = {"code": "BAD_REQUEST", **(found.get("extensions") or {})}
    return {**found, "message": _shorten(error.message), "extensions": extensions}


def _shorten(message: str) -> str:
    """The message as it can be sent: not too long, and without halves of characters."""
    cut = message if len(message) <= MAX_MESSAGE_CHARS else f"{message[:MAX_MESSAGE_CHARS]}..."
    return cut.encode(errors="replace").decode()
