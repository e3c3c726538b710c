"""Lakes for tests: a PostgreSQL of their own, with one database for each, copied from one that was migrated once."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from warehouse import lake
from warehouse.places import Lake
from warehouse.store import Warehouse

USER = "postgres"
SETTINGS = ("listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=24", "shared_buffers=16MB")


def lacks() -> str:
    """Return what a lake needs and this machine has not."""
    if find_spec("duckdb_extension_ducklake") is None or find_spec("duckdb_extension_postgres_scanner") is None:
        return "the extra 'lake' is not installed"
    return "" if _tools() else "PostgreSQL is not installed: apt-get install postgresql"


def _tools() -> Path | None:
    """Return the folder with ``initdb``, which Debian does not put on the path."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@dataclass
class Server:
    """A running PostgreSQL, reached by a socket in ``folder``."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=count)

    def new_lake(self) -> Lake:
        """Make a lake that holds nothing but its tables and views."""
        return self._database("--template", self._migrated)

    def new_database(self) -> Lake:
        """Return where there is no lake yet, but could be one."""
        return self._database()

    def run_sql(self, place: Lake, script: str) -> None:
        """Let the database of a lake run a script."""
        database = place.catalog.rpartition("=")[2]
        self._run("psql", "--host", self.folder, "--username", USER, "--quiet", "--set", "ON_ERROR_STOP=1",
                  "--dbname", database, "--command", script)  # fmt: skip

    def control(self, *words: str) -> None:
        """Start or stop the server."""
        options = " ".join(f"-c {setting}" for setting in (*SETTINGS, f"unix_socket_directories={self.folder}"))
        log = self.folder / "log"
        self._run("pg_ctl", "--wait", "--pgdata", self.folder / "data", "--log", log, "--options", options, *words)

    def initialise(self) -> None:
        """Make the folder of a new server, without passwords: it has no address but a socket in that folder."""
        self._run("initdb", "--pgdata", self.folder / "data", "--auth=trust", "--username", USER, "--no-sync")

    def _database(self, *options: str) -> Lake:
        lake.close()  # what earlier tests left idle would take all connections of the server
        name = f"lake{next(self.numbers)}"
        self._run("createdb", "--host", self.folder, "--username", USER, *options, name)
        return Lake(f"host={self.folder} user={USER} dbname={name}", data=str(self.folder / "lakes"))

    @cached_property
    def _migrated(self) -> str:
        made = self.new_database()
        Warehouse(made).migrate()
        lake.close(made)  # a database that somebody uses cannot be copied
        return made.catalog.rpartition("=")[2]

    def _run(self, tool: str, *words: str | Path) -> None:
        tools, user = _tools(), USER if os.geteuid() == 0 else None
        assert tools
        subprocess.run([tools / tool, *words], check=True, stdout=subprocess.DEVNULL, user=user, cwd="/")


@contextmanager
def running() -> Iterator[Server]:
    """Run a server for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder))
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
        server.folder.chmod(0o777)
        server.initialise()
        server.control("start")
        try:
            yield server
        finally:
            lake.close()
            server.control("--mode=immediate", "stop")
