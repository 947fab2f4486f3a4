"""The mapping file of a table: which column is account, post, reshared post, time, and how each is to be read."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from kb.documents import decode_utf8, read_regular_file
from loaders.case.problems import Problems
from loaders.case.tree import Fields, Value, line_at, parse_yaml
from loaders.case.wording import wording_of
from schema.media import PlatformSlug
from schema.observations import InteractionKind, Slug
from schema.values import Label

# A mapping of a hundred columns has 10 kB.
MAX_FILE_BYTES: Final = 1 << 20
# What a proposed mapping has where only a person knows what to write.
CHANGE_ME: Final = "CHANGE_ME"

Column = Annotated[str, Field(min_length=1, description="name of a column, as the header has it")]


class Part(BaseModel):
    """A part of a mapping: frozen, and closed to fields that it does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="part")


class Cell(Part):
    """A column and how its cells are read; a column's name alone means the cell as it is."""

    column: Column
    values: dict[str, str] | None = Field(
        default=None, description="what each text in it stands for; another text makes a row that is skipped"
    )
    split: Annotated[str, Field(min_length=1, max_length=10)] | None = Field(
        default=None, description="the cell holds several: what stands between them, or `list` for ['a', 'b']"
    )


def _of_column(written: Any) -> Any:
    return {"column": written} if isinstance(written, str) else written


AnyCell = Annotated[Cell, BeforeValidator(_of_column, json_schema_input_type=str | Cell)]


class AccountCells(Part):
    """Where an account stands: its id on the platform, else its handle."""

    id: AnyCell | None = Field(default=None, description="the platform's own id, or the pseudonym")
    handle: AnyCell | None = Field(default=None, description="the handle, with or without @")
    name: AnyCell | None = Field(default=None, description="the name that it shows; not read of a pseudonym")

    @model_validator(mode="after")
    def _is_known(self) -> "AccountCells":
        if self.id is None and self.handle is None:
            raise ValueError("has neither id nor handle; name the column of one")
        if self.id and self.handle and (self.id.split or self.handle.split):
            raise ValueError("has a list and another column beside it; name the column of one only")
        return self


def _of_id(written: Any) -> Any:
    return {"id": written} if isinstance(written, str) else written


AnyAccount = Annotated[AccountCells, BeforeValidator(_of_id, json_schema_input_type=str | AccountCells)]


def _in_list(written: Any) -> Any:
    return [written] if isinstance(written, str) else written


class When(Part):
    """Which rows are meant: those with one of these texts in a column."""

    column: Column
    equals: Annotated[
        tuple[str, ...], BeforeValidator(_in_list, json_schema_input_type=str | tuple[str, ...])
    ]


class KindCell(Part):
    """A column that says what was done, and which of the five kinds each of its texts is."""

    column: Column
    values: dict[str, InteractionKind | Literal["none"]] = Field(
        description="`none`: that row did nothing to another"
    )


class Act(Part):
    """What a row says that its account did to a post or an account of another; absent where their cells are empty."""

    kind: InteractionKind | KindCell = Field(
        description="reshare, quote, reply, mention, link; or a column of kinds"
    )
    post: AnyCell | None = Field(default=None, description="id of the other's post")
    account: AnyAccount | None = Field(default=None, description="the other's account")
    when: When | None = Field(default=None, description="only in rows with this")

    @model_validator(mode="after")
    def _has_an_object(self) -> "Act":
        if self.post is None and self.account is None:
            raise ValueError("has neither post nor account; name the column of one")
        if self.post and self.account and (self.post.split or self._is_list(self.account)):
            raise ValueError("has a list and another column beside it; make an act of each")
        return self

    @staticmethod
    def _is_list(account: AccountCells) -> bool:
        return any(cell is not None and cell.split for cell in (account.id, account.handle))


def _check_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is no time zone; write UTC or a name such as Europe/Berlin") from error
    return zone


class Time(Part):
    """When the row's post or act was."""

    column: Column
    format: Annotated[str, Field(min_length=1)] = Field(
        description="iso, unix (seconds), unix_ms, or as in %Y-%m-%d %H:%M"
    )
    zone: Annotated[str, AfterValidator(_check_zone)] | None = Field(
        default=None, description="of times that do not say theirs: UTC, Europe/Berlin"
    )

    @model_validator(mode="after")
    def _is_an_instant(self) -> "Time":
        if self.format == "iso" or self.format.startswith("unix"):
            if self.format not in ("iso", "unix", "unix_ms"):
                raise ValueError(
                    "has an unknown format; write iso, unix, unix_ms or one such as %d/%m/%Y %H:%M"
                )
        elif "%z" in self.format:
            pass
        elif "%" not in self.format:
            raise ValueError("has an unknown format; write iso, unix, unix_ms or one such as %d/%m/%Y %H:%M")
        elif self.zone is None:
            raise ValueError("has times without their zone; add zone, for example zone: UTC")
        return self


class TableFile(Part):
    """How the file is written. What is absent is found out where the file itself says it beyond doubt."""

    format: Literal["csv", "jsonl", "parquet"] | None = Field(
        default=None, description="csv (also TSV), jsonl, parquet"
    )
    encoding: Label | None = Field(
        default=None, description="utf-8 and whatever has a byte order mark need no word"
    )
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = Field(
        default=None, description="between cells; by default the one that makes all named columns"
    )


class Platform(Part):
    """A column of platforms, and the short name of each."""

    column: Column
    values: dict[str, PlatformSlug]


def _check_filled(text: str) -> str:
    if CHANGE_ME in text:
        raise ValueError("is not filled in; `not stated` is an answer")
    return text


Filled = Annotated[Label, AfterValidator(_check_filled)]


class Mapping(Part):
    """What a table is, and what its columns mean."""

    dataset: Slug = Field(description="short name, under which it is kept")
    title: Filled = Field(description="its title")
    publisher: Filled = Field(description="who published it")
    licence: Filled = Field(description="its licence; `not stated` is an answer")
    platform: PlatformSlug | Platform = Field(
        description="short name of the platform, or a column of platforms"
    )
    pseudonymous: Literal["true", "false", "hashes"] = Field(
        description="true: the publisher made up or hashed the ids, so that none is a real account's or post's; "
        "false: they are the platform's; hashes: those that are digits only are the platform's"
    )
    account: AnyAccount = Field(description="who posted or acted")
    post: AnyCell | None = Field(default=None, description="id of the post that the row is")
    time: Time | None = Field(default=None, description="when")
    acts: tuple[Act, ...] = Field(default=(), description="what the row did to others' posts and accounts")
    empty: tuple[str, ...] = Field(default=(), description="texts that mean an empty cell, such as NA")
    file: TableFile = Field(default=TableFile(), description="how the file is written")

    @model_validator(mode="after")
    def _says_something(self) -> "Mapping":
        if self.post is None and not self.acts:
            raise ValueError("has neither post nor acts; say what a row is")
        cells = [self.post, self.account.id, self.account.handle, self.account.name]
        if any(cell and cell.split for cell in cells):
            raise ValueError("has split where a row has one account and one post; leave it to acts")
        return self


class ReadMapping(NamedTuple):
    """A mapping, and where each of the columns that it names stands."""

    mapping: Mapping
    path: Path
    columns: dict[str, int]
    """Name -> the line that names it first."""


def read_mapping(path: Path) -> ReadMapping:
    """The mapping in a YAML file; raises BadInput with every problem and its line."""
    problems = Problems(str(path))
    text = decode_utf8(read_regular_file(path, MAX_FILE_BYTES), name=str(path))
    parsed = parse_yaml(text, file=str(path), problems=problems)
    problems.raise_if_any()
    if not isinstance(parsed.root, Fields):
        problems.add(
            str(path), 1, "is no mapping of fields", text[:40], "`python -m loaders table propose` writes one"
        )
        problems.raise_if_any()
    try:
        mapping = Mapping.model_validate(parsed.root)
    except ValidationError as error:
        told: set[tuple[int, str]] = set()
        errors = error.errors(include_url=False)
        for found in errors:
            if found["type"] == "model_type" and isinstance(found["input"], str) and len(errors) > 1:
                # The other branch of a choice, which is told as well.
                continue
            # The branches of a choice between a text and fields are no fields of the file.
            loc = tuple(part for part in found["loc"] if not _is_branch(part))
            worded = wording_of({**found, "loc": loc}, Mapping)
            line = line_at(parsed.root, loc)
            if (line, worded.what) not in told:
                told.add((line, worded.what))
                problems.add(str(path), line, worded.what, worded.value, worded.remedy)
        problems.raise_if_any()
        raise
    return ReadMapping(mapping, path, dict(_find_columns(mapping, parsed.root)))


def _is_branch(part: int | str) -> bool:
    return isinstance(part, str) and (part in ("KindCell", "Platform", "enum") or "[" in part or "-" in part)


def _find_columns(part: BaseModel, root: Value, loc: tuple[int | str, ...] = ()) -> list[tuple[str, int]]:
    """The columns that a part of the mapping names, the last of the file first, so that a dict keeps the first line."""
    found: list[tuple[str, int]] = []
    for name in type(part).model_fields:
        value = getattr(part, name)
        if name == "column":
            found.append((value, line_at(root, (*loc, name))))
        elif isinstance(value, BaseModel):
            found += _find_columns(value, root, (*loc, name))
        elif isinstance(value, tuple):
            for number, item in enumerate(value):
                if isinstance(item, BaseModel):
                    found += _find_columns(item, root, (*loc, name, number))
    return sorted(found, key=lambda entry: -entry[1])
