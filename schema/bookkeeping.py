"""Bookkeeping nodes: names, cases, runs, judgements, audit entries and migrations."""

from pydantic import Field

from schema.node import Node
from schema.values import CaseId, Instant, Label, Text


class Name(Node):
    """One spelling of an entity's name. Search runs over `norm`."""

    id: str = Field(description="<entity>#<written>#<source>")
    label: Label = Field(description="what a picture shows: the name as written")
    written: Label = Field(description="as written")
    script: Label = Field(
        description="ISO 15924 code of the script, for example Latn or Hans; Zyyy when mixed"
    )
    norm: str = Field(description="folded for search: transliterated, without diacritics, lower case")
    words: str = Field(description="as `norm`, and each character of Chinese or Korean apart")
    source: Label = Field(description="the case or dataset that it comes from")


class NameKey(Node):
    """A text by which search finds names: a word, or a name without spaces from one of its words on."""

    id: str = Field(description="<case or dataset>#<key>")
    key: str = Field(
        description="the text, in a-z and 0-9; behind `~` the consonants of a name in Arabic letters"
    )
    head: str = Field(description="its first four characters")
    source: Label = Field(description="the case or dataset whose names it finds")


class Case(Node):
    """A case: a folder of files that people wrote."""

    id: CaseId = Field(description="its short name")
    title: Label = Field(description="its title")
    description: Text | None = Field(default=None, description="what it covers")
    content_sha256: str = Field(description="hash of its files, so that an unchanged case is not sent again")


class Run(Node):
    """One run of a loader."""

    id: str = Field(description="<case or dataset>/<number>")
    label: str = Field(description="what a picture shows: of what it is the run, and which")
    source: Label = Field(description="the case or dataset that was loaded")
    at: Instant = Field(description="when, UTC")
    content_sha256: str = Field(description="hash of what was loaded")
    rows_changed: int = Field(description="nodes and relationships created, changed, closed or removed")
    rows_read: int | None = Field(default=None, description="rows of the files; absent for a case")
    rows_used: int | None = Field(default=None, description="rows from which something was taken")
    skipped: list[str] = Field(
        default_factory=list,
        description="why rows were skipped, and how many: read is used and these together",
    )
    created: int | None = Field(default=None, description="nodes and relationships created")
    updated: int | None = Field(default=None, description="nodes and relationships changed")
    removed: int | None = Field(default=None, description="nodes and relationships removed")
    seconds: float | None = Field(default=None, description="how long it took, in seconds")


class Batch(Node):
    """A range of what a dataset shows, sorted by id: one whose hash is the same is not sent again."""

    id: str = Field(description="<dataset>/<part>/<hash of its last key>")
    dataset: Label = Field(description="the dataset")
    part: Label = Field(description="Entity, or the relationship type")
    hi: list[str] = Field(description="the key of its last row; it begins behind the batch before")
    sha256: str = Field(description="hash of its rows; empty while something of it is still to be removed")
    rows: int = Field(description="how many rows it has")
    derived: bool = Field(description="whether derived edges follow its rows")
    touched: list[str] = Field(
        default_factory=list, description="what rows that are gone touched, until derived edges follow"
    )


class Load(Node):
    """The load that is running: there is one at most."""

    id: str = Field(description="always `running`")
    dataset: Label = Field(description="the dataset that is loaded")
    by: str = Field(description="the process: host, pid and its start")
    since: Instant = Field(description="when it began, UTC")
    seen: Instant = Field(description="when it last wrote, UTC")


class Migration(Node):
    """A numbered migration that has been applied."""

    id: str = Field(description="its file name without the ending")
    sha256: str = Field(description="hash of its statements")
    at: Instant = Field(description="when it was applied, UTC")
    version: str = Field(
        default="",
        description="of the first: a word for what Neo4j holds, new with each transaction that changed it",
    )
    changed_ms: int = Field(default=0, description="when it got that word, milliseconds since 1970")


class Judgement(Node):
    """A person's decision whether two entities are the same."""

    id: str = Field(description="<entity>=<entity>")
    verdict: Label = Field(description="same, not_the_same or unsure")
    reason: Text = Field(description="why")
    by: Label = Field(description="who decided")
    at: Instant = Field(description="when, UTC")


class Change(Node):
    """An entry of the audit log."""

    id: str = Field(description="running number")
    at: Instant = Field(description="when, UTC")
    by: Label = Field(description="who")
    what: Text = Field(description="what was done, to which id")
