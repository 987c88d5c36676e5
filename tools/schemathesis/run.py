"""Starts a venue with its demo markets, gives an account money and a key, and lets schemathesis ask what the document says."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
VENUE = FOLDER.parent.parent / "dist" / "server" / "main.js"
SETTINGS = {
    "RINGSIDE_PORT": "0",
    "RINGSIDE_ADMIN_PORT": "0",
    "RINGSIDE_DEMO": "1",
    "RINGSIDE_ADMIN_TOKEN": "a-token-for-schemathesis",
}

# Left out: a request that is as the document says may name a market that is not there, or what the account cannot pay.
LEFT_OUT = "positive_data_acceptance"

# What the document's examples and limits make, the same at each run; `--phases fuzzing --max-time 600` tries on by chance.
DEFAULTS = ["--seed", "1", "--phases", "examples,coverage"]


def admin(ready, method, path, body):
    request = urllib.request.Request(
        ready["adminUrl"] + path,
        method=method,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {SETTINGS['RINGSIDE_ADMIN_TOKEN']}"},
    )
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


def trader(ready):
    """The key of a new account with some of every asset."""
    account = admin(ready, "POST", "/admin/accounts", {"name": "schemathesis"})["accountId"]
    with urllib.request.urlopen(ready["url"] + "/api/v1/assets") as reply:
        assets = [asset["symbol"] for asset in json.load(reply)]
    for asset in assets:
        deposit = {"id": f"schemathesis {asset}", "asset": asset, "quantity": "100000"}
        admin(ready, "POST", f"/admin/accounts/{account}/deposits", deposit)
    return admin(ready, "POST", f"/admin/accounts/{account}/keys", {})


def ready_line(venue):
    for line in venue.stdout:
        if line.startswith("{"):
            return json.loads(line)
    sys.exit("schemathesis: the venue did not start")


def run(ready, arguments):
    key = trader(ready)
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": str(FOLDER / "hooks.py"),
        "RINGSIDE_API_KEY": key["apiKey"],
        "RINGSIDE_SECRET": key["secret"],
    }
    program = [Path(sys.executable).parent / "st", "--config-file", FOLDER / "schemathesis.toml"]
    command = [*program, "run", ready["url"] + "/openapi.json"]
    command += ["--exclude-checks", LEFT_OUT, *(arguments or DEFAULTS)]
    return subprocess.run(command, env=environment, cwd=FOLDER).returncode


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    data = tempfile.mkdtemp(prefix="ringside-schemathesis-")
    settings = {**os.environ, **SETTINGS, "RINGSIDE_DATA_DIR": data}
    venue = subprocess.Popen(["node", VENUE], env=settings, stdout=subprocess.PIPE, text=True)
    try:
        return run(ready_line(venue), sys.argv[1:])
    finally:
        venue.terminate()
        venue.wait()
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
