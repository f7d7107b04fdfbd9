"""What a site of many documents shows, and when: texts, furniture, edits and trouble, all from a number.

Everything follows from the number of a document, so that whoever serves the pages and whoever counts what
was told of them agree without a word.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

OF_A_HOST = 5
"""Documents that one host has."""

EDITED = 0.04
"""Share of the documents that change in a day: more than terms pages do, so that there is much to miss."""

TRAINING = (
    (
        "We do not use the content that you submit to train our models.",
        "We use the content that you submit to train our models, unless you opt out in your settings.",
    ),
    (
        "Your prompts and outputs are never used to train our models.",
        "Your prompts and outputs may be used to train our models.",
    ),
    (
        "We will not train our models on customer data.",
        "We train our models on customer data.",
    ),
)
RETENTION = (
    ("We delete your conversations within 30 days.", "We delete your conversations within 180 days."),
    (
        "Inputs and outputs are stored for 30 days and then deleted.",
        "Inputs and outputs are stored for two years and then deleted.",
    ),
    ("We retain your chat history for 90 days.", "We retain your chat history for 12 months."),
)
OTHER = (
    ("Late sums bear interest of 4 percent a year.", "Late sums bear interest of 9 percent a year."),
    (
        "Support answers from nine to five on working days.",
        "Support answers at any hour, on every day of the year.",
    ),
    (
        "The courts of Oslo decide where both sides disagree.",
        "A board of three arbiters decides where both sides disagree.",
    ),
)
EDITS = {"training": TRAINING, "retention": RETENTION, "other": OTHER}

TROUBLE = (
    *("500", "502", "503", "504", "429", "403"),
    *("reset", "reset-in-body", "silence", "drip", "short", "cut"),
    *("challenge", "consent", "soft-404", "log-in", "maintenance", "home", "loop"),
)
"""How a document may be out of order for a while; `slow_site` plays each."""

WHO = """
    Either side|The customer|Our team|A partner|The owner of the account|Whoever signs the order|Each reseller
    The company named on the order|A visitor|The person who pays
""".strip()
DOES = """
    may ask for|answers for|pays for|must announce|can refuse|signs|looks after|hands over|agrees on
    may repeat|puts in writing|sets out
""".strip()
WHAT = """
    the yearly fee|a written notice|the order form|any tax that is due|the list of prices|a new invoice
    the plan of work|a meeting about open questions|the cost of travel|the rules of the building|a refund
    the name of a person to call|the hours of work|a change of address|the choice of carrier
""".strip()
WHEN = """
    before the end of the month|within ten working days|on the first day of a quarter|at its own cost
    as soon as the other side asks|unless both have agreed on something else|in the language of the order
    by letter or by electronic mail|where the law of the place allows it|for as long as the order runs
    without giving a reason|once both have signed
""".strip()
TITLES = """
    Fees|Orders|Invoices|Support|Partners|Resale|Travel|Notices|Warranty|Liability|Insurance
    Changes of an order|Meetings|Taxes|Delivery|Places of work|Working hours|Names and marks
    Ending|Law|Disputes|Final words
""".strip()


def _choices(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for line in text.splitlines() for part in line.split("|") if part.strip())


_WHO, _DOES, _WHAT, _WHEN, _TITLES = map(_choices, (WHO, DOES, WHAT, WHEN, TITLES))


@dataclass(frozen=True)
class Spell:
    """A time in which a document is out of order, as shares of the day."""

    kind: str
    start: float
    end: float


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What becomes of one document in the day."""

    number: int
    edit: str  # training | retention | other, "" for one that stays as it is
    at: float  # when it is edited, as a share of the day
    flash: bool  # shows other words in a single answer, and never again
    freshness: str  # etag: answers 304; same: the same bytes every time; varies: no two answers alike
    moved: bool  # its address redirects
    spells: tuple[Spell, ...]

    @property
    def path(self) -> str:
        return f"/legal/terms-{self.number}"

    @property
    def host(self) -> str:
        """A loopback address for every few documents, so that each host gets a politeness of its own."""
        host = self.number // OF_A_HOST
        return f"127.{1 + host // 62_500}.{host // 250 % 250}.{1 + host % 250}"

    def trouble(self, share: float) -> str:
        """What is out of order at this time of the day; "" when nothing is."""
        return next((spell.kind for spell in self.spells if spell.start <= share < spell.end), "")

    def edited(self, share: float) -> bool:
        return bool(self.edit) and share >= self.at


def plan(number: int) -> Plan:
    """What becomes of a document."""
    chance = random.Random(f"plan {number}")
    edit = ""
    if chance.random() < EDITED:
        edit = chance.choices(tuple(EDITS), (35, 25, 40))[0]
    at = chance.uniform(0.05, 0.6)
    freshness = chance.choices(("etag", "same", "varies"), (30, 20, 50))[0]
    moved = chance.random() < 0.05
    flash = not edit and chance.random() < 0.01
    spells = _spells(chance, at if edit else None)
    return Plan(number=number, edit=edit, at=at, flash=flash, freshness=freshness, moved=moved, spells=spells)


def _spells(chance: random.Random, edited_at: float | None) -> tuple[Spell, ...]:
    """One document in seven is out of order for a while; a third of the edited ones, around their edit."""
    if chance.random() > (0.15 if edited_at is None else 0.33):
        return ()
    length = chance.uniform(0.01, 0.25)
    start = chance.uniform(0.0, 0.7) if edited_at is None else edited_at - length * chance.random()
    return (Spell(chance.choice(TROUBLE), start, start + length),)


def text_of(one: Plan, *, edited: bool, flash: bool = False) -> str:
    """The document's own part of the page, as HTML; 2,000 to 7,000 words."""
    chance = random.Random(f"text {one.number}")
    said = {kind: chance.choice(pairs) for kind, pairs in EDITS.items()}
    sentences = {kind: pair[edited and kind == one.edit] for kind, pair in said.items()}
    if flash:
        sentences["training"] = said["training"][1]
    sections = [
        f"<h2>{number}. {chance.choice(_TITLES)}</h2>" + _paragraphs(chance)
        for number in range(1, chance.randint(12, 40))
    ]
    sections.insert(2, f"<h2>Your content</h2><p>{sentences['training']} {_sentence(chance)}</p>")
    sections.insert(5, f"<h2>Storage</h2><p>{sentences['retention']} {_sentence(chance)}</p>")
    sections.insert(8, f"<h2>Terms of payment</h2><p>{_sentence(chance)} {sentences['other']}</p>")
    return f"<h1>Terms of Service of Company {one.number}</h1>" + "".join(sections)


def _paragraphs(chance: random.Random) -> str:
    count = chance.randint(2, 6)
    return "".join(
        f"<p>{' '.join(_sentence(chance) for _ in range(chance.randint(2, 5)))}</p>" for _ in range(count)
    )


def _sentence(chance: random.Random) -> str:
    who, does, what, when = (chance.choice(words) for words in (_WHO, _DOES, _WHAT, _WHEN))
    return f"{who} {does} {what} {when}."


# --- what stands around it ---------------------------------------------------------------------


def page(one: Plan, text: str, visit: str) -> str:
    """A whole page around a text; `visit` differs between answers where the site is one of that kind."""
    style = one.number % len(_STYLES)
    related = random.Random(f"related {visit or one.number}").sample(_TITLES, 3)
    cards = "".join(
        f'<a href="/news/{n}"><h4>News about {name.lower()}</h4></a>' for n, name in enumerate(related)
    )
    votes = sum(map(ord, visit or "?")) % 400
    open_, close = ("", "") if style == 2 else ("<body>", "</body></html>")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Terms of Service | Company '
        f'{one.number}</title><meta name="csrf-token" content="{visit}">{_STYLES[style]}'
        f"{'' if style == 2 else '</head>'}{open_}{_MENU}<main>{text}</main>"
        f'<div class="feedback"><p>Was this helpful? {votes} of 400 said yes</p><button>Yes</button></div>'
        f'<aside class="related"><h3>Related articles</h3>{cards}</aside>{_FOOTER}'
        f'<script>window.__state={{"request":"{visit}"}}</script>{close}'
    )


def _style(name: str, kilobytes: int) -> str:
    chance = random.Random(f"style {name}")
    rule = ".{0}-{1:04x}{{margin:{2}px;color:#{3:06x};background:url(/{0}/{1:04x}.png)}}"
    rules = (
        rule.format(name, chance.randrange(1 << 16), chance.randrange(99), chance.randrange(1 << 24))
        for _ in iter(int, 1)
    )
    found: list[str] = []
    while sum(map(len, found)) < kilobytes * 1024 // 2:
        found.append(next(rules))
    sheet = "".join(found)
    return f"<style>{sheet}</style><script>var bundle={sheet!r};</script>"


_STYLES = tuple(
    _style(name, size) for name, size in (("card", 40), ("hero", 90), ("grid", 140), ("tile", 220))
)
_MENU = (
    '<header><a href="/">Company</a><nav><ul>'
    + "".join(f'<li><a href="/{name.lower().replace(" ", "-")}">{name}</a></li>' for name in _TITLES)
    + '</ul></nav></header><div id="cookie-banner" role="dialog"><p>We use cookies to keep you signed in.</p>'
    "<button>Accept all</button><button>Reject all</button></div>"
)
_FOOTER = (
    "<footer><ul>"
    + "".join(f'<li><a href="/about/{name.lower().replace(" ", "-")}">{name}</a></li>' for name in _TITLES)
    + "</ul><p>All rights reserved.</p></footer>"
)
