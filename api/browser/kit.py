"""What Neo4j Browser loads from us: a guide, a style, and a zip of queries to drop on its page."""

import io
import re
import zipfile
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kb.guide import QUESTIONS

FOLDER: Final = Path(__file__).parent
#: The page asks for these from another origin, with headers of its own.
HEADERS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "GET, OPTIONS",
    "Cache-Control": "no-cache",
}
# The earliest time that a zip can hold: the same queries give the same file.
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
_RULE: Final = re.compile(r"(?m)^([\w. ]+)\{(.*)\}$")
_PROPERTY: Final = re.compile(r'([\w-]+): "?([^;"]*)"?;')
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def make_guide(base: str) -> str:
    """The guide as the Browser reads it: one article of slides; `base` is where the kit is served."""
    return _TEMPLATES.get_template("guide.html.j2").render(questions=QUESTIONS, base=base)


def make_style() -> str:
    """The style: colours, captions and widths."""
    return (FOLDER / "throughline.grass").read_text("utf-8")


def read_style() -> dict[str, dict[str, str]]:
    """The same as the page keeps it in its storage: what is styled, and how."""
    return {chosen.strip(): dict(_PROPERTY.findall(inner)) for chosen, inner in _RULE.findall(make_style())}


def make_queries() -> bytes:
    """A zip of the questions, one file each in one folder, the name in the first line as the Browser reads it."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for place, question in enumerate(QUESTIONS, 1):
            entry = zipfile.ZipInfo(f"Throughline/{place:02}-{question.name}.cypher", _ZIP_TIME)
            packed.writestr(entry, f"// {place:02} {question.title}\n{question.cypher}\n")
    return written.getvalue()


async def _guide(request: Request) -> Response:
    return _answer(
        request, "text/html; charset=utf-8", make_guide(f"{request.base_url}kit".rstrip("/")).encode()
    )


async def _style(request: Request) -> Response:
    return _answer(request, "text/plain; charset=utf-8", make_style().encode())


async def _queries(request: Request) -> Response:
    return _answer(request, "application/zip", make_queries())


def _answer(request: Request, media_type: str, body: bytes) -> Response:
    # What a browser asks before it asks: only the headers count.
    return Response(b"" if request.method == "OPTIONS" else body, media_type=media_type, headers=HEADERS)


ROUTES: Final = [
    Route("/kit/guide.html", _guide, methods=["GET", "OPTIONS"]),
    Route("/kit/throughline.grass", _style, methods=["GET", "OPTIONS"]),
    Route("/kit/queries.zip", _queries, methods=["GET", "OPTIONS"]),
]
