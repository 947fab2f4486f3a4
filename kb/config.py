"""The settings: every environment variable that is read, with its unit, its default and its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from kb.errors import BadSetting

NEO4J_SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("TEXT", "JSON")
SWITCH = ("ON", "OFF")
TRUSTED_ONLY = ("0", "1")


_HOST = re.compile(r"\*|[a-z0-9.-]+|\[[0-9a-f:.]+\]")
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d+)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Variable(NamedTuple):
    """One environment variable; README and help are made from these."""

    name: str
    default: str
    unit: str
    reason: str
    secret: bool = False


VARIABLES: tuple[Variable, ...] = (
    Variable(
        "NEO4J_URI",
        "",
        "address",
        "the Neo4j to use, fastest as bolt://; empty: the embedded engine keeps the data in KB_DATA",
    ),
    Variable("NEO4J_USER", "neo4j", "text", "the user to log in as at NEO4J_URI"),
    Variable("NEO4J_PASSWORD", "", "text", "needed with NEO4J_URI; never logged or shown", secret=True),
    Variable("NEO4J_DATABASE", "neo4j", "text", "the database in that Neo4j; Community has this one only"),
    Variable("KB_DATA", ".kb", "folder", "where the embedded engine keeps its files"),
    Variable(
        "KB_HOST",
        "127.0.0.1",
        "address",
        "the address the API listens on; this machine only until you change it",
    ),
    Variable("PORT", "8000", "port, 1-65535", "the port the API listens on"),
    Variable("KB_READ_TIMEOUT_S", "30", "seconds", "a read that runs longer is ended"),
    Variable(
        "KB_WRITE_TIMEOUT_S",
        "300",
        "seconds",
        "a write that runs longer is ended; one batch of a load takes a few",
    ),
    Variable("KB_EMBEDDED_HEAP_MB", "1024", "MB, 64 or more", "the most heap the embedded engine takes"),
    Variable("KB_LOG_LEVEL", "INFO", "/".join(LOG_LEVELS), "how much is logged"),
    Variable(
        "KB_LOG_FORMAT",
        "TEXT",
        "/".join(LOG_FORMATS),
        "lines for people, or one JSON object a line for programs; queries and their values are in neither",
    ),
    Variable(
        "KB_ALLOWED_HOSTS",
        "",
        "names, comma between",
        "the host names the API answers to; empty: localhost, 127.0.0.1, [::1] and KB_HOST; * is any",
    ),
    Variable(
        "KB_CORS_ORIGINS",
        "",
        "origins, comma between",
        "the pages elsewhere that may ask, like https://example.org; empty: none",
    ),
    Variable(
        "KB_API_KEYS",
        "",
        "SHA-256 hashes, comma between",
        "only who sends one of the keys is answered; empty: everybody; python -m api.keys makes one",
        secret=True,
    ),
    Variable(
        "KB_INTROSPECTION",
        "ON",
        "/".join(SWITCH),
        "whether the schema can be asked for; the query page and client generators need it",
    ),
    Variable(
        "KB_TRUSTED_ONLY",
        "0",
        "/".join(TRUSTED_ONLY),
        "1: only documents of python -m api queries add are answered, not even those of the query page",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `read_settings` found; passed in, never looked up. `neo4j_uri` None means the embedded engine."""

    neo4j_uri: str | None = None
    neo4j_user: str = "neo4j"
    neo4j_password: str = field(default="", repr=False)
    neo4j_database: str = "neo4j"
    data: Path = Path(".kb")
    host: str = "127.0.0.1"
    port: int = 8000
    read_timeout_s: float = 30.0
    write_timeout_s: float = 300.0
    embedded_heap_mb: int = 1024
    log_level: str = "INFO"
    log_format: str = "TEXT"
    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    introspection: bool = True
    trusted_only: bool = False


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`; an empty or absent variable has its default.

    Raises BadSetting that names every variable with a value that cannot be used.
    """
    reader = _Reader(environ)
    settings = Settings(
        neo4j_uri=reader.uri("NEO4J_URI"),
        neo4j_user=reader.text("NEO4J_USER"),
        neo4j_password=reader.text("NEO4J_PASSWORD"),
        neo4j_database=reader.text("NEO4J_DATABASE"),
        data=Path(reader.text("KB_DATA")).expanduser(),
        host=reader.text("KB_HOST"),
        port=int(reader.number("PORT", 1, 65_535, whole=True)),
        read_timeout_s=reader.number("KB_READ_TIMEOUT_S", 0.1, 86_400),
        write_timeout_s=reader.number("KB_WRITE_TIMEOUT_S", 0.1, 86_400),
        # Below 64 MB the embedded engine does not start.
        embedded_heap_mb=int(reader.number("KB_EMBEDDED_HEAP_MB", 64, 1_048_576, whole=True)),
        log_level=reader.choice("KB_LOG_LEVEL", LOG_LEVELS),
        log_format=reader.choice("KB_LOG_FORMAT", LOG_FORMATS),
        allowed_hosts=reader.several("KB_ALLOWED_HOSTS", _HOST, "host names without a port"),
        cors_origins=reader.several("KB_CORS_ORIGINS", _ORIGIN, "origins like https://example.org"),
        api_keys=reader.several("KB_API_KEYS", _SHA256, "hashes that python -m api.keys prints"),
        introspection=reader.choice("KB_INTROSPECTION", SWITCH) == "ON",
        trusted_only=reader.choice("KB_TRUSTED_ONLY", TRUSTED_ONLY) == "1",
    )
    if settings.neo4j_uri is not None and not settings.neo4j_password:
        reader.problems.append(
            "NEO4J_PASSWORD: empty while NEO4J_URI is set; set it, or unset NEO4J_URI for the embedded engine"
        )
    if reader.problems:
        raise BadSetting(reader.problems)
    return settings


class _Reader:
    """Reads one variable at a time and collects what is wrong, so that all of it is told at once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._defaults = {variable.name: variable.default for variable in VARIABLES}
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        return self._environ.get(name, "").strip() or self._defaults[name]

    def uri(self, name: str) -> str | None:
        value = self.text(name)
        if not value:
            return None
        try:
            parts = urlsplit(value)
            usable = parts.scheme in NEO4J_SCHEMES and bool(parts.hostname) and parts.port != 0
            named_login = parts.username is not None or parts.password is not None
        except ValueError:
            usable, named_login = False, False
        if named_login:
            self.problems.append(
                f"{name}: holds a user or password; put them in NEO4J_USER and NEO4J_PASSWORD"
            )
        elif not usable:
            self.problems.append(f"{name}: {value!r} is not an address; write it like neo4j://localhost:7687")
        return value

    def number(self, name: str, least: float, most: float, *, whole: bool = False) -> float:
        value = self.text(name)
        try:
            number = int(value) if whole else float(value)
        except ValueError:
            number = float("nan")
        if not least <= number <= most:
            kind = "a whole number" if whole else "a number"
            self.problems.append(
                f"{name}: {value!r} is not {kind} from {least:g} to {most:g}; correct it or unset it"
            )
            return float(self._defaults[name])
        return number

    def several(self, name: str, form: re.Pattern[str], are: str) -> tuple[str, ...]:
        found = tuple(part.strip().lower() for part in self.text(name).split(",") if part.strip())
        wrong = [place for place, part in enumerate(found, 1) if form.fullmatch(part) is None]
        if wrong:
            # Named by its place: what was taken for a hash may be the key itself.
            self.problems.append(f"{name}: number {wrong[0]} is none of {are}; correct it or unset it")
        return found

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name)
        if value.upper() not in choices:
            self.problems.append(
                f"{name}: {value!r} is not one of {', '.join(choices)}; correct it or unset it"
            )
            return self._defaults[name]
        return value.upper()
