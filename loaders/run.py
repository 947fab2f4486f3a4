"""Loads checked cases into the store: holds their documents, saves them one by one, and says what changed."""

from collections.abc import Callable, Sequence
from pathlib import Path

from kb.config import Settings
from kb.documents import HeldDocuments
from kb.errors import BadInput, Problem
from kb.migrate import migrate
from kb.save import SaveReport, save_case
from kb.store import STARTING_WAIT_S, Store, open_store
from loaders.case.read import read_case
from loaders.contract import ReadCase
from loaders.progress import make_progress

Tell = Callable[[str], None]


def read_cases(folders: Sequence[Path], held: HeldDocuments) -> list[ReadCase]:
    """Every case, read and checked; raises BadInput with the problems of all of them."""
    read: list[ReadCase] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            read.append(read_case(folder, held))
        except BadInput as error:
            problems += error.problems
    seen: dict[str, str] = {}
    for case in read:
        place = case.lines["case", case_id(case)]
        if case_id(case) in seen:
            remedy = f"{seen[case_id(case)]} has it too; rename one, or load one only"
            problems.append(Problem(place, "two cases have one id", case_id(case), remedy))
        seen.setdefault(case_id(case), place)
    if problems:
        raise BadInput(problems)
    return read


def case_id(read: ReadCase) -> str:
    """The id of a case that was read; reading refuses one without."""
    return read.case.case.id if read.case.case is not None else ""


async def run_cases(folders: Sequence[Path], settings: Settings, *, now: str, tell: Tell) -> list[SaveReport]:
    """Loads the cases in their order, each whole or not at all; none when one of them has a problem.

    `now` is the instant (UTC) from which new claims are known. `tell` takes one line for each case.
    Raises BadInput, StoreUnavailable and what `kb.save.save_case` raises.
    """
    held = HeldDocuments(settings.data)
    cases = read_cases(folders, held)
    reports = []
    async with open_store(settings, wait_s=STARTING_WAIT_S) as store:
        await migrate(store, now)
        for read in cases:
            report = await save_read_case(store, read, held=held, now=now)
            tell(f"{case_id(read)}: {summary_of(report)}")
            reports.append(report)
    return reports


async def save_read_case(store: Store, read: ReadCase, *, held: HeldDocuments, now: str) -> SaveReport:
    """Saves one case that was read; a conflict with another case is told at the line that has it."""
    for document, content in read.shipped.items():
        held.hold_bytes(content, name=document)
    with make_progress(case_id(read)) as progress:
        try:
            return await save_case(
                store, read.case, content_sha256=read.content_sha256, held=held, now=now, progress=progress
            )
        except BadInput as error:
            raise BadInput([_at_its_line(problem, read) for problem in error.problems]) from error


def summary_of(report: SaveReport) -> str:
    """What a save changed, in one line."""
    if report.unchanged or not report.rows_changed:
        return "unchanged, 0 rows changed"
    parts = ", ".join(f"{what} {number}" for what, number in report.summary.items() if number)
    return f"loaded, {report.rows_changed} rows changed ({parts})"


def _at_its_line(problem: Problem, read: ReadCase) -> Problem:
    local = problem.where.removeprefix(f"{case_id(read)}/")
    for section in ("entities", "documents", "claims", "readings", "datasets"):
        place = read.lines.get((section, local))
        if place is not None:
            return Problem(place, problem.what, problem.value, problem.remedy)
    return problem
