"""What is in the store: how many nodes carry each label."""

from typing import Any

from kb.store import Store
from schema.catalog import LABELS

_LABELS = sorted(LABELS)
# Labels cannot be parameters; these are the catalog's. Each count comes from the database's own statistics.
_COUNTS: Any = "RETURN " + ", ".join(
    f"COUNT {{ MATCH (n:{label}) RETURN n }} AS n{place}" for place, label in enumerate(_LABELS)
)


async def count_labels(store: Store) -> dict[str, int]:
    """The number of nodes by label, of those labels that occur."""
    (row,) = await store.read(_COUNTS)
    return {label: number for label, number in zip(_LABELS, row, strict=True) if number}
