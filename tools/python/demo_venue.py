"""A venue with its demo markets, for programs in Python that are tried against it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import contextmanager
from pathlib import Path

VENUE = Path(__file__).resolve().parent.parent.parent / "dist" / "server" / "main.js"
TOKEN = "a-token-for-a-trial"
SETTINGS = {
    "RINGSIDE_PORT": "0",
    "RINGSIDE_ADMIN_PORT": "0",
    "RINGSIDE_DEMO": "1",
    "RINGSIDE_ADMIN_TOKEN": TOKEN,
}


def _admin(ready, path, body):
    request = urllib.request.Request(
        ready["adminUrl"] + path,
        method="POST",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


def trader(ready, name):
    """The key (`apiKey`, `secret`) of a new account with some of every asset."""
    account = _admin(ready, "/admin/accounts", {"name": name})["accountId"]
    with urllib.request.urlopen(ready["url"] + "/api/v1/assets") as reply:
        assets = [asset["symbol"] for asset in json.load(reply)]
    for asset in assets:
        deposit = {"id": f"{name} {asset}", "asset": asset, "quantity": "100000"}
        _admin(ready, f"/admin/accounts/{account}/deposits", deposit)
    return _admin(ready, f"/admin/accounts/{account}/keys", {})


def _ready_line(venue):
    for line in venue.stdout:
        if line.startswith("{"):
            return json.loads(line)
    sys.exit("the venue did not start")


@contextmanager
def demo_venue():
    """Yields what the venue says when it is ready, and ends it."""
    data = tempfile.mkdtemp(prefix="ringside-trial-")
    settings = {**os.environ, **SETTINGS, "RINGSIDE_DATA_DIR": data}
    venue = subprocess.Popen(["node", VENUE], env=settings, stdout=subprocess.PIPE, text=True)
    try:
        yield _ready_line(venue)
    finally:
        venue.terminate()
        venue.wait()
        shutil.rmtree(data, ignore_errors=True)
