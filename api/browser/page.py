"""The page of Neo4j Browser: one jar from Maven, pinned, checked, and read in place."""

import hashlib
import json
import mimetypes
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from api.browser.kit import ROUTES, read_style
from kb.errors import KbError

ROOT: Final = Path(__file__).parent.parent.parent
CACHE: Final = ROOT / ".neo4j"
VERSION: Final = "5.24.0"
ARTIFACT: Final = f"org.neo4j.client:neo4j-browser:{VERSION}"
JAR: Final = f"neo4j-browser-{VERSION}.jar"
SHA256: Final = "064b3291c4236002c9ea04c89592ebebc80fe1f790eda36642599c9a1ee80bb8"
# 13 MB; Maven fetches its own plugins as well, the first time.
FETCH_TIMEOUT_S: Final = 600
_INSIDE: Final = "browser/"
# What this page takes for the version of a server whose procedures and syntax it may expect.
_TOLD_VERSION: Final = "5.26.0"

# Other settings of the person stay; ours win, as the page does not work without them. A style of theirs stays.
_START: Final = """<!doctype html><meta charset="utf-8"><title>Neo4j Browser</title><script>
const kept = JSON.parse(localStorage.getItem("neo4j.settings") || "{}");
localStorage.setItem("neo4j.settings", JSON.stringify({...kept, ...SETTINGS}));
if (localStorage.getItem("neo4j.grass") === null) localStorage.setItem("neo4j.grass", JSON.stringify(STYLE));
location.replace(ADDRESS);
</script>"""


class NoPageError(KbError):
    """The page of Neo4j Browser is not here and could not be fetched; the message says what to install."""


def find_jar() -> Path:
    """The jar with the page, fetched by Maven the first time. Raises NoPageError, also for a jar that is not ours."""
    kept = CACHE / "browser" / JAR
    found = next((path for path in (kept, *sorted(CACHE.glob(f"*/lib/{JAR}"))) if path.is_file()), None)
    if found is None:
        _fetch(kept.parent)
        found = kept
    told = hashlib.sha256(found.read_bytes()).hexdigest()
    if told != SHA256:
        raise NoPageError(f"{found}: its SHA-256 is {told}, not {SHA256}; remove the file and try again")
    return found


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise NoPageError(
            f"Neo4j Browser comes through Maven, and mvn was not found. Debian: apt install maven; macOS: brew install"
            f" maven. Or put {JAR} into {folder}."
        )
    command = [maven, "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=FETCH_TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        raise NoPageError(f"Maven did not fetch {ARTIFACT} in {FETCH_TIMEOUT_S} s; try again") from error
    if done.returncode != 0 or not (folder / JAR).is_file():
        raise NoPageError(f"Maven could not fetch {ARTIFACT}:\n{(done.stdout + done.stderr)[-2000:]}")


def make_policy(bolt: str) -> str:
    """What the page may do: speak with us and with the database at `bolt` (host and port), with nobody else."""
    return (
        f"default-src 'self'; connect-src 'self' ws://{bolt} wss://{bolt} http://{bolt} https://{bolt};"
        # The page makes code from text and styles its elements; without these it stays white.
        " script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline';"
        " img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; frame-src 'none';"
        " object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
    )


def make_settings(kit: str, *, is_embedded: bool) -> dict[str, Any]:
    """What the page is told to do: nothing sent home, our guide on connect, and what the embedded engine needs."""
    told: dict[str, Any] = {
        "allowCrashReports": False,
        "allowUserStats": False,
        # One command; the style is put into the page's storage.
        "initCmd": f":guide {kit}/guide.html",
    }
    # The page asks for more edges between what it draws with ids as JavaScript numbers. Those of the embedded engine
    # are beyond 2^53: it gets edges of other nodes and draws nothing.
    return {**told, "autoComplete": False} if is_embedded else told


def make_routes(jar: Path, bolt: str, begin: str, settings: Mapping[str, Any]) -> list[Route]:
    """The page at /browser/ out of `jar`, for the database at `bolt`.

    `begin` is the query of the address that the page opens with; `settings` go into the page's own storage first.
    """
    packed = zipfile.ZipFile(jar)
    names = frozenset(packed.namelist())
    headers = {"Content-Security-Policy": make_policy(bolt)}

    async def page(request: Request) -> Response:
        name = _INSIDE + (request.path_params["path"] or "index.html")
        if name not in names or name.endswith("/"):
            return PlainTextResponse("not a file of the page\n", 404)
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(packed.read(name), media_type=media_type, headers=headers)

    start = _START
    for name, value in (("SETTINGS", settings), ("STYLE", read_style()), ("ADDRESS", f"/browser/?{begin}")):
        # A tag cannot end inside of JSON.
        start = start.replace(name, json.dumps(value).replace("<", "\\u003c"))

    async def open_page(_request: Request) -> Response:
        return Response(start, media_type="text/html", headers=headers)

    async def discover(request: Request) -> Response:
        # Whoever opens the address goes to the page, which then asks the same address for the database.
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/start")
        told = {"bolt_direct": f"bolt://{bolt}", "neo4j_version": _TOLD_VERSION, "neo4j_edition": "community"}
        return JSONResponse(told)

    return [
        Route("/", discover),
        Route("/start", open_page),
        Route("/browser/{path:path}", page),
        *ROUTES,
    ]
