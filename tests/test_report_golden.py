"""Every format, as a reader gets it; `python -m tests.refresh_golden` writes the files anew."""

import pytest

from tests.refresh_golden import GOLDEN, cases


@pytest.mark.parametrize(("name", "text"), list(cases()), ids=[name for name, _ in cases()])
def test_a_report_reads_as_the_golden_file_says(name, text):
    assert text() == (GOLDEN / name).read_bytes().decode(), "meant? python -m tests.refresh_golden"


def test_no_golden_file_is_left_over():
    assert {path.name for path in GOLDEN.iterdir()} == {name for name, _ in cases()}
