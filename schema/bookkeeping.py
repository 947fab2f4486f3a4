"""Bookkeeping nodes: names, cases, runs, judgements, audit entries and migrations."""

from pydantic import Field

from schema.node import Node
from schema.values import CaseId, Instant, Label, Text


class Name(Node):
    """One spelling of an entity's name. Search runs over `norm`."""

    id: str = Field(description="<entity>#<written>#<source>")
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
    source: Label = Field(description="the case or dataset that was loaded")
    at: Instant = Field(description="when, UTC")
    content_sha256: str = Field(description="hash of what was loaded")
    rows_changed: int = Field(description="nodes and relationships created, changed or closed")


class Migration(Node):
    """A numbered migration that has been applied."""

    id: str = Field(description="its file name without the ending")
    sha256: str = Field(description="hash of its statements")
    at: Instant = Field(description="when it was applied, UTC")


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
