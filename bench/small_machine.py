"""`python -m bench.small_machine`: a day's work inside 512 MB: database, server and worker, one server process.

Sign-in, registration, booking, walk-in, the queue, the slip, search, both exports, and the import of a thousand lines.
Where this user may make a control group (root, mostly), the kernel holds them to it: who wants more is killed, and the
day fails. What all processes hold, shared pages counted once (PSS), is looked at five times a second beside it; alone
where there is no control group, when a peak shorter than a look may be missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from arogya.demo import fill
from arogya.launch import database
from arogya.platform.settings import Settings
from bench import hospital, importing, processes, results

LIMIT_MB = 512
LINES = 1_000
PATIENTS = 30
LOOK_EVERY_S = 0.2


class Limit:
    """A control group of so much memory and no swap, by either version of the kernel's interface; else none."""

    _HOMES = (
        (Path("/sys/fs/cgroup"), "memory.max", "memory.swap.max", "memory.peak", "memory.events"),
        (
            Path("/sys/fs/cgroup/memory"),
            "memory.limit_in_bytes",
            "memory.memsw.limit_in_bytes",
            "memory.max_usage_in_bytes",
            "memory.oom_control",
        ),
    )

    def __init__(self, mb: int) -> None:
        self._mb = mb
        self._group: Path | None = None
        self._peak = self._told = ""

    def __enter__(self) -> Self:
        for home, limit, swap, peak, told in self._HOMES:
            group = home / f"arogya-bench-{os.getpid()}"
            with suppress(OSError):
                group.mkdir()
                self._group, self._peak, self._told = group, peak, told
                _set(group / limit, self._mb << 20)
                with suppress(OSError):  # not every kernel counts it; the older interface counts memory with it
                    _set(group / swap, 0 if swap == "memory.swap.max" else self._mb << 20)
                return self
            self._remove()
        return self

    def __exit__(self, *exc: object) -> None:
        self._remove()

    def _remove(self) -> None:
        if self._group:
            with suppress(OSError):
                self._group.rmdir()
            self._group = None

    def enter(self) -> None:
        """For a child to call, after fork; what it starts is held too."""
        if self._group:
            (self._group / "cgroup.procs").write_text(str(os.getpid()))

    def found(self) -> tuple[int, int] | None:
        """The most that was ever held, in MB, files that the kernel keeps in spare memory included, and how many were
        killed; None without a group."""
        if not self._group:
            return None
        killed = next(line for line in (self._group / self._told).read_text().splitlines() if "oom_kill " in line)
        return int((self._group / self._peak).read_text()) >> 20, int(killed.split()[1])


def _set(file: Path, number: int) -> None:
    """Nothing is made where the kernel has no such file: it may be a plain folder."""
    with file.open("r+") as there:
        there.write(str(number))


class Watch(threading.Thread):
    """Looks how much memory the whole holds, and during what it held most."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root = root
        self._over = threading.Event()
        self.doing = "idle"
        self.most: dict[str, float] = {}

    def run(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            with suppress(OSError, StopIteration):  # a process went between two looks
                now = processes.pss_mb(self._root)
                self.most[self.doing] = max(now, self.most.get(self.doing, 0.0))

    def stop(self) -> None:
        self._over.set()
        self.join()


class Desk:
    """One signed-in person's requests."""

    def __init__(self, port: int, username: str) -> None:
        self._base, self._token = f"http://127.0.0.1:{port}/api", ""
        told = {"username": username, "password": "arogya-demo", "client": "api"}
        self._token = self.post("/auth/login", told)["access_token"]

    def get(self, path: str) -> bytes:
        return self._send("GET", path)

    def read(self, path: str) -> Any:
        return json.loads(self.get(path))

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        raw = b"" if body is None else json.dumps(body).encode()
        return json.loads(self._send("POST", path, raw, "application/json") or b"null")

    def take(self, path: str, body: dict[str, Any]) -> bytes:
        """A file."""
        return self._send("POST", path, json.dumps(body).encode(), "application/json")

    def upload(self, path: str, file: Path) -> Any:
        line = uuid4().hex
        head = f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'.encode()
        raw = head + file.read_bytes() + f"\r\n--{line}--\r\n".encode()
        return json.loads(self._send("POST", path, raw, f"multipart/form-data; boundary={line}"))

    def _send(self, method: str, path: str, raw: bytes | None = None, kind: str = "") -> bytes:
        headers = {"Idempotency-Key": str(uuid4())} if method == "POST" and self._token else {}
        headers |= {"Authorization": f"Bearer {self._token}"} if self._token else {}
        headers |= {"Content-Type": kind} if kind else {}
        request = urllib.request.Request(self._base + path, raw, headers, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return bytes(answer.read())


def day(port: int, file: Path, doing: Callable[[str], None]) -> dict[str, int]:
    """A hospital's day in a few minutes; what was done of each."""
    doing("sign-in")
    desk, doctor, admin = (Desk(port, name) for name in ("reception", "doctor", "admin"))
    facility = desk.read("/facilities")["items"][0]["id"]
    done = {"walk_ins": 0, "booked": 0, "slips": 0, "finished": 0}
    doctors = [one for one in desk.read("/practitioners?limit=100")["items"] if one["is_active"]]
    own = doctor.read("/me")["practitioner_id"]
    day = datetime.now(UTC).date() + timedelta(days=1)
    free = _free_slots(desk, [one["id"] for one in doctors], facility, day)
    for n in range(PATIENTS):
        doing("registration, booking, walk-in, slip")
        who = {"name": f"Gulab Smallfield{n}", "gender": "female", "age_years": 20 + n, "phones": [f"92000 {n:05d}"]}
        patient = desk.post("/patients", who)["id"]
        desk.take("/patients/search", {"search": f"smallf {n}", "limit": 20})
        if n < len(free):
            body = {"patient_id": patient, "practitioner_id": free[n][0], "starts_at": free[n][1],
                    "facility_id": facility}  # fmt: skip
            desk.post("/appointments", body)
            done["booked"] += 1
        visit = desk.post("/walk-ins", {"patient_id": patient, "practitioner_id": own, "facility_id": facility,
                                        "is_priority": True})  # fmt: skip
        done["walk_ins"] += 1
        done["slips"] += desk.get(f"/appointments/{visit['id']}/slip").startswith(b"%PDF")
    doing("queue")
    here = {"practitioner_id": own, "facility_id": facility}
    while called := doctor.post("/queue/call-next", here)["called"]:
        doctor.post(f"/queue/{called['token_id']}/start")
        done["finished"] += 1
    doing("exports")
    for form in ("csv", "xlsx"):
        admin.take("/patients/export", {"form": form})
        admin.get(f"/opd-register/export?form={form}")
    admin.get("/opd-register/pdf")
    doing(f"import of {LINES:,} lines")
    done["imported"] = _import(admin, file)
    return done


def _free_slots(desk: Desk, doctors: list[str], facility: str, day: Any) -> list[tuple[str, str]]:
    ask = f"from={day}&to={day + timedelta(days=6)}&facility_id={facility}"
    found = ((one, slot) for one in doctors for slot in desk.read(f"/slots?practitioner_id={one}&{ask}")["items"])
    return [(one, slot["starts_at"]) for one, slot in found if slot["status"] == "free" and slot["kind"] != "token"]


def _import(admin: Desk, file: Path) -> int:
    sent = admin.upload("/patient-imports", file)
    here = f"/patient-imports/{sent['id']}"
    admin.post(f"{here}/check", {"mapping": sent["mapping"], "date_order": "dmy"})
    _until(admin, here, "checked")
    admin.post(f"{here}/run")
    return int(_until(admin, here, "done")["taken"])


def _until(admin: Desk, path: str, status: str) -> dict[str, Any]:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        found: dict[str, Any] = admin.read(path)
        if found["status"] == status:
            return found
        time.sleep(0.25)
    raise SystemExit(f"The import did not come to be {status}: {found['status']}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--mb", type=int, default=LIMIT_MB, help="the limit; at 128 the day must fail")
    allowed_mb = parser.parse_args().mb
    with tempfile.TemporaryDirectory() as name, Limit(allowed_mb) as limit:
        folder = Path(name)
        importing.write(folder / "old.csv", LINES)
        with database(Settings(data_dir=folder / "var", database_url=None)) as (running, _postgres):
            fill(running, lambda *_: None)
        port = hospital.free_port()
        env = os.environ | {"AROGYA_DATA_DIR": str(folder / "var"), "PORT": str(port)}
        with (folder / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "arogya", "serve"], env=env, stdout=log, stderr=log,
                preexec_fn=limit.enter,  # noqa: PLW1509 – no other thread runs yet
            )  # fmt: skip
        watch = Watch(server.pid)
        try:
            hospital.wait_until_ready(port, server)
            watch.start()
            time.sleep(5)
            done = day(port, folder / "old.csv", lambda what: setattr(watch, "doing", what))
            watch.doing = "idle again"
            time.sleep(5)
        finally:
            server.terminate()
            server.wait(60)
            if watch.is_alive():
                watch.stop()
        held = limit.found()
    print(done)
    for what, mb in watch.most.items():
        print(f"{mb:6.0f} MB  {what}")
    most = max(watch.most.values())
    how = f"kept by the kernel: {held[0]} MB with files, {held[1]} killed" if held else "watched"
    print(f"at most {most:.0f} MB (limit {allowed_mb}, {how})")
    if allowed_mb == LIMIT_MB:
        results.keep({"day_memory_mb": round(most)})
    complete = done["slips"] == PATIENTS <= done["finished"] and done["imported"] > LINES * 0.9
    return 0 if most <= allowed_mb and not (held and held[1]) and complete else 1


if __name__ == "__main__":
    sys.exit(main())
