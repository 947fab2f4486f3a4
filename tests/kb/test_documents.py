"""Held documents and the words in them."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from kb.documents import (
    MAX_DOCUMENT_BYTES,
    HeldDocuments,
    context,
    paragraphs,
    span_sha256,
    words,
)
from kb.errors import BadInput

SHARED = Path(__file__).parents[3] / "shared"
SEEDS = ("000_50d679fca2733018.txt", "001_0e155669518cf3c6.txt")


@pytest.fixture
def held(tmp_path: Path) -> HeldDocuments:
    return HeldDocuments(tmp_path / "data")


def write(folder: Path, content: bytes) -> Path:
    path = folder / "document.txt"
    path.write_bytes(content)
    return path


def refusal(held: HeldDocuments, path: Path) -> str:
    with pytest.raises(BadInput) as refused:
        held.hold(path)
    assert len(refused.value.problems) == 1
    return str(refused.value)


def test_a_held_file_comes_back_with_every_character(held: HeldDocuments, tmp_path: Path) -> None:
    content = "\ufeffFirst.\r\n\r\nمرحبا 👩‍👩‍👧 𝔘\rlast\n".encode()
    kept = held.hold(write(tmp_path, content))
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert held.text(kept.sha256) == content.decode("utf-8") == kept.text
    assert kept.chars == len(kept.text)


def test_holding_a_file_twice_keeps_one(held: HeldDocuments, tmp_path: Path) -> None:
    path = write(tmp_path, b"words")
    assert held.hold(path) == held.hold(path)
    assert [file.name for file in held.folder.iterdir()] == [f"{held.hold(path).sha256}.txt"]


def test_a_document_that_is_not_held_is_none(held: HeldDocuments) -> None:
    assert held.text("0" * 64) is None


def test_a_hash_that_is_a_path_is_refused(held: HeldDocuments) -> None:
    with pytest.raises(BadInput, match="is not a SHA-256"):
        held.text("../../etc/passwd")


def test_a_held_file_that_was_changed_is_told(held: HeldDocuments, tmp_path: Path) -> None:
    kept = held.hold(write(tmp_path, b"words"))
    (held.folder / f"{kept.sha256}.txt").write_bytes(b"other words")
    with pytest.raises(BadInput, match="the held file was changed"):
        held.text(kept.sha256)


def test_adding_a_document_again_mends_a_held_file_that_was_changed(
    held: HeldDocuments, tmp_path: Path
) -> None:
    path = write(tmp_path, b"words")
    kept = held.hold(path)
    (held.folder / f"{kept.sha256}.txt").write_bytes(b"other words")
    held.hold(path)
    assert held.text(kept.sha256) == "words"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"one\ntwo \xff", r"document\.txt:2: is not UTF-8, 'byte 0xff at 8'"),
        (b"one\n\0", r"document\.txt:2: has a NUL byte"),
        (b"\xed\xa0\x80", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_text_is_refused(
    held: HeldDocuments, tmp_path: Path, content: bytes, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        held.hold(write(tmp_path, content))


def test_a_folder_a_pipe_and_a_missing_file_are_refused(held: HeldDocuments, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "'folder'" in refusal(held, tmp_path)
    assert "'named pipe'" in refusal(held, tmp_path / "pipe")
    assert "there is no such file" in refusal(held, tmp_path / "none.txt")
    assert "is not a file, 'device'" in refusal(held, Path("/dev/zero"))


def test_a_file_that_is_too_large_is_refused_without_reading_it(held: HeldDocuments, tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    assert "is larger than 20 MB, '200.0 MB'" in refusal(held, path)
    assert MAX_DOCUMENT_BYTES == 20 * 1024 * 1024


def test_a_data_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadInput, match="set KB_DATA to a folder you can write"):
        HeldDocuments(tmp_path / "file").hold_bytes(b"words", name="words.txt")


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("\n \n", []),
        ("one", [(0, 3)]),
        ("one\ntwo\n\nthree\n", [(0, 7), (9, 14)]),
        ("one\r\n\r\ntwo\r\nmore\r\n", [(0, 3), (7, 16)]),
        ("one\r\rtwo", [(0, 3), (5, 8)]),
        ("\n\n  one \n \t\ntwo", [(2, 8), (12, 15)]),
        ("one\u2028\u2028still one\x0b\x0bstill", [(0, 21)]),
        ("👩‍👧\n\nمرحبا", [(0, 3), (5, 10)]),
    ],
)
def test_paragraphs_are_runs_of_lines_that_are_not_blank(text: str, spans: list[tuple[int, int]]) -> None:
    assert paragraphs(text) == spans


def test_context_is_up_to_32_code_points_on_each_side() -> None:
    text = "a" * 40 + "🎯" + "b" * 5
    assert context(text, 40, 41) == ("a" * 32, "🎯", "b" * 5)
    assert words(text, 40, 41) == "🎯"


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the two articles are not here: {SHARED} is absent")
def test_the_paragraphs_of_the_two_articles_are_those_of_the_case() -> None:
    documents = {
        d["id"]: d
        for d in json.loads((SHARED / "case/claims.json").read_text("utf-8"))["documents"]
        if d.get("file")
    }
    assert {d["file"] for d in documents.values()} == set(SEEDS)
    for document in documents.values():
        text = (SHARED / "seeds" / document["file"]).read_bytes().decode("utf-8")
        assert [list(span) for span in paragraphs(text)] == document["paragraph_offsets"]


def test_the_hash_of_words_is_over_their_utf_8() -> None:
    assert span_sha256("é") == hashlib.sha256(b"\xc3\xa9").hexdigest()
