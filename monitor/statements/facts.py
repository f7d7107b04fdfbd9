"""A sentence with its word classes, asked what it says: denied or not, on which condition and choice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.statements.lexicon import Span, Tokens

HEADING_AT = -10_000
"""Where the words of a heading stand: before the sentence, and never near it."""
EVERYTHING: Span = (HEADING_AT, 1_000_000)

Hits = dict[str, list[Span]]
"""Where each word class occurs."""
_ASKS = frozenset("with avec mit con upon rely based require requires requiring needs".split())
"""Words after which consent is a condition."""
_SWITCH = {"on": "on", "enabled": "on", "off": "off", "disabled": "off"}
"""What the last cell of a setting's row may say, and what holds by it."""


_NO_WAY = re.compile(
    r"\b(?:(?:may|can|could|able|possible|allowed|entitled) (?:not|no longer)|cannot|can't"
    r"|not (?:be )?able to|not possible to|no (?:way|option|possibility|right|means|opportunity|longer)"
    r"(?: \w+){0,2})(?: \w+)?$"
)
"""What stands before a choice that people do not have."""


def _first_word(cell: str) -> str:
    words = re.findall(r"[^\W_]+|[✓✔✗✘×–—-]", cell.lower())
    if words[:2] in (["do", "not"], ["does", "not"], ["don", "t"]):
        return "not"
    return words[0] if words else ""


@dataclass(frozen=True)
class Facts:
    """A sentence with its word classes, ready to be asked what it says."""

    words: Tokens
    hits: Hits
    own: Span
    triggers: tuple[Span, ...]
    language: str
    row: bool = False  # a table's: every cell stands behind its header

    def spans(self, *names: str) -> list[Span]:
        """Where words of these classes stand in the lead-in and the sentence, in order."""
        return sorted(span for name in names for span in self.hits.get(name, ()) if span[0] >= 0)

    def values(self, facet: str, parts: Iterable[Span] = (EVERYTHING,)) -> tuple[str, ...]:
        """The members of a facet ("object" -> "inputs", ...) found in parts of the sentence."""
        return tuple(
            sorted(
                name.split(".", 1)[1]
                for name, found in self.hits.items()
                if name.startswith(f"{facet}.") and any(a <= span[0] < b for span in found for a, b in parts)
            )
        )

    def actions(self) -> tuple[str, ...]:
        """What is done, in the order of the words: in the sentence itself, or else in its lead-in."""
        done = {
            name.split(".", 1)[1]: [span for span in found if span[0] >= 0]
            for name, found in self.hits.items()
            if name.startswith("action.")
        }
        # What is only excluded ("to improve it, excluding training") is not done.
        main = {name: [s for s in spans if not self.excepts(s)] for name, spans in done.items()}
        for spans_of, start in ((main, self.own[0]), (done, self.own[0]), (main, 0), (done, 0)):
            first = {
                n: min(s for s in spans if s[0] >= start)
                for n, spans in spans_of.items()
                if any(s[0] >= start for s in spans)
            }
            if first:
                return tuple(sorted(first, key=lambda name: first[name]))
        return ()

    def comma_after(self, at: int) -> int:
        """The first token after the next comma or semicolon, or the end."""
        rest = self.words.text[self.words.starts[at] :] if at < len(self.words) else ""
        comma = re.search(r"[,;:，；：](?!\S)|[，；：]", rest)
        return self.words.at(self.words.starts[at] + comma.end()) if comma else len(self.words)

    def excepted(self) -> tuple[Span, ...]:
        """The parts of the sentence that name conditions and exceptions ("unless ...", "except ...")."""
        found = []
        for span in self.spans("unless", "except"):
            leads = self.triggers and span[0] < self.triggers[0][0]
            found.append((span[0], self.comma_after(span[1]) if leads else len(self.words)))
        return tuple(found)

    def answer(self, span: Span) -> str:
        """The first word of the cell whose header holds these words: "no" in "For training: No"; or ""."""
        if not self.row or span[0] < 0:
            return ""
        cells = self.words.text[self.words.ends[span[1] - 1] :].replace(" | ", ": ").split("; ")
        if ": " in cells[0]:
            return _first_word(cells[0].rpartition(": ")[2])
        # "Setting: Save recordings; New devices: Do not save": a refusal answers the cell before it.
        following = _first_word(cells[1].rpartition(": ")[2]) if ": " in "".join(cells[1:2]) else ""
        return following if following in ("not", "no", "off", "never", "disabled") else ""

    def main(self) -> tuple[Span, ...]:
        """What is left of the sentence and its lead-in without those parts; headings stand before it."""
        start = 0
        parts = []
        for first, last in self.excepted():
            parts.append((start, first))
            start = max(start, last)
        return (*parts, (start, EVERYTHING[1]))

    def excepts(self, span: Span) -> bool:
        """Whether words stand in a condition or an exception."""
        return any(a <= span[0] < b for a, b in self.excepted())

    def default(self) -> str:
        """What holds until somebody chooses: "on", "off", or "" when nothing is said of that."""
        if self.spans("condition.unchosen"):
            return "off" if self._denied_outright() else "on"
        if self.row and (switch := _SWITCH.get(self.words.words[-1])):
            return switch
        for state in ("off", "on"):
            if any(not self._asked_whether(span) for span in self.spans(f"condition.default-{state}")):
                return state
        return ""

    def _denied_outright(self) -> bool:
        """Whether a denial stands outside the words that tell of a choice not made."""
        unchosen = self.spans("condition.unchosen")
        return any(not any(a - 2 <= span[0] < b for a, b in unchosen) for span in self.spans("not"))

    def when_set(self, state: str) -> bool:
        """Whether it holds when a setting is on, or off: "if the setting is on"."""
        return any(self._asked_whether(span) for span in self.spans(f"condition.default-{state}"))

    def _asked_whether(self, span: Span) -> bool:
        return any(0 <= span[0] - i[1] <= 6 for i in self.spans("if", "unless"))

    def leaves_choice(self) -> bool:
        """Whether an opt-out is open here, and not overridden ("even if you opt out")."""
        overridden = self.spans("regardless")
        chosen = self.spans("condition.opt-out")
        return any(
            not any(0 <= c[0] - over[1] <= 4 for over in overridden) and not self._refused(c) for c in chosen
        )

    def spares_private_mode(self) -> bool:
        """Whether it holds unless a private mode is on."""
        modes = self.spans("condition.privacy-mode")
        return any(0 <= m[0] - u[1] <= 4 for m in modes for u in self.spans("unless"))

    def _refused(self, choice: Span) -> bool:
        """Whether there is no such choice: "owners may not opt out", "you can no longer opt out"."""
        before = " ".join(self.words.words[max(choice[0] - 5, 0) : choice[0]])
        return bool(_NO_WAY.search(before))

    def asks_consent(self) -> bool:
        """Whether consent is a condition here ("with your consent", "if you agree"), not merely a word."""
        given = [g for g in self.spans("condition.consent") if self.words.words[max(g[0] - 1, 0)] != "no"]
        lead = self.spans("if", "only", "unless", "not", "except")
        lead += [(n, n + 1) for n, word in enumerate(self.words.words) if word in _ASKS]
        return any(0 <= g[0] - one[1] <= 6 for g in given for one in lead)

    def has_opted_out(self) -> bool:
        """Whether it speaks of people who took the choice: "if you opt out", "opting out means that"."""
        chosen, verb = self.spans("condition.opt-out"), self.triggers[0][0]
        asked = self.spans("if", "once")
        subject = "opting", "opt-outs", "objecting", "disabling"
        return any(
            (c[0] < verb and self.words.words[c[0]] in subject) or any(0 <= c[0] - i[1] <= 4 for i in asked)
            for c in chosen
        )

    def _chooses_whether(self) -> bool:
        """Whether somebody other than the provider decides: "you can control in the settings whether"."""
        deciding = [
            d for d in self.spans("choosing") if any(0 <= d[0] - y[0] <= 4 for y in self.spans("you"))
        ]
        return any(0 < w[0] - d[0] <= 7 for d in deciding for w in self.spans("whether"))

    def offers_choice(self) -> bool:
        """Whether the sentence tells people how to choose, rather than what is done."""
        if self.spans("want_not", "chooses") or self._chooses_whether():
            return True
        chosen = self.spans("condition.opt-out") if self.leaves_choice() else []
        you = self.spans("you", "choice")
        negated = any(0 <= c[0] - n[0] <= 3 for c in chosen for n in self.spans("not"))
        after_if = any(0 <= c[0] - i[1] <= 6 for c in chosen for i in self.spans("if", "unless", "only"))
        if any(c[0] == self.own[0] and self.words.words[c[0]] in ("opt", "object") for c in chosen):
            return True
        return not negated and not after_if and any(0 <= c[0] - y[0] <= 8 for c in chosen for y in you)
