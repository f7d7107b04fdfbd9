"""How long it takes to bring in a past of 1,500 commits, and to tell it, beside the least that it could take.

usage: python -m benchmarks.history [--commits 1500] [--snapshots] [--repository DIR --watchlist FILE]

Makes a repository as Open Terms Archive's engine writes it, of 24 documents of 20 to 100 KB that change a
little from commit to commit, and imports it by the program's own command. With `--snapshots` the pages are
HTML, with menus around them that change as well. A real repository may be named instead. Beside the import
stands reading git alone; beside the timeline of a product, which rests on four of the documents, reading the
present versions of the same documents (`explain`).
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.history.git import Repository
from monitor.history.terms_archive import read
from monitor.store import Store
from monitor.watchlist import load_watchlist

START = datetime(2021, 1, 4, 6, 0, tzinfo=UTC)
SERVICES = ("Aster", "Birch", "Cedar", "Dahlia", "Elder", "Fern")
TYPES = ("Terms of Service", "Privacy Policy", "Usage Policy", "Data Processing Agreement")

# Sentences of an agreement: parts that fit each other, so that rules meet what they meet in real ones.
WHO = ("We", "Our affiliates", "You", "Your administrator", "The provider", "Third parties", "Each party")
MODAL = ("may", "will", "shall", "do not", "will not", "may not", "must")
DOES = (
    "use {data} to train our models",
    "use {data} to operate, secure and improve the services",
    "retain {data} for {days} days",
    "delete {data} within {days} days after the account is closed",
    "share {data} with service providers that act for us",
    "disclose {data} where the law obliges us to",
    "review {data} to enforce these terms and to prevent abuse",
    "assign this agreement together with the business that it belongs to",
    "change the fees on {days} days' notice",
    "rely on {data} as the only basis of a decision about a person",
    "resell, sublicense or reverse engineer any part of the services",
    "suspend access where payments are more than {days} days late",
    "bring a claim before the courts named in this section",
    "send notices to the address that the account names",
)
DATA = (
    *("your prompts", "inputs and outputs", "account information", "personal data", "usage data"),
    *("conversations", "uploaded files", "feedback", "log data", "payment details", "cookies"),
)
WHEN = (
    *("", "", " unless you opt out in your settings", " if you have given your consent", " at any time"),
    *(" except as described in this section", " to the extent permitted by law", " for business customers"),
    *(" when you use the free version of the services", " in accordance with our privacy policy"),
)
HEADINGS = (
    *("Your content", "How we use data", "Retention", "Sharing", "Your choices", "Payment", "Security"),
    *("Termination", "Disclaimers", "Limits of liability", "Disputes", "Changes to these terms", "Contact"),
)

Section = tuple[str, list[str]]  # a heading and its paragraphs


@dataclass
class Terms:
    """One document as it stands: its name in the repository, and its sections."""

    name: str
    sections: list[Section]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--commits", type=int, default=1500)
    parser.add_argument("--snapshots", action="store_true")
    parser.add_argument("--repository", type=Path)
    parser.add_argument("--watchlist", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        repository = options.repository or folder / "archive"
        if not options.repository:
            make(repository, options.commits, snapshots=options.snapshots)
        watchlist = folder / "watchlist.toml"
        watchlist.write_text(options.watchlist.read_text() if options.watchlist else watched())
        measure(repository, watchlist)


def measure(repository: Path, watchlist: Path) -> None:
    """Print what reading git alone, the import, and telling of one product takes."""
    print(f"{'':28} {'records':>8} {'wall s':>8} {'CPU s':>8} {'a second':>9} {'MB':>6}")
    records, size = told("git log and cat-file alone", lambda: read_all(repository))
    print(f"{'':28} {size / 1e6:.0f} MB of text, {size / records / 1e3:.0f} KB a record")
    told("tos-monitor history import", lambda: (imported(repository, watchlist), 0))
    for product in list(load_watchlist(watchlist).products)[:1]:
        for command, versions in versions_of(product, watchlist).items():
            told(f"tos-monitor {command}", partial(read_of, command, product, watchlist, versions))
    print(f"on {len(os.sched_getaffinity(0))} cores; memory is that of the largest process")


def told(name: str, work: Callable[[], tuple[int, int]]) -> tuple[int, int]:
    """Do it, and print what it took, child processes included."""
    wall, cpu = time.perf_counter(), spent()
    records, size = work()
    wall, cpu = time.perf_counter() - wall, spent() - cpu
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{name:28} {records:8,} {wall:8.1f} {cpu:8.1f} {records / wall:9.1f} {memory:6.0f}")
    return records, size


def spent() -> float:
    """Seconds of processor of this process and of those it waited for."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def read_all(path: Path) -> tuple[int, int]:
    """How many records a repository holds, and their bytes, each of them read."""
    repository = Repository(path)
    archive = read(repository)
    with repository.blobs() as blobs:
        sizes = [len(blobs.read(entry.blob)) for one in archive.series.values() for entry in one.entries]
    return len(sizes), sum(sizes)


def imported(repository: Path, watchlist: Path) -> int:
    """Import everything by the program's own command; how many records it judged."""
    out = run("history", "import", str(repository), "--watchlist", str(watchlist))
    lines = [line.partition(": ")[2] for line in out.splitlines() if "/" in line.partition(":")[0]]
    words = (word for line in lines for word in line.partition(";")[0].split(", "))
    return sum(int(word.split()[0]) for word in words if word[:1].isdigit())


def run(*words: str) -> str:
    """What a command of the program prints; that it found something for a person to decide is no failure."""
    command = (sys.executable, "-m", "monitor", *words)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    return done.stdout


def versions_of(product: str, watchlist: Path) -> dict[str, int]:
    """How many versions each command reads of a product's documents."""
    watched = load_watchlist(watchlist)
    documents = {name for one in watched.sources_of(watched.products[product]) for name in one.documents}
    with Store.open(f"sqlite:///{watchlist.with_suffix('.db')}") as store:
        found = [len(store.versions(document)) for document in documents]
    return {"explain": sum(count > 0 for count in found), "timeline": sum(found)}


def read_of(command: str, product: str, watchlist: Path, versions: int) -> tuple[int, int]:
    """Tell of a product by the program's own command; how many versions it read."""
    run(command, product, "--watchlist", str(watchlist))
    return versions, 0


# --- a repository ----------------------------------------------------------------------------------


def make(path: Path, commits: int, *, snapshots: bool) -> None:
    """Write a repository with that many records, the same ones every time."""
    subprocess.run(("git", "init", "-q", "--bare", "-b", "main", str(path)), check=True)
    stream = b"".join(history(random.Random(2026), commits, snapshots=snapshots))
    subprocess.run(("git", "-C", str(path), "fast-import", "--quiet"), input=stream, check=True)


def history(chance: random.Random, commits: int, *, snapshots: bool) -> Iterator[bytes]:
    """The commits as `git fast-import` reads them."""
    all_terms = [
        Terms(f"{service}/{type_}", sections(chance, chance.randint(20, 100) * 1000))
        for service in SERVICES
        for type_ in TYPES
    ]
    at = START
    for number in range(commits):
        first = number < len(all_terms)
        terms = all_terms[number] if first else chance.choice(all_terms)
        if not first:
            amend(terms, chance)
        body = (html(terms, number) if snapshots else markdown(terms)).encode()
        verb = "First record of" if first else "Record new changes of"
        subject = f"{verb} {terms.name.replace('/', ' ')}".encode()
        who = b"Archive <archive@example.org> %d +0000" % at.timestamp()
        yield b"commit refs/heads/main\nauthor %s\ncommitter %s\n" % (who, who)
        yield b"data %d\n%s\n" % (len(subject), subject)
        ending = "html" if snapshots else "md"
        yield b'M 100644 inline "%s.%s"\ndata %d\n%s\n' % (
            terms.name.encode(),
            ending.encode(),
            len(body),
            body,
        )
        at += timedelta(hours=chance.uniform(14, 40))


def sections(chance: random.Random, size: int) -> list[Section]:
    """Sections of so many characters in all."""
    found: list[Section] = []
    while size > 0:
        paragraphs = [paragraph(chance) for _ in range(chance.randint(2, 7))]
        found.append((chance.choice(HEADINGS), paragraphs))
        size -= sum(map(len, paragraphs))
    return found


def paragraph(chance: random.Random) -> str:
    return " ".join(sentence(chance) for _ in range(chance.randint(1, 5)))


def sentence(chance: random.Random) -> str:
    does = chance.choice(DOES).format(data=chance.choice(DATA), days=chance.choice((7, 30, 60, 90, 180)))
    return f"{chance.choice(WHO)} {chance.choice(MODAL)} {does}{chance.choice(WHEN)}."


def amend(terms: Terms, chance: random.Random) -> None:
    """A small change, as terms have them: mostly a few sentences, sometimes a section that comes or goes."""
    if chance.random() < 0.1:
        place = chance.randrange(len(terms.sections) + 1)
        terms.sections[place:place] = sections(chance, 500)
        return
    if chance.random() < 0.05 and len(terms.sections) > 10:
        del terms.sections[chance.randrange(len(terms.sections))]
        return
    for _ in range(chance.randint(1, 4)):
        _, paragraphs = chance.choice(terms.sections)
        place = chance.randrange(len(paragraphs))
        told = paragraphs[place].split(". ")
        told[chance.randrange(len(told))] = sentence(chance).removesuffix(".")
        paragraphs[place] = ". ".join(told).removesuffix(".") + "."


def markdown(terms: Terms) -> str:
    """A version as the archive's engine writes it."""
    title = terms.name.partition("/")[2]
    return f"# {title}\n\n" + "".join(
        f"## {number}. {heading}\n\n" + "".join(f"{text}\n\n" for text in paragraphs)
        for number, (heading, paragraphs) in enumerate(terms.sections, 1)
    )


def html(terms: Terms, number: int) -> str:
    """A snapshot: the same text with what pages have around it, which is another one each time."""
    service, _, title = terms.name.partition("/")
    menu = "".join(f'<li><a href="/{word.lower()}">{word}</a></li>' for word in SERVICES)
    script = f"<script>window.state = {{id: {number}, flags: {list(range(number % 200, 900))}}}</script>"
    text = "".join(
        f"<section><h2>{place}. {heading}</h2>" + "".join(f"<p>{one}</p>" for one in paragraphs)
        for place, (heading, paragraphs) in enumerate(terms.sections, 1)
    ).replace("<section>", '<section class="block block-text">')
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | {service}</title>'
        f"{script * 5}</head><body><header><nav><ul>{menu}</ul></nav></header><main><h1>{title}</h1>"
        f"{text.replace('<h2>', '</section><h2>')}</main><footer>{service} {number}</footer></body></html>"
    )


def watched() -> str:
    """A watchlist with every document, and a product of each service that rests on all of them."""
    lines: list[str] = []
    for service in SERVICES:
        id = service.lower()
        lines += [f"[providers.{id}]", f'name = "{service}"']
        names = []
        for type_ in TYPES:
            name = type_.lower().replace(" ", "-")
            names.append(f'"{name}"')
            lines += [f"[providers.{id}.documents.{name}]", f'type = "{type_}"']
            lines += [f'url = "https://{id}.example/legal/{name}"']
        lines += [f"[providers.{id}.products.chat]", f'name = "{service} Chat"', 'audience = "consumer"']
        lines += [f"documents = [{', '.join(names)}]", 'training = { position = "no" }']
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
