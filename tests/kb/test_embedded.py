"""The embedded engine: who owns the folder, what survives a kill, and how it is stopped."""

import asyncio
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kb import embedded
from kb.config import Settings
from kb.embedded import LOCK_NAME, open_embedded, stop_owner
from kb.errors import StoreBusy, StoreUnavailable
from kb.store import Store, open_store
from tests.conftest import process_environ

ROOT = Path(__file__).parents[2]

# Opens the store of the environment, says so on stdout, and then does what the test appends.
OPEN = """
import asyncio, os, signal, sys
# A run in the background of a shell ignores Ctrl-C, and its children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
from kb.config import read_settings
from kb.store import open_store

async def main():
    async with open_store(read_settings(os.environ)) as store:
{body}

asyncio.run(main())
"""
HOLD = "print('ready', flush=True)\nawait asyncio.sleep(600)"


def child_process(settings: Settings, body: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OPEN.format(body=textwrap.indent(body, " " * 8))],
        cwd=ROOT,
        env=process_environ(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def other_process(settings: Settings, body: str = HOLD) -> Iterator[subprocess.Popen[str]]:
    """A process that has the store open and has come to its `print('ready')`."""
    with child_process(settings, body) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if line.strip() != "ready":
                process.kill()
                pytest.fail(f"{line}{process.communicate()[1]}")
            yield process
        finally:
            process.kill()


async def names(store: Store) -> list[str]:
    return [name for (name,) in await store.read("MATCH (n:Account) RETURN n.id AS id ORDER BY id")]


async def test_data_is_there_when_the_folder_is_opened_again(fresh_settings: Settings) -> None:
    async with open_store(fresh_settings) as store:
        await store.write(lambda tx: tx.run("CREATE (:Account {id: 'a'})"))
    async with open_store(fresh_settings) as store:
        assert await names(store) == ["a"]


async def test_only_this_user_may_look_into_the_folder(fresh_settings: Settings) -> None:
    async with open_embedded(fresh_settings):
        for path in (fresh_settings.data, fresh_settings.data / LOCK_NAME):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


async def test_the_passwords_are_gone_when_it_is_closed(fresh_settings: Settings) -> None:
    async with open_embedded(fresh_settings) as endpoint:
        password = endpoint.writer.password
        assert password in (fresh_settings.data / LOCK_NAME).read_text()
    kept = [path for path in fresh_settings.data.rglob("*") if path.is_file()]
    assert not [path for path in kept if password.encode() in path.read_bytes()]
    assert password not in repr(endpoint)


def listening_addresses(pid: int) -> list[str]:
    told = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    return [line.split()[3] for line in told.splitlines() if f"pid={pid}," in line]


@pytest.mark.skipif(shutil.which("ss") is None, reason="ss, which lists open ports, is not here")
async def test_it_listens_on_this_machine_only(fresh_settings: Settings) -> None:
    with other_process(fresh_settings) as owner:
        addresses = listening_addresses(owner.pid)
    assert [address.rpartition(":")[0] for address in addresses] in (
        ["127.0.0.1"] * 2,
        ["[::ffff:127.0.0.1]"] * 2,
    )


async def test_a_second_opening_in_this_process_shares_the_engine(fresh_settings: Settings) -> None:
    async with open_embedded(fresh_settings) as first, open_embedded(fresh_settings) as second:
        assert (first.owned, second.owned) == (True, False)
        assert first.uri == second.uri


async def test_another_process_connects_to_the_owner(fresh_settings: Settings) -> None:
    with other_process(fresh_settings) as owner:
        async with open_embedded(fresh_settings) as endpoint:
            assert (endpoint.owned, endpoint.owner_pid) == (False, owner.pid)
        async with open_store(fresh_settings) as store:
            await store.write(lambda tx: tx.run("CREATE (:Account {id: 'a'})"))
            await store.create_fulltext_index("account_ft", "Account", ["words"])
            assert await names(store) == ["a"]


async def test_of_processes_that_start_at_once_one_owns_and_all_write(fresh_settings: Settings) -> None:
    body = """\
async def work(tx):
    await tx.run("CREATE (:Account {id: $id})", {"id": str(os.getpid())})
await store.write(work)
print('ready', flush=True)
await asyncio.to_thread(sys.stdin.readline)
"""
    started = [child_process(fresh_settings, body) for _ in range(4)]
    # All are ready before any ends: the owner among them serves the others.
    said = [process.stdout.readline() if process.stdout else "" for process in started]
    for process in started:
        process.communicate("\n")
    assert said == ["ready\n"] * 4
    async with open_store(fresh_settings) as store:
        assert await names(store) == sorted(str(process.pid) for process in started)


async def test_a_killed_owner_leaves_what_was_committed_and_nothing_else(fresh_settings: Settings) -> None:
    body = """\
async def committed(tx):
    await tx.run("UNWIND range(1, 2000) AS x CREATE (:Account {id: 'c' + toString(x)})")
await store.write(committed)
async def half(tx):
    await tx.run("UNWIND range(1, 2000) AS x CREATE (:Account {id: 'h' + toString(x)})")
    await tx.run("MATCH (a:Account {id: 'c1'}) SET a.id = 'changed'")
    print('ready', flush=True)
    await asyncio.sleep(600)
await store.write(half)
"""
    with other_process(fresh_settings, body) as owner:
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    async with open_store(fresh_settings) as store:
        found = await names(store)
    assert found == sorted(f"c{number}" for number in range(1, 2001))


async def test_an_owner_killed_while_it_commits_loses_no_commit_it_reported(fresh_settings: Settings) -> None:
    body = """\
await store.ddl("CREATE CONSTRAINT a IF NOT EXISTS FOR (n:Account) REQUIRE n.id IS UNIQUE")
print('ready', flush=True)
for number in range(100_000):
    async def work(tx):
        await tx.run("CREATE (:Account {id: $id})-[:HAS]->(:Post)", {"id": number})
    await store.write(work)
    print(number, flush=True)
"""
    with other_process(fresh_settings, body) as owner:
        assert owner.stdout is not None
        await asyncio.sleep(0.5)
        owner.send_signal(signal.SIGKILL)
        reported = [int(line) for line in owner.stdout.read().splitlines() if line]
    async with open_store(fresh_settings) as store:
        rows = await store.read("MATCH (n:Account)-[:HAS]->(p:Post) RETURN n.id AS id ORDER BY id")
        by_index = await store.read("MATCH (n:Account {id: $id}) RETURN n.id AS id", {"id": reported[-1]})
    found = [number for (number,) in rows]
    assert len(reported) > 10
    # The last commit may have been made and not yet reported.
    assert found in (reported, [*reported, len(reported)])
    assert by_index == [[reported[-1]]]


@pytest.mark.parametrize("after_ms", [20, 60, 100, 150, 200, 300, 500])
async def test_a_first_start_killed_half_way_is_no_obstacle(fresh_settings: Settings, after_ms: int) -> None:
    with child_process(fresh_settings, HOLD) as process:
        while not (fresh_settings.data / LOCK_NAME).exists():  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.001)
        await asyncio.sleep(after_ms / 1000)
        process.kill()
    async with open_store(fresh_settings) as store:
        assert await names(store) == []


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[]", '{"pid": 1}', "\x00\x01", '{"pid": "x", "started": 1, "bolt_port": "y"}']
)
async def test_a_lock_file_that_nobody_holds_is_never_believed(fresh_settings: Settings, text: str) -> None:
    fresh_settings.data.mkdir()
    (fresh_settings.data / LOCK_NAME).write_text(text)
    async with open_embedded(fresh_settings) as endpoint:
        assert endpoint.owned


async def test_what_a_killed_owner_wrote_is_not_believed_while_the_next_one_starts(
    fresh_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with other_process(fresh_settings) as owner:
        stale = (fresh_settings.data / LOCK_NAME).read_text()
        owner.kill()
        owner.wait()
    # The old port answers, as it may when someone else has got it, and the lock is held by one who is starting.
    monkeypatch.setattr(embedded, "OWNER_WAIT_S", 0.3)
    with socket.create_server(("127.0.0.1", json.loads(stale)["bolt_port"])):
        lock = embedded._Lock.take(fresh_settings.data / LOCK_NAME)
        assert lock is not None
        with lock:
            lock.write(stale)
            with pytest.raises(StoreBusy, match=str(owner.pid)):
                async with open_embedded(fresh_settings):
                    pass


async def test_a_lock_file_removed_under_a_running_owner_does_not_harm_its_data(
    fresh_settings: Settings,
) -> None:
    with other_process(fresh_settings):
        (fresh_settings.data / LOCK_NAME).unlink()
        with pytest.raises(StoreUnavailable, match="does not start"):
            async with open_embedded(fresh_settings):
                pass


async def test_an_owner_on_another_host_is_named(fresh_settings: Settings) -> None:
    async with open_embedded(fresh_settings):
        lock = fresh_settings.data / LOCK_NAME
        lock.write_text(json.dumps(json.loads(lock.read_text()) | {"host": "elsewhere"}))
        with pytest.raises(StoreBusy, match="elsewhere"):
            async with open_embedded(fresh_settings):
                pass


async def test_a_file_where_the_folder_should_be_is_named(fresh_settings: Settings) -> None:
    fresh_settings.data.write_text("mine")
    with pytest.raises(StoreUnavailable, match="is a file"):
        async with open_embedded(fresh_settings):
            pass
    assert fresh_settings.data.read_text() == "mine"


async def test_a_folder_under_a_file_is_named(fresh_settings: Settings) -> None:
    fresh_settings.data.write_text("mine")
    with pytest.raises(StoreUnavailable, match="cannot be created"):
        async with open_embedded(replace(fresh_settings, data=fresh_settings.data / "kb")):
            pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_folder_that_may_not_be_written_is_named(fresh_settings: Settings) -> None:
    fresh_settings.data.mkdir(mode=0o500)
    with pytest.raises(StoreUnavailable, match="not writable"):
        async with open_embedded(fresh_settings):
            pass


async def test_a_folder_with_a_space_and_other_letters_works(fresh_settings: Settings) -> None:
    settings = replace(fresh_settings, data=fresh_settings.data / "our data é 维")
    with other_process(settings):
        pass


async def test_a_port_that_was_taken_meanwhile_is_no_obstacle(
    fresh_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    free_ports = embedded._free_ports
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        offers = iter([(port, free_ports()[1]), (free_ports()[0], port), free_ports()])
        monkeypatch.setattr(embedded, "_free_ports", lambda: next(offers))
        async with open_store(fresh_settings) as store:
            assert await names(store) == []


async def test_stopping_an_owner_ends_it_in_order(fresh_settings: Settings) -> None:
    with other_process(fresh_settings) as owner:
        # Its exit must be seen for its pid to go away, and for the lock it is gone at once.
        assert await stop_owner(fresh_settings) == owner.pid
        assert owner.wait(10) == -signal.SIGTERM
    async with open_embedded(fresh_settings) as endpoint:
        assert endpoint.owned


async def test_stopping_nobody_says_so(fresh_settings: Settings) -> None:
    assert await stop_owner(fresh_settings) is None
    assert not fresh_settings.data.exists()
    async with open_embedded(fresh_settings):
        pass
    assert await stop_owner(fresh_settings) is None


async def test_stopping_oneself_is_refused(fresh_settings: Settings) -> None:
    async with open_embedded(fresh_settings):
        with pytest.raises(StoreBusy, match="this very process"):
            await stop_owner(fresh_settings)


async def test_an_owner_that_does_not_end_is_told(fresh_settings: Settings) -> None:
    body = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + HOLD
    with other_process(fresh_settings, body) as owner:
        with pytest.raises(StoreBusy, match=f"{owner.pid}.*SIGTERM"):
            await stop_owner(fresh_settings, wait_s=0.5)
        assert owner.poll() is None


async def test_ctrl_c_closes_the_store_in_order(fresh_settings: Settings) -> None:
    body = f"try:\n    {HOLD.replace(chr(10), chr(10) + '    ')}\nfinally:\n    print('closing', flush=True)"
    with other_process(fresh_settings, body) as owner:
        owner.send_signal(signal.SIGINT)
        out, err = owner.communicate(timeout=20)
    assert out == "closing\n"
    assert "KeyboardInterrupt" in err
    assert (fresh_settings.data / LOCK_NAME).read_text() == ""


async def test_a_statement_past_the_write_limit_is_ended(fresh_settings: Settings) -> None:
    body = """\
from kb.errors import QueryTimeout
async def work(tx):
    await tx.run("UNWIND range(1, 3000) AS x UNWIND range(1, 3000) AS y RETURN max(x * y) AS most")
try:
    await store.write(work)
except QueryTimeout:
    print('ready', flush=True)
"""
    quick = replace(fresh_settings, read_timeout_s=1, write_timeout_s=1)
    started = time.monotonic()
    with other_process(quick, body):
        assert time.monotonic() - started < 20
