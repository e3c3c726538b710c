"""Opening a lake: one process writes at a time, any number read, each the state that was last committed.

A lake has no keys, and two that write at once could store the same thing twice. So writers queue on an advisory lock
in PostgreSQL, held on a connection of its own for one transaction; it ends with the process. If it is lost before the
commit, because the server was restarted, another may have written by then: such a commit fails, and is not repeated.

Starting DuckDB and reading the catalog takes longer than a small transaction. So a process keeps the instance, as it
does for files, with the lake attached.
"""

import importlib.util
import itertools
import logging
import os
import re
import socket
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.errors import CatalogError, DeniedError, WarehouseBusyError, WarehouseError
from warehouse.places import S3, Lake
from warehouse.rows import MACROS

log = logging.getLogger(__name__)

TELL_S = 10.0
"""After how long it is said that, and for whom, one waits."""
USES = 100
"""Transactions after which an instance is given up: it grows with each."""
_uses = itertools.count(1)
_idle: defaultdict[Lake, deque[DuckDBPyConnection]] = defaultdict(deque)
os.register_at_fork(after_in_child=_idle.clear)

SETTINGS = {"target_file_size": "64MB", "expire_older_than": "1 day", "delete_older_than": "1 day"}
"""Of a new lake: large files are not merged for ever, and past states can be read for a day."""
COMPACT_EVERY = 200
"""Commits after which small files are merged."""

# within a minute the server frees what a host held that is gone without a word
_KEEPALIVE = (
    "options='-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3' connect_timeout=10"
)
# Where the state is pinned, a lock held for days would keep the server from cleaning up.
_SERVER = "ATTACH IF NOT EXISTS '{server}' AS server (TYPE postgres, READ_ONLY, ISOLATION_LEVEL 'READ COMMITTED')"
_ATTACH = "ATTACH IF NOT EXISTS 'ducklake:postgres:{server}' AS warehouse ({options})"
_EXISTING = "CREATE_IF_NOT_EXISTS false"
_MISSING = "creating a new DuckLake is explicitly disabled"
# functions without a result stand in a query of their own, because what is asked for is one value
_LOCK = "SELECT 1 FROM (SELECT pg_advisory_xact_lock({number})) AS locked"
_SHARE = "SELECT 1 FROM (SELECT pg_advisory_xact_lock_shared({number})) AS locked"
_TRY = "SELECT pg_try_advisory_xact_lock({number})"
_HOLDER = """
SELECT coalesce(max(application_name || to_char(xact_start AT TIME ZONE 'UTC', '" since "HH24:MI:SS" UTC"')), 'one')
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objid = {number} AND datname = current_database()
"""
_LAST = """
SELECT ARRAY[snapshot_id::text, snapshot_time::text] FROM ducklake_snapshot ORDER BY snapshot_id DESC LIMIT 1
"""
_COMMITS = """
SELECT count(*) FROM ducklake_snapshot_changes WHERE snapshot_id > coalesce((
    SELECT max(snapshot_id) FROM ducklake_snapshot_changes
    WHERE changes_made LIKE '%flushed_inlined%' OR changes_made LIKE '%merge_adjacent%'
), 0)
"""
# not of a file that an analyst's query reads
_OURS = re.compile("postgres|ducklake", re.IGNORECASE)
_DENIED = re.compile(
    r"permission denied for \w+ \w+|Cannot open file \"[^\"]+\": (?:Permission denied|Read-only file system)",
    re.IGNORECASE,
)
_NOISE = re.compile(r"^(?:IO|HTTP) Error: |Failed to attach DuckLake MetaData .*?(?=Unable)", re.DOTALL)


@contextmanager
def writing(lake: Lake, *, deadline: float) -> Iterator[DuckDBPyConnection]:
    """Hold the lock of writers and a connection to ``lake``, which is made if there is none, without a transaction."""
    with _instance(lake) as instance, _held(instance, lake, "", deadline):
        connection = instance.cursor()
        with _explained(lake):
            _attach(connection, lake)
            enter(connection)
            yield connection
        connection.close()


@contextmanager
def locked(lake: Lake, *, purpose: str, deadline: float) -> Iterator[None]:
    """Hold the lock for a ``purpose``; the one without a name is that of writers."""
    with _instance(lake) as instance, _held(instance, lake, purpose, deadline):
        yield


@contextmanager
def counted(lake: Lake, *, purpose: str) -> Iterator[Callable[[], bool]]:
    """Count as one process that does ``purpose``; yield a function that says whether it is the last."""
    with _instance(lake) as instance, _session(instance, lake) as ask:
        ask(_SHARE.format(number=_number(purpose)))

        def alone() -> bool:
            sql = _TRY.format(number=_number(purpose))
            try:
                return bool(ask(sql))
            except CatalogError:  # the server was restarted, and has forgotten us
                return bool(_asked(lake, sql))

        yield alone


def exists(lake: Lake) -> bool:
    """Return whether there is a lake at that address; CatalogError says why nobody can tell."""
    return bool(_asked(lake, "SELECT to_regclass('ducklake_snapshot') IS NOT NULL"))


def last_commit(lake: Lake) -> tuple[int, datetime] | None:
    """Return number and time of the last commit; None if there is no lake."""
    if not exists(lake):
        return None
    number, committed_at = _asked(lake, _LAST)
    return int(number), datetime.fromisoformat(committed_at)


def compact(lake: Lake, *, deadline: float) -> None:
    """Merge the small files that many small commits left, and delete what no state of the last day needs."""
    if _asked(lake, _COMMITS) >= COMPACT_EVERY:
        with writing(lake, deadline=deadline) as connection:
            connection.execute("CHECKPOINT")


def reader(lake: Lake, config: Mapping[str, Any]) -> DuckDBPyConnection:
    """Open the last committed state for reading, in an instance of its own."""
    connection = _started(lake, config)
    try:
        with _explained(lake):
            attach_as(connection, lake, "warehouse")
            connection.execute("USE warehouse")
    except BaseException:
        connection.close()
        raise
    return connection


def attach_as(connection: DuckDBPyConnection, lake: Lake, name: str) -> None:
    """Attach a lake for reading to an instance that has the extensions."""
    connection.execute(f"ATTACH 'ducklake:postgres:{_server(lake)}' AS {name} (READ_ONLY, {_EXISTING})")


def enter(connection: DuckDBPyConnection) -> None:
    """Let a new connection of an instance refer to the lake that is attached."""
    connection.execute("SET TimeZone = 'UTC'; USE warehouse")
    connection.execute(MACROS)


def data_path(connection: DuckDBPyConnection) -> str:
    """Return where the files of the attached lake are."""
    ((path,),) = connection.execute("SELECT value FROM warehouse.options() WHERE option_name = 'data_path'").fetchall()
    return str(path)


def trouble_of(lake: Lake, error: duckdb.Error) -> WarehouseError | None:
    """Return the error that says what is wrong with the catalog or the files; None if the statement is at fault."""
    if denied := _DENIED.search(str(error)):
        return DeniedError(lake, denied[0])
    if isinstance(error, duckdb.TransactionException) and "Failed to commit" in str(error):
        why = "the catalog went away, or somebody wrote without the lock"
        return CatalogError(lake, f"nothing was stored: {why} ({_said(error)})")
    if isinstance(error, duckdb.IOException | duckdb.HTTPException) and _OURS.search(str(error)):
        return CatalogError(lake, _said(error))
    return None


def _said(error: duckdb.Error) -> str:
    """Return a message of DuckDB on one line, without what tells a user nothing."""
    return " ".join(_NOISE.sub("", str(error)).split())


# --- instances


def close(of: Lake | None = None) -> None:
    """Close the instances that wait to be used again, of one lake or of all: each has connections to its database."""
    for place in [of] if of else list(_idle):
        for instance in _idle.pop(place, ()):
            instance.close()


@contextmanager
def _instance(lake: Lake) -> Iterator[DuckDBPyConnection]:
    """Lend an instance; one that met an error is not used again."""
    try:
        instance = _idle[lake].pop()
    except IndexError:
        instance = _started(lake, {"threads": "1"})
    try:
        yield instance
    except BaseException:
        instance.close()
        raise
    if next(_uses) % USES:
        _idle[lake].append(instance)
    else:
        instance.close()


def _started(lake: Lake, config: Mapping[str, Any]) -> DuckDBPyConnection:
    instance = duckdb.connect(config={"autoinstall_known_extensions": False, **config})
    load(instance, lake)
    # whoever has written since this transaction began has not had our lock: nothing of it may stay
    instance.execute("SET GLOBAL ducklake_max_retry_count = 0")
    return instance


def load(instance: DuckDBPyConnection, lake: Lake) -> None:
    """Load what a lake needs from the installed packages, and tell it who it is on a bucket."""
    on_s3 = lake.data.startswith(S3)
    for name in ("ducklake", "postgres_scanner", *(["httpfs"] if on_s3 else [])):
        package = importlib.util.find_spec(f"duckdb_extension_{name}")
        if package is None or package.origin is None:
            raise WarehouseError(lake, "a lake needs the extra 'lake': pip install 'brinkwatch[lake]'")
        path = Path(package.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        instance.execute(f"LOAD {_literal(str(path))}")
    if on_s3:
        instance.execute(f"CREATE OR REPLACE SECRET (TYPE s3, {_bucket_options(os.environ)})")


def _bucket_options(environment: Mapping[str, str]) -> str:
    """Return what every S3 client knows from the environment, as DuckDB writes it."""
    given = {
        "KEY_ID": environment.get("AWS_ACCESS_KEY_ID"),
        "SECRET": environment.get("AWS_SECRET_ACCESS_KEY"),
        "SESSION_TOKEN": environment.get("AWS_SESSION_TOKEN"),
        "REGION": environment.get("AWS_REGION"),
    }
    if endpoint := environment.get("AWS_ENDPOINT_URL"):
        url = urlsplit(endpoint)
        given |= {"ENDPOINT": url.netloc, "USE_SSL": str(url.scheme == "https").lower(), "URL_STYLE": "path"}
    return ", ".join(f"{name} {_literal(value)}" for name, value in given.items() if value)


def _attach(connection: DuckDBPyConnection, lake: Lake) -> None:
    """Attach the lake; make it first if there is none."""
    address = _server(lake)
    try:
        connection.execute(_ATTACH.format(server=address, options=_EXISTING))
    except duckdb.InvalidInputException as error:
        if _MISSING not in str(error):
            raise
        data = lake.data if lake.data.startswith(S3) else str(Path(lake.data).absolute())
        connection.execute(_ATTACH.format(server=address, options=f"DATA_PATH {_literal(data)}"))
        for name, value in SETTINGS.items():
            connection.execute(f"CALL warehouse.set_option('{name}', '{value}')")


@contextmanager
def _explained(lake: Lake) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        if trouble := trouble_of(lake, error):
            raise trouble from error
        raise


# --- the server, and its locks


@contextmanager
def _held(instance: DuckDBPyConnection, lake: Lake, purpose: str, deadline: float) -> Iterator[None]:
    """Hold a lock. Who waits has a place in the queue of the server, and asks who holds it now and then."""
    told = False
    while True:
        patience_s = max(0.001, min(TELL_S, deadline - time.monotonic()))
        with _session(instance, lake) as ask:
            if _granted(ask, purpose, patience_s):
                yield
                return
        with _session(instance, lake) as ask:
            holder = ask(_HOLDER.format(number=_number(purpose)))
        if time.monotonic() >= deadline:
            raise WarehouseBusyError(lake, f"other processes kept writing to it: {holder}")
        if not told:
            told = True
            log.warning("warehouse %s: %s writes to it; waiting", lake, holder)


def _granted(ask: Callable[[str], Any], purpose: str, patience_s: float) -> bool:
    ask(f"SELECT set_config('lock_timeout', '{patience_s * 1000:.0f}', true)")
    try:
        ask(_LOCK.format(number=_number(purpose)))
    except CatalogError as error:
        if "lock timeout" not in str(error):
            raise
        return False
    return True


@contextmanager
def _session(instance: DuckDBPyConnection, lake: Lake) -> Iterator[Callable[[str], Any]]:
    """Yield what asks the server for one value, in a transaction of its own; what that locks is free afterwards."""
    session = instance.cursor()

    def ask(sql: str) -> Any:
        try:
            return session.execute(f"FROM postgres_query('server', {_literal(sql)})").fetchall()[0][0]
        except duckdb.Error as error:
            raise CatalogError(lake, _said(error)) from error

    try:
        with _explained(lake):
            session.execute(_SERVER.format(server=_server(lake)))
        session.begin()
        yield ask
    finally:
        with suppress(duckdb.Error):
            session.rollback()
        session.close()


def _asked(lake: Lake, sql: str) -> Any:
    with _instance(lake) as instance, _session(instance, lake) as ask:
        return ask(sql)


def _number(purpose: str) -> int:
    """Return the number of an advisory lock of ours."""
    return crc32(f"brinkwatch {purpose}".encode())


def _server(lake: Lake) -> str:
    """Return how to reach the server, inside an SQL literal; it is told who asks, for those who wait for us."""
    name = f"brinkwatch on {socket.gethostname()} (PID {os.getpid()})"
    return f"{_KEEPALIVE} {lake.catalog} application_name='{name}'".replace("'", "''")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
