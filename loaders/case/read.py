"""Reads a case folder whole: every problem of every file at once, or the case."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from kb.documents import HeldDocuments
from loaders.case.entries import HEAD, Entry, check_entry, find_entries
from loaders.case.files import CaseText, read_texts
from loaders.case.held_text import DocumentText, find_texts_of
from loaders.case.passages import check_passages
from loaders.case.problems import Problems, where
from loaders.case.references import check_references, declare
from loaders.case.relations import (
    check_claims,
    check_documents,
    check_head,
    check_observed,
    check_roles,
    find_unused,
)
from loaders.case.tree import parse_yaml
from loaders.contract import ReadCase
from schema.case_files import CaseFile, DocumentEntry


def read_case(folder: Path, held: HeldDocuments) -> ReadCase:
    """The case in `folder`; writes nothing.

    Passages are checked against their documents as far as these are shipped in the folder or held.
    Raises BadInput with every problem, sorted by file and line.
    """
    problems = Problems(str(folder))
    texts = read_texts(folder, problems)
    all_were_read = not len(problems)
    entries, complete = _find_all(texts, problems)
    complete = complete and all_were_read
    checked = [(entry, check_entry(entry, problems)) for entry in entries if not problems.full]
    check_head(entries, str(folder), problems, complete=complete)
    declared = declare(entries, problems)
    check_references(entries, declared, problems, complete=complete)
    check_documents(entries, problems)
    check_claims(declared, problems)
    if complete:
        check_roles(declared, entries, problems)
    check_observed(entries, problems)
    documents = find_texts_of(entries, folder, held, problems)
    check_passages(entries, documents, problems)
    problems.raise_if_any()
    case = _merge(checked, documents)
    return ReadCase(
        case=case,
        content_sha256=content_sha256(case),
        lines=_lines(entries),
        files=tuple(text.path for text in texts),
        shipped={key: known.shipped for key, known in documents.items() if known.shipped is not None},
        notes=tuple(find_unused(declared)),
    )


def content_sha256(case: CaseFile) -> str:
    """A hash of what the case says: the same whatever the order, formatting, comments and file names."""
    digest = hashlib.sha256()
    for section in CaseFile.model_fields:
        value = getattr(case, section)
        entries: Sequence[BaseModel] = value if isinstance(value, tuple) else [value]
        digest.update(f"{section}\n".encode())
        for line in sorted(entry.model_dump_json(by_alias=True) for entry in entries):
            digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _find_all(texts: Sequence[CaseText], problems: Problems) -> tuple[list[Entry], bool]:
    entries: list[Entry] = []
    complete = True
    for text in texts:
        parsed = parse_yaml(text.text, file=text.name, problems=problems)
        entries += find_entries(parsed.root, text.name, problems)
        complete = complete and parsed.complete
    return entries, complete


def _merge(
    checked: Sequence[tuple[Entry, BaseModel | None]], documents: Mapping[str, DocumentText]
) -> CaseFile:
    sections: dict[str, Any] = {}
    for entry, model in checked:
        if entry.section == HEAD:
            sections[HEAD] = model
        else:
            made = _with_shipped(model, documents) if isinstance(model, DocumentEntry) else model
            sections.setdefault(entry.section, []).append(made)
    return CaseFile(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in sections.items()}
    )


def _with_shipped(entry: DocumentEntry, documents: Mapping[str, DocumentText]) -> DocumentEntry:
    """The document with the hash and length of the file that the case ships."""
    known = documents[entry.id]
    if known.shipped is None or known.text is None:
        return entry
    return entry.model_copy(update={"sha256": known.sha256, "chars": len(known.text)})


def _lines(entries: Sequence[Entry]) -> dict[tuple[str, str], str]:
    return {
        (entry.section, entry.id): where(entry.file, entry.line) for entry in entries if entry.id is not None
    }
