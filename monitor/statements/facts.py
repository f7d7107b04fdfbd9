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


@dataclass(frozen=True)
class Facts:
    """A sentence with its word classes, ready to be asked what it says."""

    words: Tokens
    hits: Hits
    own: Span
    triggers: tuple[Span, ...]
    language: str

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
        main = {name: [s for s in spans if not self._excepts(s)] for name, spans in done.items()}
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

    def main(self) -> tuple[Span, ...]:
        """What is left of the sentence and its lead-in without those parts; headings stand before it."""
        start = 0
        parts = []
        for first, last in self.excepted():
            parts.append((start, first))
            start = max(start, last)
        return (*parts, (start, EVERYTHING[1]))

    def negated(self) -> bool:
        """Whether the first of the verbs that count is denied."""
        main = [t for t in self.triggers if not self._excepts(t)] or [self.triggers[0]]
        # "Even if you do not delete it, we ...": what counts comes after the condition.
        later = [t for t in self.spans("action") if t > main[0] and not self._excepts(t)]
        verb = next((t for t in [*main, *later] if not self._in_condition(t)), main[0])
        denied = self.hits.get("not_negating", [])
        limits = {span[0] for span in denied}  # "but not limited to"
        breaks = [span for span in self.spans("unless", "but") if span[1] not in limits]
        for span in self.hits.get("not", []):
            if span[0] < 0 or any(a <= span[0] < b for a, b in denied):
                continue
            if self._denies(span, verb, breaks):
                return True
        return False

    def _excepts(self, span: Span) -> bool:
        return any(a <= span[0] < b for a, b in self.excepted())

    def _in_condition(self, span: Span) -> bool:
        """Whether words stand in a clause that only says when: "even if you do not delete it, we ..."."""
        return any(i[0] < span[0] < self.comma_after(i[1]) < len(self.words) for i in self.spans("if"))

    def _denies(self, negation: Span, verb: Span, breaks: list[Span]) -> bool:
        distance = verb[0] - negation[0]
        reach = -8 if self.language == "de" else 0
        if not reach <= distance <= 24:
            return False
        if any(negation[0] < b[0] < verb[0] for b in breaks) or self._of_the_past(negation, verb):
            return False
        if self._lacks(negation):
            return False
        if any(
            0 <= chosen[0] - negation[0] <= 3
            for chosen in self.spans("condition.opt-out", "condition.opt-in")
        ):
            return False
        if any(a <= negation[0] < b for a, b in self.spans("want_not")) or self._new_clause(negation, verb):
            return False
        # "If you have not opted out, we use it": what is denied stands in the condition alone.
        return not any(
            i[0] < negation[0] < self.comma_after(i[1]) <= verb[0] and self._comma_between(negation, verb)
            for i in self.spans("if")
        )

    def _lacks(self, negation: Span) -> bool:
        """Whether it denies a thing beside the verb: "may use it without payment", not "without using it"."""
        if self.words.words[negation[0]] not in ("without", "sans", "ohne", "sin"):
            return False
        return not any(0 <= deed[0] - negation[1] <= 2 for deed in self.spans("action", "use"))

    def _of_the_past(self, negation: Span, verb: Span) -> bool:
        """Whether it denies what happened before: "files that have not been opened will be deleted"."""
        perfect = self.words.words[max(negation[0] - 1, 0)] in ("has", "have", "had")
        return perfect and any(negation[1] < may[0] < verb[0] for may in self.spans("may"))

    def _new_clause(self, negation: Span, verb: Span) -> bool:
        """Whether a clause with its own subject begins between them: "is not public, and we may use it"."""
        after = self.comma_after(negation[1])
        modals = [span[0] for span in self.spans("may", "use", "action")]
        return any(
            after <= who[0] < verb[0] and any(0 <= modal - who[1] <= 1 for modal in modals)
            for who in self.spans("we", "they")
        )

    def _comma_between(self, one: Span, other: Span) -> bool:
        return one[0] < self.comma_after(one[0]) <= other[0]

    def leaves_choice(self) -> bool:
        """Whether an opt-out is open here, and not overridden ("even if you opt out")."""
        overridden = self.spans("regardless")
        chosen = self.spans("condition.opt-out")
        return any(not any(0 <= c[0] - over[1] <= 4 for over in overridden) for c in chosen)

    def asks_consent(self) -> bool:
        """Whether consent is a condition here ("with your consent", "if you agree"), not merely a word."""
        given = self.spans("condition.consent")
        lead = self.spans("if", "only", "unless", "not", "except")
        lead += [
            (n, n + 1)
            for n, word in enumerate(self.words.words)
            if word in ("with", "avec", "mit", "con", "upon", "rely", "based")
        ]
        return any(0 <= g[0] - one[1] <= 6 for g in given for one in lead)

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
        return not negated and not after_if and any(0 <= c[0] - y[0] <= 8 for c in chosen for y in you)
