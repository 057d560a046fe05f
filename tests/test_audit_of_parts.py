"""`make audit` asks about every part, tells what is known of it, and claims nothing where it could not ask."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from scripts import audit, sbom

Answer = Callable[[list[str]], Any]


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], list[str]]]:
    """A database of weaknesses on this machine. Give it its answer; get the list of what it was asked about."""
    servers: list[HTTPServer] = []

    def opened(answer: Answer) -> list[str]:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                purls = [query["package"]["purl"] for query in said["queries"]]
                asked.extend(purls)
                raw = json.dumps(answer(purls)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: Any) -> None:
                pass

        servers.append(HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        monkeypatch.setenv("AROGYA_AUDIT_DATABASE", f"http://127.0.0.1:{servers[-1].server_port}/")
        return asked

    yield opened
    for server in servers:
        server.shutdown()
        server.server_close()


def test_every_part_is_asked_about(database: Callable[[Answer], list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    asked = database(lambda purls: {"results": [{} for _ in purls]})
    assert audit.main([]) == 0
    assert sorted(asked) == sorted(one["purl"] for one in sbom.bill()["components"])
    assert f"{len(asked)} parts asked about, 0 with a known weakness" in capsys.readouterr().out


def test_a_weakness_is_told_by_its_part_and_fails(
    database: Callable[[Answer], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    database(
        lambda purls: {
            "results": [{"vulns": [{"id": "MADE-UP-1"}]} if purl.startswith("pkg:npm/react@") else {} for purl in purls]
        }
    )
    assert audit.main([]) == 1
    said = capsys.readouterr().out
    assert "pkg:npm/react@" in said
    assert "(shipped): MADE-UP-1" in said


@pytest.mark.parametrize("answer", [{"results": []}, {"error": "busy"}, ["?"], "no"])
def test_an_answer_that_is_none_is_not_taken_for_good_news(
    database: Callable[[Answer], list[str]], capsys: pytest.CaptureFixture[str], answer: Any
) -> None:
    database(lambda _: answer)
    assert (audit.main([]), audit.main(["--strict"])) == (0, 2)
    said = capsys.readouterr().out
    assert said.startswith("NOT CHECKED")
    assert "0 with a known weakness" not in said


def test_without_a_network_it_says_that_nothing_was_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AROGYA_AUDIT_DATABASE", "http://127.0.0.1:9/")
    assert (audit.main([]), audit.main(["--strict"])) == (0, 2)
    assert capsys.readouterr().out.startswith("NOT CHECKED")
