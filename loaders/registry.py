"""Which datasets there are: the folders here with a `source.toml` that describes and a `parse.py` that reads one."""

import hashlib
import importlib
import tomllib
from pathlib import Path
from typing import Any, Final, cast

from pydantic import TypeAdapter, ValidationError

from kb.errors import BadInput, Problem
from loaders.contract import Parser, Source

FOLDER: Final = Path(__file__).parent
# The modules beside the folders with which they read: a change there changes what is read.
SHARED: Final = ("accounts.py", "countries.py", "csv_rows.py", "instants.py")
_SOURCE: Final = TypeAdapter(Source)


def find_datasets() -> list[str]:
    """The names of all datasets that have a loader, sorted."""
    return sorted(path.parent.name for path in FOLDER.glob("*/source.toml"))


def get_source(name: str) -> Source:
    """How `source.toml` describes a dataset; raises BadInput when there is none, or when it does not fit."""
    known = find_datasets()
    if name not in known:
        raise BadInput(
            [Problem("dataset", "there is no loader of this name", name, f"one of {', '.join(known)}")]
        )
    return read_source(FOLDER / name / "source.toml", name)


def read_source(path: Path, name: str) -> Source:
    """The description in a `source.toml`; raises BadInput with everything that does not fit."""
    try:
        written: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return _SOURCE.validate_python({"id": name, **written})
    except tomllib.TOMLDecodeError as error:
        raise BadInput([Problem(str(path), "is not TOML", str(error), "mend it")]) from error
    except ValidationError as error:
        raise BadInput(
            [
                Problem(
                    f"{path}: {'.'.join(map(str, found['loc']))}", found["msg"], found.get("input"), "mend it"
                )
                for found in error.errors()
            ]
        ) from error


def get_parser(name: str) -> Parser:
    """The function that reads the files of a dataset."""
    return cast("Parser", importlib.import_module(f"loaders.{name}.parse").parse)


def fingerprint(name: str) -> str:
    """Hash of a dataset's loader: what its code and tables say of the same files changes only when they do."""
    found = hashlib.sha256()
    folder = FOLDER / name
    for path in sorted([*folder.glob("*.py"), *folder.glob("*.csv"), *(FOLDER / name for name in SHARED)]):
        found.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()
