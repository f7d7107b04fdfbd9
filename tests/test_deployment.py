"""The units and the container file: what systemd and a shell make of them."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from monitor.errors import MissingExtra
from tests.program import COMMAND

ROOT = Path(__file__).parent.parent
UNITS = sorted((ROOT / "docs" / "systemd").iterdir())
CONTAINERFILE = (ROOT / "Containerfile").read_text().replace("\\\n", " ")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze, of systemd")
def test_the_units_are_what_systemd_accepts_without_a_remark(tmp_path):
    for unit in UNITS:
        text = unit.read_text().replace("/opt/tos-monitor/.venv/bin/tos-monitor", str(COMMAND))
        (tmp_path / unit.name).write_text(text)

    names = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", *names], check=False, capture_output=True, text=True)

    assert (done.returncode, [line for line in done.stderr.splitlines() if str(tmp_path) in line]) == (0, [])


@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name
)
def test_a_service_runs_with_few_rights(unit):
    text = unit.read_text()

    for line in ("NoNewPrivileges=true", "ProtectSystem=strict", "CapabilityBoundingSet=\n", "UMask=0077"):
        assert line in text
    assert "User=tos-monitor" in text


def instruction(name):
    """The words of an instruction of the container file's last stage."""
    return json.loads(re.findall(rf"^{name} (\[.*\])$", CONTAINERFILE, re.MULTILINE)[-1])


def test_a_container_starts_with_the_shipped_watchlist_and_leaves_one_that_is_there(tmp_path):
    environ = {
        "PATH": f"{COMMAND.parent}:{os.environ['PATH']}",
        "MONITOR_WATCHLIST": str(tmp_path / "watchlist.toml"),
    }

    def start(*words):
        words = [*instruction("ENTRYPOINT"), *words]
        return subprocess.run(words, cwd=tmp_path, env=environ, check=False, capture_output=True, text=True)

    assert start("claims").returncode == 0
    (tmp_path / "watchlist.toml").write_text("[defaults]\nevery = 'sometimes'\n")

    again = start("claims")
    assert again.returncode == 3
    assert "sometimes" in again.stderr


def test_a_container_has_parts_that_there_are():
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = re.findall(r"EXTRAS=([\w,]+)", CONTAINERFILE)

    assert len(named) >= 4
    assert {extra for extras in named for extra in extras.split(",")} <= set(known)


def test_a_container_runs_as_a_user_without_rights_and_says_whether_it_lives():
    assert re.search(r"^USER tos-monitor$", CONTAINERFILE, re.MULTILINE)
    assert "/healthz" in CONTAINERFILE.split("HEALTHCHECK")[1]
    assert re.search(r'^CMD \["daemon", "--serve", "--host", "0.0.0.0"', CONTAINERFILE, re.MULTILINE)


def test_an_optional_part_is_installed_beside_the_program_and_not_by_the_first_pip_there_is():
    assert f"{sys.executable} -m pip install 'tos-monitor[web]'" in str(MissingExtra("Serving pages", "web"))
