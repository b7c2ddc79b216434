"""Install Chromium and PostgreSQL from Debian's packages when they are missing and we may; else say what to install.

    python scripts/debian_packages.py [chromium] [postgresql]

Always exits 0: whoever needs a program that is not there says what it skips.
"""

import os
import shutil
import subprocess
import sys

from machine import find_chromium, find_postgres

PACKAGES = {"chromium": ("chromium-headless-shell", "fonts-liberation"), "postgresql": ("postgresql",)}
FINDERS = {"chromium": find_chromium, "postgresql": find_postgres}


def main(wanted: list[str]) -> None:
    """Install what is wanted and not there."""
    missing = [name for name in wanted or PACKAGES if FINDERS[name]() is None]
    packages = [package for name in missing for package in PACKAGES[name]]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"Not on this machine: {', '.join(missing)}. On Debian: sudo apt-get install {' '.join(packages)}")
        return
    print(f"Debian's packages {', '.join(packages)} …", flush=True)
    quiet = ("apt-get", "-qq", "-o", "Dpkg::Use-Pty=0")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in ((*quiet, "update"), (*quiet, "install", "--yes", "--no-install-recommends", *packages)):
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"{done.stdout.strip()}\nThis failed: {' '.join(command)}")
            return


if __name__ == "__main__":
    main(sys.argv[1:])
