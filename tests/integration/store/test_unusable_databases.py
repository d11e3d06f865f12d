"""Databases and folders that cannot be used: each is one sentence at once, also at the command line."""

import contextlib
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from service.errors import Misconfigured
from service.store.database import Database
from service.store.sqlite_file import MAGIC, _type_of
from tests.servers import PATIENCE_S

#: Opens the database and the checkpoint store of a folder as a user who is not root, and prints what is wrong.
AS_NOBODY = """
import os, sys
from service.composition import Settings, Database, BlobStore
from service.errors import Misconfigured
settings = Settings(data_dir=sys.argv[1])
Database("sqlite://").ping()  # imports what this user can read, and the other one perhaps not
BlobStore(sys.argv[2])
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for open_part in (lambda: Database(settings.resolved_database_url), lambda: BlobStore(settings.resolved_storage_url)):
    try:
        open_part()
        print("usable")
    except Misconfigured as error:
        print(error)
"""


def migrate(file: Path) -> None:
    """Open the database in *file*, as a process does at its start."""
    with contextlib.closing(Database(f"sqlite:///{file}")) as database:
        database.migrate()


def garbage(file: Path) -> None:
    """A file of something else."""
    file.write_bytes(b"something else" * 1000)


def malformed(file: Path) -> None:
    """A database whose pages are overwritten."""
    migrate(file)
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))


def only_a_start(file: Path) -> None:
    """A file that ends after the first bytes."""
    file.write_bytes(MAGIC + b"rest")


def newer(file: Path) -> None:
    """A database of a later version."""
    migrate(file)
    with contextlib.closing(Database(f"sqlite:///{file}")) as database, database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))


FAULTS: dict[Callable[[Path], None], str] = {
    garbage: "is damaged: .*naivenet restore",
    malformed: "is damaged: .*naivenet restore",
    only_a_start: "is damaged: .*naivenet restore",
    newer: r"newer version of naivenet \(migration 9999\); install",
}


@pytest.mark.parametrize("spoil", FAULTS)
def test_an_unusable_database_is_one_sentence(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    """The error names the file and what to do."""
    spoil(tmp_path / "naivenet.db")
    with pytest.raises(Misconfigured, match=FAULTS[spoil]) as refused:
        migrate(tmp_path / "naivenet.db")
    assert str(tmp_path) in str(refused.value)


@pytest.mark.parametrize("command", ["serve", "trainer", "keys"])
def test_a_command_ends_with_the_sentence(tmp_path: Path, command: str) -> None:
    """The commands print it without a traceback, and end with an exit status that is an error."""
    garbage(tmp_path / "naivenet.db")
    arguments = ["keys", "list"] if command == "keys" else [command]
    environment = os.environ | {"NAIVENET_DATA_DIR": str(tmp_path), "NAIVENET_TRAINER": "false"}
    ended = subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert ended.returncode > 0
    assert "is damaged" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    """An empty file is what SQLite itself leaves when a process ends before its first write."""
    (tmp_path / "naivenet.db").touch()
    migrate(tmp_path / "naivenet.db")
    assert (tmp_path / "naivenet.db").read_bytes().startswith(MAGIC)


def test_only_the_owner_may_read_a_new_database(tmp_path: Path) -> None:
    """The file holds the secrets of webhooks; its log has the same permissions."""
    with contextlib.closing(Database(f"sqlite:///{tmp_path}/naivenet.db")) as database:
        database.migrate()
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes["naivenet.db"] == modes["naivenet.db-wal"] == 0o600


def test_a_folder_of_another_user(tmp_path: Path) -> None:
    """A folder or database that this user may not write is a sentence with both users; so is a missing one."""
    for folder in (tmp_path, *tmp_path.parents):  # the temporary folder is private to its owner
        if folder.stat().st_uid == os.getuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    (data := tmp_path / "data").mkdir(mode=0o755)
    data.chmod(0o555)
    lines = opened_as_nobody(data)
    users = f"'{data}' belongs to the user {os.getuid()}, and this process runs as {os.getuid() or 65534}"
    assert f"cannot be read and written: {users}. Run the service as its owner" in lines[0]
    assert f"of the checkpoint store cannot be created (Permission denied; {users})" in lines[1]
    assert f"cannot be created (Permission denied; {users})" in opened_as_nobody(data / "deeper")[0]
    (data / "file").touch()
    assert "cannot be created (" in opened_as_nobody(data / "file" / "below")[0]


def opened_as_nobody(folder: Path) -> list[str]:
    """Return the lines of the program above, which coverage does not trace: it could not write its file."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-c", AS_NOBODY, str(folder), tempfile.gettempdir()]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert not ended.stderr, ended.stderr
    return ended.stdout.splitlines()


def test_the_file_system_of_a_folder() -> None:
    """The mount point that is nearest decides, and of several mounts at one point the last one."""
    mounts = [
        "21 1 8:1 / / rw - ext4 /dev/sda1 rw",
        "22 21 0:30 / /home rw shared:2 - nfs4 server:/home rw",
        r"23 22 0:31 / /home/a\040b rw - cifs //server/share rw",
        "24 21 0:32 / /data rw - ext4 /dev/sdb1 rw",
        "25 24 0:33 / /data rw - 9p share rw",
    ]
    paths = ("/var/x", "/homes", "/home/c/naivenet.db", "/home/a b/c", "/data")
    assert [_type_of(Path(path), mounts) for path in paths] == ["ext4", "ext4", "nfs4", "cifs", "9p"]
