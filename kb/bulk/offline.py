"""Writes a dataset as files for `neo4j-admin database import full`, the fastest way into an empty Neo4j.

The files hold what the rows say, the edges that follow from them alone, and the batches that a load would have written.
A load of the dataset afterwards finds every batch stored, sends none, and does what is left, as after a load that was
killed: the edges of accounts that somebody holds, and of posts.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Final

from kb.bulk.batches import EDGES, ENTITIES
from kb.bulk.facts import Row
from kb.bulk.import_files import MULTILINE, OPTIONS, ImportFiles
from kb.bulk.offline_parts import WORK_FILE, PartWriter, free_numbers
from kb.bulk.own_edges import count_own_edges, touch_others
from kb.bulk.second_process import SecondProcess
from kb.bulk.staging import Counted, Staging, rare_collections
from kb.errors import BadInput, KbError, Problem
from schema.observations import Dataset

ARGUMENTS: Final = "import.args"
# From so many rows on a second process writes half of what they say; to start it takes a second.
SHARED_FROM_ROWS: Final = 50_000

Progress = Callable[[str, int, int | None], None]


def export_bulk(
    dataset: Dataset,
    rows: Iterable[Row],
    folder: Path,
    *,
    reject: Callable[[Row], None] = lambda _row: None,
    progress: Progress = lambda _stage, _done, _total: None,
) -> Counted:
    """Writes `folder`, which is not there yet: CSV files and `import.args`, which names them. All of it, or nothing.

    Memory stays bounded whatever the number of rows. Raises BadInput for a folder that is there, and for rows as
    `load_dataset` does.
    """
    if folder.exists():
        raise BadInput([Problem("--out", "is there already", str(folder), "name a folder that is not")])
    part = folder.with_name(f"{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
    except OSError as error:
        problem = Problem(
            "--out", f"cannot be made: {error.strerror}", str(folder), "name a folder you may write"
        )
        raise BadInput([problem]) from error
    try:
        told = _Told(progress)
        with rare_collections(), SecondProcess(told) as second, Staging(part / WORK_FILE) as staging:

            def tell(read: int) -> None:
                progress("reading", read, None)
                if read >= SHARED_FROM_ROWS and (os.cpu_count() or 1) > 1:
                    second.start()

            counted = staging.fill(rows, reject, tell)
            touch_others(staging)
            arguments = _write_parts(part, dataset, staging, second, told)
        lines = [*OPTIONS, *_order(part, arguments)]
        (part / ARGUMENTS).write_text("".join(f"{line}\n" for line in lines), "utf-8")
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return counted


def _write_parts(
    folder: Path, dataset: Dataset, staging: Staging, second: SecondProcess, told: "_Told"
) -> list[str]:
    """Writes all parts, some by the second process where it is started; returns the arguments that name the files."""
    sizes, entities = staging.parts(), staging.count_entities()
    ours, others = _share(entities, sizes) if second.is_started else ([ENTITIES, EDGES, *sizes], [])
    if others:
        second.ask(folder, dataset, others)
    with ImportFiles(folder, free_numbers(staging)) as files:
        count_own_edges(staging, {})
        told.total = entities + staging.counting.count_pairs() + sum(sizes.values())
        properties = dataset.model_dump(mode="json", exclude_none=True)
        columns = dict.fromkeys(properties, "string")
        files.nodes("Dataset", columns).write([(next(files.numbers), *properties.values())])
        writer = PartWriter(files, dataset, staging, told)
        for part in ours:
            writer.write(part)
    try:
        return [*files.arguments(), *second.finish()]
    except KbError:
        # Where an end is missing, that is told better here.
        staging.check_ends()
        raise


def _order(folder: Path, arguments: list[str]) -> list[str]:
    """What the tool takes of two processes: each argument once, nodes before relationships, large files first.

    That order saves the tool a second of nine with Higgs: Java compiles for the file that it meets first.
    """
    names = {line: folder / line.rpartition("=")[2] for line in arguments if line != MULTILINE}
    flags = [MULTILINE] if MULTILINE in arguments else []
    return flags + sorted(
        names, key=lambda line: (not line.startswith("--nodes"), -names[line].stat().st_size, line)
    )


def _share(entities: int, links: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """Which parts each process writes, `links` being the number of rows of each part besides entities and edges.

    Entities are ours: they alone can turn out not to fit, and need what is counted.
    """
    ours, others = [ENTITIES], [EDGES]
    # In rows of links, as with Higgs: an entity is as much work as two and a half of them, and so is an edge, of which
    # there are six for ten interactions; to count these is as much as to write six.
    acts = links.get("INTERACTED", 0)
    work = [2.5 * entities + 0.6 * acts, 1.5 * acts]
    for part in sorted(links, key=lambda part: -links[part]):
        is_ours = work[0] <= work[1]
        (ours if is_ours else others).append(part)
        work[not is_ours] += links[part]
    return ours, others


class _Told:
    """Adds up what is written, by whichever process; `total` is how much there is, once that is known."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._done, self._lock = progress, 0, Lock()
        self.total: int | None = None

    def __call__(self, rows: int) -> None:
        with self._lock:
            self._done += rows
            self._progress("writing", self._done, self.total)
