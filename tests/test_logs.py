"""One event a line, as text or as JSON."""

import json
import logging

from monitor.logs import JsonFormatter, TextFormatter


def event(**fields):
    record = logging.LogRecord("monitor.check", logging.INFO, __file__, 1, "checked", None, None)
    record.created = 0
    vars(record).update(fields)
    return record


def test_an_event_is_one_line_of_text_with_its_facts():
    line = TextFormatter().format(event(document="acme/terms", reason="took too long"))
    assert line == '1970-01-01T00:00:00Z info checked document=acme/terms reason="took too long"'


def test_an_event_is_one_json_object_with_its_facts():
    line = JsonFormatter().format(event(document="acme/terms", change=7, wait=1.5, copy=None))
    assert json.loads(line) == {
        "at": "1970-01-01T00:00:00Z",
        "level": "info",
        "event": "checked",
        "document": "acme/terms",
        "change": 7,
        "wait": 1.5,
        "copy": None,
    }


def test_a_line_break_in_a_fact_does_not_forge_an_event():
    line = TextFormatter().format(event(error="first\nsecond"))
    assert "\n" not in line
