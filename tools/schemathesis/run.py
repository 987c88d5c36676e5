"""Starts a venue with its demo markets, gives an account money and a key, and lets schemathesis ask what the document says."""

import os
import signal
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "python"))
from demo_venue import demo_venue, trader  # noqa: E402

# Left out: a request that is as the document says may name a market that is not there, or what the account cannot pay.
LEFT_OUT = "positive_data_acceptance"

# What the document's examples and limits make, the same at each run; `--phases fuzzing --max-time 600` tries on by chance.
DEFAULTS = ["--seed", "1", "--phases", "examples,coverage"]


def run(ready, arguments):
    key = trader(ready, "schemathesis")
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
    with demo_venue() as ready:
        return run(ready, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
