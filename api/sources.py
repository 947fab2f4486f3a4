"""What was loaded, and when."""
# Strawberry's `description` is what a type or field is; arguments are read by the planner, under their GraphQL names.
# ruff: noqa: ARG001, D101

import strawberry

from api.arguments import After, First
from api.described import about, asked, handed_out, named, says
from api.types import Connection, Dataset
from schema import bookkeeping


def _list_runs(first: First = 20, after: After = None) -> Connection["Run"]:
    return handed_out()


@strawberry.type(description=about(bookkeeping.Case))
class Case:
    id: strawberry.ID = says(bookkeeping.Case, "id")
    title: str = says(bookkeeping.Case, "title")
    description: str | None = says(bookkeeping.Case, "description")

    runs: Connection["Run"] = asked(_list_runs, "the runs that loaded it, newest first")


@strawberry.type(description=about(bookkeeping.Run))
class Run:
    id: strawberry.ID = says(bookkeeping.Run, "id")
    source: str = says(bookkeeping.Run, "source")
    at: str = says(bookkeeping.Run, "at")
    content_sha256: str = strawberry.field(
        name="contentSha256", description=bookkeeping.Run.model_fields["content_sha256"].description
    )
    rows_changed: int = says(bookkeeping.Run, "rows_changed")
    rows_read: int | None = says(bookkeeping.Run, "rows_read")
    rows_used: int | None = says(bookkeeping.Run, "rows_used")
    skipped: list[str] = says(bookkeeping.Run, "skipped")
    created: int | None = says(bookkeeping.Run, "created")
    updated: int | None = says(bookkeeping.Run, "updated")
    removed: int | None = says(bookkeeping.Run, "removed")
    seconds: float | None = says(bookkeeping.Run, "seconds")
    dataset: Dataset | None = named("the dataset that it loaded; null when it loaded a case")
    case: Case | None = named("the case that it loaded; null when it loaded a dataset")
