"""Imports run down only: entries -> wiring -> check -> { I/O | pure } -> model, errors."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "monitor"

LAYERS = {
    "__main__": 6, "cli": 5,
    "daemon": 4, "demo": 4, "web": 4, "worker": 4,
    "wiring": 3,
    "compare": 2, "history": 2, "accept": 2, "review": 2, "asking": 2, "delivery": 2,
    "check": 1,
    "places": 0, "claimants": 0, "orders": 0,
    "logs": 1, "hosts": 1, "queue": 1,
    "model": -1, "errors": -1, "__init__": -1,
}  # fmt: skip
IO = {"fetch", "store", "settings", "folder", "notify"}
PURE = {
    "watchlist", "judge", "toml_lines", "schedule", "health", "guard", "language", "extract", "diff", "align",
    "units", "layout", "links", "rotating", "normal", "dates", "words", "statements", "flag", "ledger",
    "evidence", "severity", "doubts", "reader",
    "report",
    "furniture", "opinion", "publish", "notices", "tickets",
}  # fmt: skip
TOUCHES_THE_WORLD = {
    "httpx", "httpcore", "sqlalchemy", "alembic", "socket", "ssl", "sqlite3", "asyncio", "threading",
    "logging", "random", "time", "requests", "urllib.request",
}  # fmt: skip


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path):
    """The part of the program a file belongs to: its module or folder directly below the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """Every module that a file imports, own ones as "monitor.x"."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "monitor":
                yield from (f"monitor.{name.name}" for name in node.names)
            else:
                yield node.module


def own_parts(path):
    return {name.split(".")[1] for name in imports(path) if name.startswith("monitor.")} - {part_of(path)}


def layer(part):
    return LAYERS.get(part, 0)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_the_layers_below(path):
    part = part_of(path)
    for other in own_parts(path) - {"__version__"}:
        assert layer(other) < layer(part) or (other in PURE and part in PURE | IO), f"{part} imports {other}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_pure_module_does_not_touch_the_world(path):
    if part_of(path) not in PURE or path.name in ALLOWED:
        return
    found = {name for name in imports(path) if name.split(".")[0] in TOUCHES_THE_WORLD}
    assert not found, f"{path.name} imports {found}"


ALLOWED = {
    "pdf.py": "reads hostile files in a limited process of its own",
}


def test_every_part_has_its_layer():
    assert {part_of(path) for path in modules()} - set(LAYERS) - IO - PURE == set()


def test_no_module_uses_difflib():
    assert not [path for path in modules() if "difflib" in set(imports(path))]


def test_only_settings_reads_the_environment():
    found = [path.name for path in modules() if re.search(r"os\.(environ|getenv)", path.read_text())]
    assert found == ["settings.py"]
