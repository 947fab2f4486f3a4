"""A real Neo4j Community from its Maven artifacts, on free ports: `python -m tests.neo4j_server` runs one."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, Self

from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

if sys.platform != "win32":
    import fcntl

ROOT: Final = Path(__file__).parent.parent
POM: Final = Path(__file__).parent / "neo4j" / "pom.xml"
CACHE: Final = ROOT / ".neo4j"
DEFAULT_VERSION: Final = "5.26.12"

# A cold start took 8 to 32 s on two processors; a loaded machine gets several times that.
START_TIMEOUT_S: Final = 180
# Maven fetches 130 MB: 27 s on a fast line.
ASSEMBLE_TIMEOUT_S: Final = 1800
# Higgs, 1.5 million nodes and relationships, took 12 to 18 s; a longer file takes longer than a start.
IMPORT_TIMEOUT_S: Final = 1800
STOP_TIMEOUT_S: Final = 60

# A test plans each statement once or twice: the optimising compiler costs more than it saves. Loading both cases
# and 30 examples took 65 s of CPU time instead of 99 s.
SHORT_LIVED: Final = "-XX:TieredStopAtLevel=1"
JAVA_FLAGS: Final = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
)
SERVER_FLAGS: Final = ("-XX:+UseG1GC", *JAVA_FLAGS)
# What neo4j-admin gives its tool; with HEAP_SIZE it also gives it one size of heap from first to last.
ADMIN_FLAGS: Final = ("-XX:+UseParallelGC", *JAVA_FLAGS)

# Without these lines LOAD CSV reads any file of the machine and any address, even in a read-only transaction.
LOAD_CSV_CLOSED: Final = {
    "server.directories.import": "import",
    "dbms.security.allow_csv_import_from_file_urls": "false",
    "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
}


class Neo4jUnavailableError(RuntimeError):
    """Neo4j could not be assembled or started; the message names what to install or shows its log."""


def requested_version() -> str:
    """The version that NEO4J_VERSION asks for, else the one the project is tested with."""
    return os.environ.get("NEO4J_VERSION") or DEFAULT_VERSION


def oldest_java(version: str) -> int:
    """The Java that this Neo4j needs at least: 17 for 5.x, 21 since the versions are named by year."""
    return 17 if version.startswith("5.") else 21


def _java_version(java: Path) -> int | None:
    """The major version of a `java` program, or None when it does not run."""
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(\d+)', said.stderr)
    return int(found.group(1)) if found else None


def find_java(version: str) -> Path | None:
    """The oldest Java that runs this Neo4j: on the path, JAVA_HOME*, the folders of Linux and macOS."""
    homes = [Path(value) for name, value in os.environ.items() if name.startswith("JAVA_HOME") and value]
    homes += sorted(Path("/usr/lib/jvm").glob("*"))
    homes += [home / "Contents/Home" for home in sorted(Path("/Library/Java/JavaVirtualMachines").glob("*"))]
    programs = [home / "bin/java" for home in homes]
    on_path = shutil.which("java")
    if on_path is not None:
        programs.insert(0, Path(on_path))
    fitting: dict[int, Path] = {}
    for java in dict.fromkeys(java.resolve() for java in programs if java.is_file()):
        major = _java_version(java)
        if major is not None and major >= oldest_java(version):
            fitting.setdefault(major, java)
    return fitting[min(fitting)] if fitting else None


def why_not(version: str | None = None) -> str | None:
    """None when this machine can run this Neo4j, else what is missing and how to get it."""
    version = version or requested_version()
    java = oldest_java(version)
    missing = []
    if find_java(version) is None:
        missing.append(
            f"Java {java} or newer"
            f" (Debian: apt install openjdk-{java}-jre-headless; macOS: brew install openjdk@{java})"
        )
    if not _library(version).is_dir() and shutil.which("mvn") is None:
        missing.append("Maven (Debian: apt install maven; macOS: brew install maven)")
    if not missing:
        return None
    return f"Neo4j {version} cannot run here. Missing: {' and '.join(missing)}."


def must_not_skip() -> bool:
    """Whether a missing Neo4j fails the run instead of shortening it: under CI=true, where nobody reads."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _library(version: str) -> Path:
    return CACHE / version / "lib"


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Lets one process at a time into the block; the system frees the lock of a process that was killed."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        # Windows has no such lock; there two first runs at once may fetch the jars twice.
        if sys.platform != "win32":
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def assemble(version: str | None = None) -> Path:
    """The folder with the server's jars, fetched by Maven the first time; raises Neo4jUnavailableError."""
    version = version or requested_version()
    library = _library(version)
    if library.is_dir():
        return library
    if (reason := why_not(version)) is not None:
        raise Neo4jUnavailableError(reason)
    with alone(CACHE / f"{version}.lock"):
        if library.is_dir():  # Another process was first.
            return library
        # Renamed only when complete, so that a run killed half way leaves nothing that looks like a server.
        for leftover in CACHE.glob(f"{version}.part-*"):
            shutil.rmtree(leftover, ignore_errors=True)  # Its Maven may be writing still.
        part = Path(tempfile.mkdtemp(prefix=f"{version}.part-", dir=CACHE))
        try:
            _copy_jars(version, part / "lib")
            part.chmod(0o755)
            part.rename(library.parent)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    return library


def _copy_jars(version: str, folder: Path) -> None:
    print(
        f"Fetching Neo4j Community {version} through Maven (about 130 MB, once)", file=sys.stderr, flush=True
    )
    command = [
        "mvn",
        "-q",
        "-B",
        "-f",
        str(POM),
        f"-Dneo4j.version={version}",
        "dependency:copy-dependencies",
    ]
    command += [f"-DoutputDirectory={folder}", "-DincludeScope=runtime"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=ASSEMBLE_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as error:
        raise Neo4jUnavailableError(
            f"Maven did not fetch Neo4j {version} in {ASSEMBLE_TIMEOUT_S} s"
        ) from error
    if done.returncode != 0 or not any(folder.glob("neo4j-server-*.jar")):
        raise Neo4jUnavailableError(
            f"Maven could not fetch Neo4j {version}:\n{(done.stdout + done.stderr)[-4000:]}"
        )


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now; all are held until the last is known, so they differ."""
    holders = [socket.socket() for _ in range(count)]
    try:
        for holder in holders:
            holder.bind(("127.0.0.1", 0))
        return [int(holder.getsockname()[1]) for holder in holders]
    finally:
        for holder in holders:
            holder.close()


def port_is_free(port: int) -> bool:
    """Whether nobody listens there on this machine."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Neo4jServer:
    """One Neo4j with its own ports, password and data: `with Neo4jServer() as neo4j: neo4j.uri`.

    `stop()` and `start()` in between make a store that goes away and comes back with its data. Leaving the
    block removes the data, unless `home` was given.
    """

    user: Final = "neo4j"

    def __init__(
        self,
        version: str | None = None,
        *,
        home: Path | None = None,
        settings: dict[str, str] | None = None,
        bolt_port: int | None = None,
        http_port: int | None = None,
        heap_mb: int = 1024,
        is_short_lived: bool = True,
    ) -> None:
        """Starts nothing yet; `settings` are further lines of neo4j.conf and win over ours.

        One that is not short-lived gets fast by and by, as a server does.
        """
        self.version = version or requested_version()
        self.home = home or Path(tempfile.mkdtemp(prefix="neo4j-"))
        self.password = ""
        free_bolt, free_http = free_ports(2)
        self.bolt_port = bolt_port or free_bolt
        self.http_port = http_port or free_http
        self._temporary = home is None
        self._settings = settings or {}
        self._heap_mb = heap_mb
        self._flags = (*SERVER_FLAGS, SHORT_LIVED) if is_short_lived else SERVER_FLAGS
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """Where a driver connects: without routing, which one server does not need."""
        return f"bolt://127.0.0.1:{self.bolt_port}"

    @property
    def browser_url(self) -> str:
        """Where Neo4j Browser is."""
        return f"http://127.0.0.1:{self.http_port}/browser/"

    @property
    def pid(self) -> int | None:
        """The server's process, None when there is none."""
        return None if self._process is None else self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the server's process is there."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Returns when the server answers with the password; raises Neo4jUnavailableError with its log."""
        if self.is_running:
            return
        library = assemble(self.version)
        java = find_java(self.version)
        if java is None:
            raise Neo4jUnavailableError(str(why_not(self.version)))
        self._write_settings()
        by_year = not self.version.startswith("5.")
        entry = "org.neo4j.server.Neo4jCommunity" if by_year else "org.neo4j.server.CommunityEntryPoint"
        memory = (f"-Xms{min(256, self._heap_mb)}m", f"-Xmx{self._heap_mb}m")
        where = (f"--home-dir={self.home}", f"--config-dir={self.home / 'conf'}")
        with (self.home / "console.log").open("ab") as console:
            self._process = subprocess.Popen(
                [str(java), *memory, *self._flags, "-cp", str(library / "*"), entry, *where],
                stdout=console,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                # Ctrl-C in the terminal is for the caller, who then stops the server in order.
                start_new_session=True,
            )
        self._wait_until_ready()

    def import_full(self, folder: Path, arguments: str) -> None:
        """Fills the database, before the first start, from the files that `arguments` in `folder` names.

        As `HEAP_SIZE=... neo4j-admin database import full neo4j @arguments` does, without the start of its launcher.
        """
        library, java = assemble(self.version), find_java(self.version)
        self._write_settings()
        heap = f"{self._heap_mb}m"
        command = [str(java), f"-Xms{heap}", f"-Xmx{heap}", *ADMIN_FLAGS, "-cp", str(library / "*")]
        command += ["org.neo4j.cli.AdminTool", "database", "import", "full", "neo4j", f"@{arguments}"]
        where = {"NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **where}, capture_output=True, text=True, check=False,
            timeout=IMPORT_TIMEOUT_S,
        )  # fmt: skip
        if done.returncode != 0:
            raise Neo4jUnavailableError(f"the import failed:\n{(done.stdout + done.stderr)[-4000:]}")

    def stop(self) -> None:
        """Ends the server in order and keeps its data; nothing happens when it does not run."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """Ends the server as a power cut would, and keeps what it had written."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """Ends the server; data in a folder of ours are removed, so nothing waits for them to be written."""
        if self._temporary:
            self.kill()
            shutil.rmtree(self.home, ignore_errors=True)
        else:
            self.stop()

    def log(self, last: int = 60) -> str:
        """The last lines of what the server wrote: its log, and the console that has a failed start."""
        files = (
            self.home / "logs" / "neo4j.log",
            self.home / "logs" / "debug.log",
            self.home / "console.log",
        )
        parts = [
            f"== {file.name}\n" + "\n".join(file.read_text(errors="replace").splitlines()[-last:])
            for file in files
            if file.is_file() and file.stat().st_size
        ]
        return "\n".join(parts) or "(no log)"

    def _write_settings(self) -> None:
        bolt, http = f"127.0.0.1:{self.bolt_port}", f"127.0.0.1:{self.http_port}"
        settings = {
            "server.bolt.listen_address": bolt,
            "server.bolt.advertised_address": bolt,
            "server.http.listen_address": http,
            "server.http.advertised_address": http,
            "server.https.enabled": "false",
            "server.memory.heap.max_size": f"{self._heap_mb}m",
            "server.memory.pagecache.size": "256m",
            # Seconds a stop waits for late connections: 5 by default, and then 10 s a stop instead of 0.5 s.
            "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
            "db.tx_log.rotation.retention_policy": "keep_none",
            "dbms.usage_report.enabled": "false",
            "client.allow_telemetry": "false",
            **LOAD_CSV_CLOSED,
        }
        if not self.version.startswith("5."):
            settings["db.query.default_language"] = "CYPHER_25"
        settings |= self._settings
        for name in ("conf", "import", "logs", "data"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        text = "".join(f"{name}={value}\n" for name, value in settings.items())
        (self.home / "conf" / "neo4j.conf").write_text(text)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if not self.is_running:
                raise Neo4jUnavailableError(f"Neo4j {self.version} stopped while starting:\n{self.log()}")
            if time.monotonic() > deadline:
                log = self.log()
                self.kill()
                raise Neo4jUnavailableError(
                    f"Neo4j {self.version} did not answer in {START_TIMEOUT_S} s:\n{log}"
                )
            time.sleep(0.1)

    def _answers(self) -> bool:
        """Whether a login works; the very first one sets the password, which Neo4j asks for."""
        try:
            with socket.create_connection(("127.0.0.1", self.bolt_port), timeout=1):
                pass
        except OSError:
            return False
        try:
            if not self.password:
                self._set_password()
            with GraphDatabase.driver(self.uri, auth=(self.user, self.password)) as driver:
                driver.execute_query("RETURN 1 AS one", database_="neo4j")
        except (Neo4jError, DriverError):
            return False  # The port opens a moment before the databases do.
        return True

    def _set_password(self) -> None:
        secret = self.home / "password"
        if secret.is_file():
            self.password = secret.read_text()
            return
        password = secrets.token_urlsafe(16)
        with GraphDatabase.driver(self.uri, auth=("neo4j", "neo4j")) as driver:
            driver.execute_query(
                "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $password",
                {"password": password},
                database_="system",
            )
        secret.touch(mode=0o600)
        secret.write_text(password)
        self.password = password


def check(reason: str | None) -> int:
    """Says loudly what a test run leaves out without Neo4j; 1 when it must not be left out."""
    if reason is None:
        return 0
    failing = must_not_skip()
    rule = "=" * 100
    verdict = "CI=true does not allow that." if failing else "The embedded engine's half ran alone."
    text = f"{rule}\nNOT TESTED: everything on a real Neo4j. {verdict}\n{reason}\n{rule}"
    print(text, file=sys.stderr if failing else sys.stdout)
    return int(failing)


def main() -> int:
    """Runs a Neo4j until Ctrl-C (NEO4J_HOME: a folder whose data stay); `--check` asks whether it could."""
    reason = why_not()
    if "--check" in sys.argv[1:]:
        return check(reason)
    if reason is not None:
        print(reason, file=sys.stderr)
        return 1
    return _run_until_interrupted()


def _run_until_interrupted() -> int:
    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    kept = os.environ.get("NEO4J_HOME")
    try:
        with Neo4jServer(home=Path(kept).resolve() if kept else None) as server:
            fate = "stay" if kept else "are removed then"
            print(f"Neo4j {server.version} runs until Ctrl-C; its data in {server.home} {fate}.")
            print(f"NEO4J_URI={server.uri}\nNEO4J_USER={server.user}\nNEO4J_PASSWORD={server.password}")
            print(f"Browser: {server.browser_url}", flush=True)
            while server.is_running:
                time.sleep(0.5)
            print(f"Neo4j stopped by itself:\n{server.log()}", file=sys.stderr)
            return 1
    except KeyboardInterrupt:
        return 0
    except Neo4jUnavailableError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
