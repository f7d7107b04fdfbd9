"""How long every page of the review application takes over a large database, over HTTP, on one core.

python -m benchmarks.web [--database FILE] [--times 20] [--over 200] [--page NAME]

Makes a database with 100,000 checks, 5,000 versions and 2,000 changes of 50 documents of some 5,000 words,
with 500 changes that wait for a reviewer (a minute; kept where --database names a file), and asks for each
page in turn. The processor's time is that of the whole process, which is server and client; the clock's is
longer where others use the machine. Exit code 1 when the processor's median of any page is over the limit.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import insert, select

from monitor.compare import between
from monitor.model import (
    Block,
    BlockKind,
    Capture,
    Change,
    Changed,
    Document,
    Doubt,
    First,
    FlagKind,
    Page,
    Seen,
    Verification,
    Version,
)
from monitor.normal import fingerprint
from monitor.settings import settings
from monitor.statements.rules import Rules, load_rules
from monitor.store import Store
from monitor.store.engine import connect, writing
from monitor.store.tables import checks, versions
from monitor.web.access import Access
from monitor.web.server import beside, listen, server
from monitor.wiring import open_monitor

PROVIDERS = 10
DOCUMENTS = 50
PATHS = 100
CHANGES = 2_000
WAITING = 500
VERSIONS = 5_000
CHECKS = 100_000
BLOCKS = 120
EVERY = timedelta(hours=12)
START = datetime(2023, 1, 1, tzinfo=UTC)

POSITIONS = {
    "training": (
        ("no", "We do not use your content to train our models."),
        ("opt-out", "We may use your content to train our models unless you opt out in your settings."),
    ),
    "retention": (
        ("30 days", "We delete your inputs and outputs within 30 days."),
        ("90 days", "We delete your inputs and outputs within 90 days."),
    ),
}
WORDS = (
    "the service account customer notice order party agreement fee invoice support section law claim loss "
    "right law breach term schedule user content access limit written reasonable prior provided however "
    "under this any such other may will shall not be is of to in for with by on or and as at from each"
).split()


# --- the database -----------------------------------------------------------------------------------


def watchlist() -> str:
    """The watchlist: ten providers with five documents and ten product paths each."""
    parts = []
    for provider in range(PROVIDERS):
        parts.append(f'[providers.p{provider}]\nname = "Provider {provider}"\n')
        mine = [one for one in range(DOCUMENTS) if one % PROVIDERS == provider]
        for number in mine:
            parts.append(
                f'[providers.p{provider}.documents.d{number}]\ntype = "Terms of Service"\n'
                f'url = "https://p{provider}.example/d{number}"\nlanguage = "en"\n'
            )
        for path in (one for one in range(PATHS) if one % PROVIDERS == provider):
            source = mine[path // PROVIDERS % len(mine)]
            parts.append(
                f'[providers.p{provider}.products.s{path}]\nname = "Product {path}"\naudience = "api"\n'
                f'documents = ["d{source}"]\nmodels = ["model-{path}-*"]\n'
                'training = { position = "no", verified = 2023-01-01, source = "measured" }\n'
                'retention = { position = "period", period = "30 days", verified = 2023-01-01,'
                ' source = "measured" }\n'
            )
    return "".join(parts)


@dataclass
class Course:
    """What one document said over time: a long text of which each change edits some clauses."""

    number: int
    rules: Rules
    chance: random.Random

    def __post_init__(self) -> None:
        self.id = f"p{self.number % PROVIDERS}/d{self.number}"
        self.url = f"https://p{self.number % PROVIDERS}.example/d{self.number}"
        self.blocks = [self._block(place) for place in range(BLOCKS)]
        self.said = {"training": 0, "retention": 0}
        self.blocks[10] = self._states(10, "training")
        self.blocks[20] = self._states(20, "retention")

    def _block(self, place: int) -> Block:
        words = " ".join(self.chance.choices(WORDS, k=42))
        if place % 10 == 0:
            return Block(BlockKind.HEADING, f"{place // 10 + 1}. {words[:30]}", level=2)
        return Block(BlockKind.PARAGRAPH, f"{words.capitalize()}.", section=(f"Section {place // 10 + 1}",))

    def _states(self, place: int, topic: str) -> Block:
        _, words = POSITIONS[topic][self.said[topic]]
        return Block(BlockKind.PARAGRAPH, words, section=(f"Section {place // 10 + 1}",))

    def version(self, at: datetime) -> tuple[Capture, Version]:
        """What it says now, captured at this instant."""
        blocks = tuple(self.blocks)
        body = "".join(f"<p>{block.text}</p>\n" for block in blocks).encode()
        headers = (("content-type", "text/html; charset=utf-8"),)
        capture = Capture(url=self.url, final_url=self.url, status=200, headers=headers, body=body, at=at)
        return capture, Version(
            document=self.id,
            at=at,
            page=Page(blocks=blocks, title=f"Terms {self.number}"),
            fingerprint=fingerprint(blocks),
            extractor="1",
            reader="measured",
            capture_sha256=capture.sha256,
            url=self.url,
        )

    def change(self, at: datetime, topic: str | None) -> Change:
        """Edit three clauses, and the one on this topic; the change as a check would judge it."""
        places = self.chance.sample([one for one in range(30, BLOCKS) if one % 10], 3)
        before = {place: self.blocks[place] for place in places}
        for place in places:
            words = self.blocks[place].text.split(" ")
            words[5:8] = self.chance.choices(WORDS, k=4)
            self.blocks[place] = replace(self.blocks[place], text=" ".join(words))
        if topic:
            place = 10 if topic == "training" else 20
            before[place] = self.blocks[place]
            self.said[topic] = 1 - self.said[topic]
            self.blocks[place] = self._states(place, topic)
        document = Document(id=self.id, provider="p", type="Terms of Service", url=self.url, language="en")
        old, new = (
            Version(
                document=self.id, at=at, page=Page(blocks=tuple(blocks)), fingerprint="", extractor="1",
                reader="measured", capture_sha256="",
            )
            for blocks in (before.values(), (self.blocks[place] for place in before))
        )  # fmt: skip
        return between(document, old, new, self.rules)


def fill(file: Path, rules: Rules) -> None:
    """Tell the store, with its own verbs, what 50 documents did; checks without news go in at once."""
    store = Store.open(f"sqlite:///{file}", now=START)
    chance = random.Random(5)
    with store:
        for number in range(DOCUMENTS):
            _tell(store, Course(number, rules, chance), CHANGES // DOCUMENTS)
            print(f"\r{number + 1} of {DOCUMENTS} documents", end="", file=sys.stderr)
        _answer(store)
    print(file=sys.stderr)
    _bulk(file)


def _tell(store: Store, course: Course, count: int) -> None:
    capture, version = course.version(START)
    step = EVERY * (CHECKS // DOCUMENTS // (count + 1))
    store.record(
        First(document=course.id, at=START, capture=capture, version=version),
        next_check=START + EVERY,
        started=START,
    )
    for number in range(1, count + 1):
        at = START + step * number
        topic = (None, "training", "retention", "training")[number % 4]
        change = replace(course.change(at, topic), at=at)
        capture, version = course.version(at)
        outcome = Changed(
            document=course.id, at=at, capture=capture, version=version, change=change,
            doubts=_doubts(course, change),
        )  # fmt: skip
        store.record(outcome, next_check=datetime.now(UTC) + EVERY, started=at)


def _doubts(course: Course, change: Change) -> tuple[Doubt, ...]:
    provider = course.number % PROVIDERS
    mine = [one for one in range(DOCUMENTS) if one % PROVIDERS == provider]
    paths = [
        one
        for one in range(PATHS)
        if one % PROVIDERS == provider and mine[one // PROVIDERS % len(mine)] == course.number
    ]
    return tuple(
        Doubt(
            product=f"p{provider}/s{path}",
            topic=flag.topic,
            document=course.id,
            summary=flag.summary,
            at=change.at,
        )
        for flag in change.flags
        if flag.kind is FlagKind.SUBSTANTIVE
        for path in paths
    )


def _answer(store: Store) -> None:
    """Answer, or dismiss, all changes but the last that wait."""
    answers: dict[tuple[str, str], int] = {}
    for number in sorted(store.waiting_numbers())[:-WAITING]:
        change = store.change(number)
        if number % 3 == 0 or not change.doubts:
            seen = [doubt.id for doubt in change.doubts]
            store.dismiss(number, why="measured", by="robin", at=change.change.at + EVERY, seen=seen)
            continue
        for doubt in change.doubts:
            key = (doubt.product, doubt.topic)
            answer = Verification(
                product=doubt.product,
                topic=doubt.topic,
                position="no" if doubt.topic == "training" else "silent",
                at=change.change.at + EVERY,
                by="robin",
                note="measured",
                version=change.after.id,
                evidence=change.change.flags[0].clause.after.text
                if change.change.flags[0].clause.after
                else "",
            )
            answers[key] = store.verify(answer, Seen((doubt.id,), answers.get(key, 0))).id


def _bulk(file: Path) -> None:
    engine = connect(f"sqlite:///{file}")
    with writing(engine) as connection:
        known = connection.execute(select(versions).order_by(versions.c.id)).all()
        more = [
            {
                **{key: value for key, value in row._mapping.items() if key != "id"},
                "fingerprint": hashlib.sha256(f"{row.id} {turn}".encode()).hexdigest(),
                "at": row.at + EVERY * (turn + 1),
                "last_seen": row.at + EVERY * (turn + 2),
            }
            for turn in range(VERSIONS // len(known) + 1)
            for row in known
        ][: VERSIONS - len(known)]
        connection.execute(insert(versions), more)
        made = CHECKS - len(known)
        connection.execute(
            insert(checks),
            [
                {
                    "document": f"p{number % DOCUMENTS % PROVIDERS}/d{number % DOCUMENTS}",
                    "at": START + EVERY * (number // DOCUMENTS),
                    "started": START + EVERY * (number // DOCUMENTS),
                    "outcome": "unchanged",
                    "reasons": [["not-modified", "the server said 304"]],
                }
                for number in range(made)
            ],
        )
    engine.dispose()


# --- the pages --------------------------------------------------------------------------------------


def pages(client: httpx.Client) -> Iterator[tuple[str, str]]:
    """Every page, under the name that the table has for it."""
    waits = client.get("/").text.split('href="/changes/')[1].split('"')[0]
    document = client.get("/documents/p0/d0").text
    capture = document.split('href="/captures/')[1].split('"')[0]
    compare = "/documents/p0/d0/compare?before=1&after=41"
    yield from {
        "inbox": "/",
        "a change that waits": f"/changes/{waits}",
        "the same, inline": f"/changes/{waits}?view=inline",
        "an old change": "/changes/7",
        "positions": "/positions",
        "positions, filtered": "/positions?provider=p3&state=needs+re-verification",
        "a claim": "/positions/p0/s0/training",
        "documents": "/documents",
        "a document": "/documents/p0/d0",
        "two versions compared": compare,
        "a version": "/versions/41",
        "a capture": f"/captures/{capture}",
        "its bytes": f"/captures/{capture}/body",
        "health": "/health",
        "search, a rare phrase": '/search?q="within+90+days"',
        "search, a common word": "/search?q=customer",
        "search, common words of a provider": "/search?q=the+service&provider=p4",
        "everything that was answered": "/steps",
        "positions.json": "/positions.json",
        "positions.csv": "/positions.csv",
        "a badge": "/badges/p0/s0/training.svg",
        "a model's badge": "/badges/models/model-0-x/training.svg",
        "feed of all, Atom": "/feeds/all.atom",
        "feed of all, JSON": "/feeds/all.json",
        "feed of a product path": "/feeds/p0/s0.atom",
        "API: changes": "/api/v1/changes",
        "API: claims": "/api/v1/claims",
        "API: a document": "/api/v1/documents/p0/d0",
    }.items()


@contextmanager
def serving(folder: Path, database: Path) -> Iterator[str]:
    """The address of the application over the database, in this process."""
    chosen = settings(watchlist=folder / "watchlist.toml", database=database, environ={})
    with open_monitor(chosen) as monitor, listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        running = server(lambda: monitor, Access(user="robin"), host="127.0.0.1", port=port, alone=False)
        with beside(running, listening):
            yield f"http://127.0.0.1:{port}"


@dataclass(frozen=True)
class Took:
    """Milliseconds that requests took: by the clock, and of the processor with the client's share."""

    clock: list[float]
    processor: list[float]


def measure(client: httpx.Client, path: str, times: int) -> Took:
    """So many requests after a first one."""
    client.get(path).raise_for_status()
    took = Took([], [])
    for _ in range(times):
        clock, processor = time.perf_counter(), time.process_time()
        client.get(path).raise_for_status()
        took.clock.append((time.perf_counter() - clock) * 1000)
        took.processor.append((time.process_time() - processor) * 1000)
    return took


def table(client: httpx.Client, times: int, named: str) -> Iterator[float]:
    """Print a line a page; the median of each by the processor."""
    print(f"{'page':36} {'processor: median':>18} {'worst':>6} {'clock: median':>14} {'worst':>6} {'kB':>6}")
    for name, path in pages(client):
        if named not in name:
            continue
        took = measure(client, path, times)
        middle, size = statistics.median(took.processor), len(client.get(path).content) / 1024
        print(
            f"{name:36} {middle:18.0f} {max(took.processor):6.0f} {statistics.median(took.clock):14.0f}"
            f" {max(took.clock):6.0f} {size:6.0f}",
            flush=True,
        )
        yield middle


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--database", type=Path)
    arguments.add_argument("--times", type=int, default=20)
    arguments.add_argument("--over", type=float, default=200, help="milliseconds that a page may take")
    arguments.add_argument("--page", default="", help="measure only what has this in its name")
    given = arguments.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "watchlist.toml").write_text(watchlist())
        database = given.database or Path(folder) / "measured.db"
        if not database.exists():
            fill(database, load_rules())
        with (
            serving(Path(folder), database) as url,
            httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
        ):
            slow = [middle for middle in table(client, given.times, given.page) if middle > given.over]
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
