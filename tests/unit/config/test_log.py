"""Logs: one JSON object a line, and never a CPR number, wherever it comes from."""

import json
import logging
import sys

from kommunalpro.config.log import JsonFormatter
from kommunalpro.fhirserver.http.trace import tracing

CPR = "2512489996"


def line(message, *args, exc_info=None, **extra):
    record = logging.LogRecord("kommunalpro.care", logging.WARNING, __file__, 1, message, args, exc_info)
    record.__dict__.update(extra)
    written = JsonFormatter().format(record)
    assert "\n" not in written
    return json.loads(written)


def test_a_line_has_what_the_national_infrastructure_asks_for():
    with tracing("463ac35c9f6413ad"):
        written = line("Saved")
    assert set(written) == {"time", "app", "severity", "type", "id", "subject", "body"}
    assert (written["severity"], written["type"], written["id"]) == ("WARNING", "kommunalpro.care", "463ac35c9f6413ad")
    assert written["time"].endswith("+00:00")


def test_a_cpr_number_is_masked_in_messages_and_arguments():
    assert CPR not in str(line(f"Looked for {CPR}"))
    assert "9996" not in str(line("Looked for %s", "251248-9996"))


def test_the_head_of_the_audit_chain_is_logged_whatever_digits_are_in_it():
    for head in (f"1974:{'ab' * 10}{CPR}{'cd' * 17}", f"251248:9996{'ab' * 30}"):
        assert line("Audit head %s", head)["body"] == f"Audit head {head}"


def test_a_cpr_number_is_masked_in_a_traceback():
    try:
        raise ValueError(f"no such citizen: {CPR}")
    except ValueError:
        written = line("Failed", exc_info=sys.exc_info())
    assert "ValueError" in written["body"]
    assert CPR not in str(written)
