"""What is in the store: how many nodes of each label, and what the standing checks find."""

from typing import Any, NamedTuple

from kb.checks import CheckResult, run_checks
from kb.documents import HeldDocuments
from kb.store import EngineInfo, Store
from schema.catalog import LABELS

_LABELS = sorted(LABELS)
# Labels cannot be parameters; these are the catalog's. Each count comes from the database's own statistics.
_COUNTS: Any = "RETURN " + ", ".join(
    f"COUNT {{ MATCH (n:{label}) RETURN n }} AS n{place}" for place, label in enumerate(_LABELS)
)


class Health(NamedTuple):
    """The engine, the number of nodes by label (those that occur), and the checks with their rows."""

    engine: EngineInfo
    counts: dict[str, int]
    checks: list[CheckResult]


async def get_health(
    store: Store, held: HeldDocuments | None = None, *, counts: bool = True, checks: bool = True
) -> Health:
    """What is in the store; `counts` and `checks` are left empty unless asked for."""
    found: dict[str, int] = {}
    if counts:
        (row,) = await store.read(_COUNTS)
        found = {label: number for label, number in zip(_LABELS, row, strict=True) if number}
    return Health(store.engine, found, await run_checks(store, held) if checks else [])
