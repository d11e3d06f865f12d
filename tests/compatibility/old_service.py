"""The files that version 0.1.0 wrote, unpacked into data folders, and the answers that it gave about them."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx2

from tests.servers import Json, Server

V0 = Path(__file__).parent / "v0"
RECORDED: Json = json.loads((V0 / "recorded.json").read_text(encoding="utf-8"))
DATASETS = V0 / "datasets"


def copy_data_folder(folder: Path) -> None:
    """Unpack the old database and the old checkpoints into *folder*."""
    (folder / "naivenet.db").write_bytes(gzip.decompress((V0 / "naivenet.db.gz").read_bytes()))
    shutil.copytree(V0 / "checkpoints", folder / "checkpoints")


def restore_backup(folder: Path) -> None:
    """Run ``naivenet restore`` of the old backup into *folder*."""
    backup = folder / "backup.tar"
    backup.write_bytes(gzip.decompress((V0 / "backup.tar.gz").read_bytes()))
    environment = os.environ | {"NAIVENET_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "service", "restore", str(backup)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    backup.unlink()


def start_on(folder: Path, **settings: object) -> Server:
    """Start the service on a data folder, with the old dataset beside it."""
    return Server(folder, tiny=DATASETS, **settings).start()


def client_of(server: Server) -> httpx2.Client:
    """A client that sends the old admin key."""
    client = server.client()
    client.headers["authorization"] = f"Bearer {RECORDED['keys']['admin']}"
    return client


def differences(recorded: object, answered: object, where: str = "") -> list[str]:
    """List where *answered* lacks or changes something recorded; fields that are new are no difference."""
    if isinstance(recorded, dict) and isinstance(answered, dict):
        lacking = [f"{where}/{name}: missing" for name in recorded.keys() - answered.keys()]
        shared = recorded.keys() & answered.keys()
        return lacking + [
            each for name in shared for each in differences(recorded[name], answered[name], f"{where}/{name}")
        ]
    if isinstance(recorded, list) and isinstance(answered, list) and len(recorded) == len(answered):
        pairs = enumerate(zip(recorded, answered, strict=True))
        return [each for number, (old, new) in pairs for each in differences(old, new, f"{where}/{number}")]
    return [] if recorded == answered else [f"{where}: {recorded!r} became {answered!r}"]
