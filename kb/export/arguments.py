"""The arguments of a question as text: the same names and values that the questions of the API have."""

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


def read_text(_name: str, value: str) -> str:
    """The text itself."""
    return value


def read_truth(name: str, value: str) -> bool:
    """True or false, in any case of letters."""
    if value.lower() not in ("true", "false"):
        raise BadArgument("BAD_ARGUMENT", name, value, "is neither true nor false")
    return value.lower() == "true"


def read_number(name: str, value: str) -> int:
    """A whole number."""
    # int() would take spaces, underscores and digits of other scripts.
    if not (value.isascii() and value.removeprefix("-").isdigit() and len(value) <= 10):
        raise BadArgument("BAD_ARGUMENT", name, value, "is not a whole number")
    return int(value)


def one_of(allowed: Iterable[str]) -> Read:
    """Reads one of the values, in any case of letters, as the API spells them."""
    by_folded = {value.casefold(): value for value in sorted(allowed)}

    def read(name: str, value: str) -> str:
        found = by_folded.get(value.casefold())
        if found is None:
            raise BadArgument("BAD_ARGUMENT", name, value, f"is none of {', '.join(by_folded.values())}")
        return found

    return read


def each_of(allowed: Iterable[str]) -> Read:
    """Reads several of the values, with commas between."""
    read = one_of(allowed)
    return lambda name, value: [read(name, part.strip()) for part in value.split(",")]


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


_BASIS: Final = one_of(("reported", "observed"))
_MODALITY: Final = each_of(_values(Modality))

# Question -> argument -> how its text is read. The questions check ids, periods and instants themselves.
ARGUMENTS: Final[dict[str, dict[str, Read]]] = {
    "amplifications": {
        **dict.fromkeys(("amplifier", "amplified", "content", "channel", "narrative"), read_text),
        "channelStated": read_truth,
        "channelKind": one_of(_values(ChannelKind)),
        "period": read_text,
        "basis": _BASIS,
        "modality": _MODALITY,
        "minCount": read_number,
        "validAt": read_text,
        "knownAt": read_text,
    },
    "claims": {
        "verb": one_of(VERB_NAMES),
        **dict.fromkeys(
            ("entity", "who", "what", "whose", "via", "at", "during", "about", "saidBy", "document", "case"),
            read_text,
        ),
        "text": read_text,
        "kind": each_of(_values(ClaimKind)),
        "modality": _MODALITY,
        "status": each_of(_values(ClaimStatus)),
        "contested": read_truth,
        "period": read_text,
        "validAt": read_text,
        "knownAt": read_text,
    },
    "entities": {"search": read_text, "types": each_of(ENTITY_TYPES), "country": read_text},
    "neighbourhood": {
        "id": read_text,
        "hops": read_number,
        "relations": each_of(VERB_NAMES),
        "limit": read_number,
    },
}


def read_arguments(question: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The values of a question's arguments; raises BadArgument for a name or a value that it does not have."""
    found = read_by_table(question, ARGUMENTS[question], given)
    if question == "neighbourhood" and "id" not in found:
        raise BadArgument("BAD_ID", "id", None, "is missing; write the entity to begin from")
    return found


def read_by_table(question: str, table: Mapping[str, Read], given: Mapping[str, str]) -> dict[str, Any]:
    """The values that are given, each read as `table` says; raises BadArgument for what it does not have or take."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name not in table:
            raise BadArgument(
                "BAD_ARGUMENT",
                name[:80],
                value[:80],
                f"is no argument of {question}; it has {', '.join(table) or 'none'}",
            )
        if not value.strip() or len(value) > MAX_CHARS or "\0" in value:
            raise BadArgument("BAD_ARGUMENT", name, value[:80], "is empty, too long or no text; leave it out")
        found[name] = table[name](name, value)
    return found
