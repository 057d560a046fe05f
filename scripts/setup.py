"""What make needs before it can do anything: the virtual environment, the web client, the wheel, a browser.

Runs on any Python, with nothing installed, so that it can say what is missing. Each step remembers by content
what it was done for, and is done again only when that changes.
"""

# ruff: noqa: S603, T201 – it starts programs, and talks to a terminal

import errno
import hashlib
import itertools
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
WEB = os.path.join(ROOT, "web")
CLIENT = os.path.join(ROOT, "arogya", "_web")
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (20, 19)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DISK_IS_FULL = "the disk is full: free some space and start again."


def stop(sentence):
    sys.exit("arogya: " + sentence)


def show(line):
    print(line, end="", flush=True)


def run(*command, hear=show, otherwise=None, **options):
    """hear: takes each line that the program says. otherwise: the sentence where it fails, if its name won't do."""
    disk_is_full = False
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", **options
    ) as program:
        for line in program.stdout:
            disk_is_full = disk_is_full or "No space left on device" in line or "ENOSPC" in line
            hear(line)
    if program.returncode != 0:
        stop(DISK_IS_FULL if disk_is_full else otherwise or "this failed: " + " ".join(command))


def digest(*paths):
    """Of every file below the paths, names included."""
    found = hashlib.sha256()
    for path in paths:
        folders = sorted(os.walk(path)) if os.path.isdir(path) else [("", [], [path])]
        for folder, _, names in folders:
            for name in sorted(names):
                with open(os.path.join(folder, name), "rb") as file:
                    found.update(os.path.relpath(file.name, ROOT).encode() + b"\0" + file.read())
    return found.hexdigest()


def is_done(stamp, wanted):
    if not os.path.exists(stamp):
        return False
    with open(stamp) as file:
        return file.read() == wanted


def mark_done(stamp, wanted):
    with open(stamp, "w") as file:
        file.write(wanted)


def python():
    """A Python that is new enough: this one, or a newer one beside it."""
    if sys.version_info >= OLDEST_PYTHON:
        return sys.executable
    newer = list(filter(shutil.which, ("python3.14", "python3.13", "python3.12", "python3.11")))
    if not newer:
        stop(f"Python 3.11 or newer is needed and this is {sys.version.split()[0]}: install python3.11.")
    return newer[0]


def environment(lock):
    """.venv with what the lock names, hashes checked. The developers' lock contains the other."""
    wanted = digest(os.path.join(ROOT, lock))
    stamp = os.path.join(VENV, lock + ".done")
    wider = "requirements-dev.lock"
    own = os.path.join(VENV, "bin", "python")
    is_whole = os.path.exists(own) and os.path.exists(os.path.join(VENV, "bin", "pip"))
    if is_whole and (
        is_done(stamp, wanted) or is_done(os.path.join(VENV, wider + ".done"), digest(os.path.join(ROOT, wider)))
    ):
        return
    if not is_whole:
        if subprocess.call([python(), "-c", "import venv, ensurepip"], stderr=subprocess.DEVNULL) != 0:
            stop("Python's venv module is missing: install it (Debian, Ubuntu: apt-get install python3-venv).")
        run(python(), "-m", "venv", "--clear", VENV)
    print(f"Installing {lock} into .venv ...", flush=True)
    path = os.path.join(ROOT, lock)
    run(
        own, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off", "--no-color",
        "--require-hashes", "--no-deps", "-r", path, hear=counting(path),
        otherwise=f"{lock} could not be installed; what pip says is above. The first time needs the network.",
    )  # fmt: skip
    packages = subprocess.check_output([own, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
    mark_done(os.path.join(packages.decode().strip(), "arogya-checkout.pth"), ROOT + "\n")
    mark_done(stamp, wanted)


def command():
    """`.venv/bin/arogya`, as pip would make it of an installed wheel."""
    path = os.path.join(VENV, "bin", "arogya")
    mark_done(path, f'#!/bin/sh\nexec "{os.path.join(VENV, "bin", "python")}" -m arogya "$@"\n')
    shutil.copymode(os.path.join(VENV, "bin", "pip"), path)


def counting(lock):
    """For `run`: how far pip is with the lock, on one line of a terminal; its own words only where it fails."""
    with open(lock) as file:
        total = sum("==" in line for line in file)
    met = itertools.count(1)

    def hear(line):
        if line.startswith("ERROR: "):
            show(line)
        elif line.startswith(("Collecting ", "Requirement already satisfied: ")) and sys.stdout.isatty():
            show(f"\r  {next(met)} of {total}\033[K")
        elif line.startswith("Installing collected packages") and sys.stdout.isatty():
            show("\r  unpacking\033[K\r")

    return hear


def node_modules():
    """web/node_modules as package-lock.json says."""
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        stop("Node.js 20.19 or newer, with npm, is needed to build the web client: https://nodejs.org")
    version = subprocess.check_output([node, "--version"]).decode().strip()
    if tuple(int(part) for part in version.lstrip("v").split(".")[:2]) < OLDEST_NODE:
        stop(f"Node.js 20.19 or newer is needed and this is {version}: https://nodejs.org")
    wanted = digest(os.path.join(WEB, "package-lock.json"))
    stamp = os.path.join(WEB, "node_modules", ".done")
    if not is_done(stamp, wanted):
        print("Installing the web client's packages ...", flush=True)
        run(
            "npm", "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline", "--loglevel=error",
            cwd=WEB,
        )  # fmt: skip
        mark_done(stamp, wanted)


def web():
    """arogya/_web, built from web/. One that is up to date needs no Node."""
    sources = [os.path.join(WEB, name) for name in sorted(os.listdir(WEB)) if name not in {"node_modules", "tests"}]
    wanted = digest(*sources)
    stamp = os.path.join(WEB, "node_modules", ".client.done")
    if is_done(stamp, wanted) and os.path.exists(os.path.join(CLIENT, "index.html")):
        return
    node_modules()
    print("Building the web client ...", flush=True)
    run("npm", "run", "--silent", "build", "--", "--logLevel=warn", cwd=WEB)
    mark_done(stamp, wanted)


def wheel():
    """dist/arogya-*.whl, the client inside."""
    shutil.rmtree(os.path.join(ROOT, "dist"), ignore_errors=True)
    run(os.path.join(VENV, "bin", "python"), "-m", "hatchling", "build", "-t", "wheel", cwd=ROOT)


def browser():
    """Chromium for the journeys."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        stop("the browser journeys need Chromium: install it (Debian, Ubuntu: sudo apt-get install chromium).")
    print("Installing Chromium for the browser journeys ...", flush=True)
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    run("apt-get", "-qq", "update", env=quiet)
    run("apt-get", "-qq", "install", "--yes", "--no-install-recommends", "chromium", env=quiet)


STEPS = {
    "run": lambda: (environment("requirements.lock"), command()),
    "dev": lambda: (environment("requirements-dev.lock"), command()),
    "node_modules": node_modules,
    "web": web,
    "wheel": wheel,
    "browser": browser,
}

if __name__ == "__main__":
    try:
        for step in sys.argv[1:]:
            STEPS[step]()
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        stop(DISK_IS_FULL if error.errno in {errno.ENOSPC, errno.EDQUOT} else str(error))
