"""The files of a case folder: which are read, how large they may be, and how a path inside the case is found."""

import os
from pathlib import Path
from typing import Final, NamedTuple

from kb.documents import decode_utf8, read_regular_file, too_large
from kb.errors import BadInput, Problem
from loaders.case.problems import Problems, where

MAX_FILE_BYTES: Final = 10 * 1024 * 1024
MAX_CASE_BYTES: Final = 50 * 1024 * 1024
# A case folder holds a dozen files; this many means that the wrong folder was named.
MAX_FOLDER_ENTRIES: Final = 10_000
_ENDINGS: Final = (".yaml", ".yml")


class CaseText(NamedTuple):
    """One YAML file of the case: its path, how problems call it, and its text."""

    path: Path
    name: str
    text: str


def read_texts(folder: Path, problems: Problems) -> list[CaseText]:
    """The YAML files of the folder and its subfolders, in the order of their paths.

    Names that begin with a dot are left out. Files and cases that are too large are told without reading them.
    Raises BadInput when there is nothing to read.
    """
    paths = _find_yaml(folder, problems)
    if not paths and not len(problems):
        raise BadInput([Problem(_name(folder), "has no YAML file", "", "write one, such as case.yaml")])
    if _tell_total(folder, paths, problems):
        return []
    texts = []
    for path in paths:
        try:
            content = read_regular_file(path, MAX_FILE_BYTES)
            texts.append(CaseText(path, str(path), decode_utf8(content, name=_name(path))))
        except BadInput as error:
            problems.extend(error)
    return texts


def find_inside(folder: Path, name: str) -> Path | None:
    """The path of `name` inside the case folder, None when it leads out of it (links are followed)."""
    if Path(name).is_absolute() or "\\" in name:
        return None
    try:
        root = folder.resolve()
        path = (root / name).resolve()
    except (OSError, ValueError, RuntimeError):
        # A loop of links, or a name that no file can have.
        return None
    return path if path.is_relative_to(root) and path != root else None


def _name(path: Path) -> str:
    return where(str(path), 0)


def _find_yaml(folder: Path, problems: Problems) -> list[Path]:
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "there is no such folder"
        raise BadInput([Problem(_name(folder), what, folder.name, "name the folder of a case")])
    found: list[Path] = []
    seen = 0
    for here, folders, files in os.walk(folder, onerror=lambda error: _tell_unreadable(error, problems)):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        seen += len(folders) + len(files)
        if seen > MAX_FOLDER_ENTRIES:
            remedy = "name the folder of one case"
            raise BadInput(
                [Problem(_name(folder), "has too many files", f"over {MAX_FOLDER_ENTRIES}", remedy)]
            )
        for name in folders:
            if Path(here, name).is_symlink():
                remedy = "put the files themselves there"
                problems.add(
                    str(Path(here, name)), 0, "is a link to a folder and is not followed", name, remedy
                )
        found += [Path(here, name) for name in files if _is_yaml(name)]
    return sorted(path for path in found if _stays_inside(folder, path, problems))


def _is_yaml(name: str) -> bool:
    return name.lower().endswith(_ENDINGS) and not name.startswith(".")


def _stays_inside(folder: Path, path: Path, problems: Problems) -> bool:
    if not path.is_symlink() or find_inside(folder, str(path.relative_to(folder))) is not None:
        return True
    problems.add(
        str(path),
        0,
        "is a link that leads out of the case or nowhere",
        path.name,
        "put the file itself there",
    )
    return False


def _tell_unreadable(error: OSError, problems: Problems) -> None:
    said = error.strerror or str(error)
    problems.add(str(error.filename), 0, "cannot be read", said, "make the folder readable")


def _tell_total(folder: Path, paths: list[Path], problems: Problems) -> bool:
    """Tells that the files that are not too large themselves are too large together."""
    sizes = [size for size in map(_size_bytes, paths) if size <= MAX_FILE_BYTES]
    if sum(sizes) <= MAX_CASE_BYTES:
        return False
    problem = too_large(_name(folder), sum(sizes), MAX_CASE_BYTES)
    problems.add(str(folder), 0, problem.what, problem.value, "split it into several cases")
    return True


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
