"""The arguments of an export as text: the same names and values that the questions of the API have."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from kb.questions.arguments import BadArgument
from schema.catalog import ENTITY_TYPES
from schema.claims import ClaimKind, ClaimStatus, Modality
from schema.media import ChannelKind
from schema.verbs import VERB_NAMES

# Longer than any id, name or list of values that a question takes.
MAX_CHARS: Final = 4_000

Read = Callable[[str, str], Any]


def _text(_name: str, value: str) -> str:
    return value


def _truth(name: str, value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise BadArgument("BAD_ARGUMENT", name, value, "is neither true nor false")
    return value.lower() == "true"


def _number(name: str, value: str) -> int:
    # int() would take spaces, underscores and digits of other scripts.
    if not (value.isascii() and value.removeprefix("-").isdigit() and len(value) <= 10):
        raise BadArgument("BAD_ARGUMENT", name, value, "is not a whole number")
    return int(value)


def _one_of(allowed: Iterable[str]) -> Read:
    """Reads one of the values, in any case of letters, as the API spells them."""
    by_folded = {value.casefold(): value for value in sorted(allowed)}

    def read(name: str, value: str) -> str:
        found = by_folded.get(value.casefold())
        if found is None:
            raise BadArgument("BAD_ARGUMENT", name, value, f"is none of {', '.join(by_folded.values())}")
        return found

    return read


def _each_of(allowed: Iterable[str]) -> Read:
    read = _one_of(allowed)
    return lambda name, value: [read(name, part.strip()) for part in value.split(",")]


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


_BASIS: Final = _one_of(("reported", "observed"))
_MODALITY: Final = _each_of(_values(Modality))

# Question -> argument -> how its text is read. The questions check ids, periods and instants themselves.
ARGUMENTS: Final[dict[str, dict[str, Read]]] = {
    "amplifications": {
        **dict.fromkeys(("amplifier", "amplified", "content", "channel", "narrative"), _text),
        "channelStated": _truth,
        "channelKind": _one_of(_values(ChannelKind)),
        "period": _text,
        "basis": _BASIS,
        "modality": _MODALITY,
        "minCount": _number,
        "validAt": _text,
        "knownAt": _text,
    },
    "claims": {
        "verb": _one_of(VERB_NAMES),
        **dict.fromkeys(
            ("entity", "who", "what", "whose", "via", "at", "during", "about", "saidBy", "document", "case"),
            _text,
        ),
        "text": _text,
        "kind": _each_of(_values(ClaimKind)),
        "modality": _MODALITY,
        "status": _each_of(_values(ClaimStatus)),
        "contested": _truth,
        "period": _text,
        "validAt": _text,
        "knownAt": _text,
    },
    "entities": {"search": _text, "types": _each_of(ENTITY_TYPES), "country": _text},
    "neighbourhood": {
        "id": _text,
        "hops": _number,
        "relations": _each_of(VERB_NAMES),
        "limit": _number,
    },
}


def read_arguments(question: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The values of a question's arguments; raises BadArgument for a name or a value that it does not have."""
    table = ARGUMENTS[question]
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name not in table:
            raise BadArgument(
                "BAD_ARGUMENT",
                name[:80],
                value[:80],
                f"is no argument of {question}; it has {', '.join(table)}",
            )
        if not value.strip() or len(value) > MAX_CHARS or "\0" in value:
            raise BadArgument("BAD_ARGUMENT", name, value[:80], "is empty, too long or no text; leave it out")
        found[name] = table[name](name, value)
    if question == "neighbourhood" and "id" not in found:
        raise BadArgument("BAD_ID", "id", None, "is missing; write the entity to begin from")
    return found
