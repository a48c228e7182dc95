"""A failed run is told: in the log, to a command, to a webhook; never with a value of an event."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pm_pipeline.alerts import tell_of_failure
from pm_pipeline.home import Home

PRODUCT = """\
product: {{name: Songs}}
sources: [{{name: app, path: "*.csv", format: csv, columns: {{event_name: e, event_time: t, user_id: u}}}}]
alerts: {alerts}
"""  # noqa: E501
WRITE = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def tell(home: Home, alerts: dict[str, object]) -> str:
    home.product_file.write_text(PRODUCT.format(alerts=json.dumps(alerts)), encoding="utf-8")
    problem = ValueError("cannot read 'secret@example.org'")
    return tell_of_failure(home, run_id="r1", step="gate_a", problem=problem)


def test_the_log_has_it_without_any_setting(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        message = tell(home, {})
    assert message.startswith("Songs: run r1 failed in gate a (ValueError).")
    assert message in caplog.text
    assert "secret" not in caplog.text


def test_a_command_gets_the_message_as_its_last_argument(home: Home, tmp_path: Path) -> None:
    told = tmp_path / "told.txt"
    message = tell(home, {"command": [sys.executable, "-c", WRITE, str(told)]})
    assert told.read_text() == message


@pytest.fixture
def hook() -> Iterator[tuple[str, list[bytes]]]:
    heard: list[bytes] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", heard
    server.shutdown()
    server.server_close()


def test_a_webhook_gets_it_as_json(home: Home, hook: tuple[str, list[bytes]]) -> None:
    address, heard = hook
    message = tell(home, {"webhook": address})
    assert [json.loads(body) for body in heard] == [{"text": message}]


def test_an_alert_that_cannot_be_sent_is_logged_and_the_other_still_goes(
    home: Home, hook: tuple[str, list[bytes]], caplog: pytest.LogCaptureFixture
) -> None:
    address, heard = hook
    tell(home, {"command": ["no-such-program-here"], "webhook": address})
    assert len(heard) == 1
    assert "the alert could not be sent" in caplog.text


def test_a_broken_product_file_is_told_too(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    home.product_file.write_text("product: [", encoding="utf-8")
    message = tell_of_failure(home, run_id="r1", step="models", problem=None)
    assert message.startswith(f"{home.root.name}: run r1 failed in models")
