"""Whether a text is a version of the one before: another document, one cut off, one that shrank."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.guard.likeness import KIND, WORD, Text
from monitor.guard.sight import Sight
from monitor.model import Block, Blocks, Capture, Reason
from monitor.normal import key

STOPS = (".", "!", "?", ":", ";", ")", "]", '"', "”", "’", "。", "！", "？", "；", "：", "）")


def other_document(seen: Sight) -> Iterator[Reason]:
    """Most of the text is new, and by its title or its words it is no version of the old document."""
    if seen.old is None or seen.kept > 0.2:
        return
    other_kind = seen.new.kinds and seen.old.kinds and not seen.new.kinds & seen.old.kinds
    if other_kind:
        names = " and ".join(sorted(seen.new.kinds))
        yield Reason("other-document", f"most of the text is another, and its title speaks of {names}")
    elif seen.kept < 0.1 and seen.new.genres and seen.old.genres and not seen.new.genres & seen.old.genres:
        names = " and ".join(sorted(seen.new.genres))
        yield Reason("other-document", f"nearly all of the text is another, and its title speaks of {names}")
    elif not seen.new.kinds and seen.kept < 0.1 and seen.new.legal < 0.35 * seen.old.legal:
        yield Reason("other-document", "most of the text is another, and it does not read like terms")


def cut_off(seen: Sight) -> Iterator[Reason]:
    """The text stops in the middle of a sentence at which the last version went on."""
    rest = _missing_tail(seen)
    if not rest:
        return
    last, continued = key(seen.page.blocks[-1]), key(rest[0])
    begins = continued.startswith(last) and continued != last
    # A last block may well have been shortened, but not by half a sentence.
    if begins and (len(rest) > 1 or _is_half(seen.page.blocks[-1].text, rest[0].text)):
        yield Reason("truncated", f"the text breaks off after {last[-60:]!r}")
    elif (begins or len(rest) > 1) and _lost_its_end(seen):
        yield Reason("truncated", "the page ends before its closing tags, and the end of the text is missing")


def _is_half(text: str, whole: str) -> bool:
    """Whether a text stops in the middle of a sentence that the whole one ends."""
    return whole.rstrip().endswith(STOPS) and not text.rstrip().endswith(STOPS)


def _missing_tail(seen: Sight) -> tuple[Block, ...]:
    """The blocks of the last version from the last one of this page on, if all before it are the same."""
    if seen.old is None or seen.ratio >= 1 or not seen.page.blocks:
        return ()
    old = seen.old.blocks
    last = len(seen.page.blocks) - 1
    if last >= len(old):
        return ()
    same = sum(key(ours) == key(theirs) for ours, theirs in zip(seen.page.blocks[:last], old, strict=False))
    return old[last:] if same >= 0.9 * last else ()


def _lost_its_end(seen: Sight) -> bool:
    before = seen.previous.capture
    return before is not None and has_its_end(before) and not has_its_end(seen.capture)


def has_its_end(capture: Capture) -> bool:
    """Whether a page ends with the tag that closes it; many whole pages leave it out."""
    return b"</html>" in capture.body[-2000:].lower()


def shrank(seen: Sight) -> Iterator[Reason]:
    """Much is gone and nothing came in its place."""
    if seen.old is None or seen.ratio > 0.7 or seen.new.share_in(seen.old) < 0.8:
        return
    if seen.ratio < 0.5:
        yield Reason(
            "shrank", f"{seen.size} words are left of {len(seen.old.words)}; waiting to see this again"
        )
    elif _missing_tail(seen):
        yield Reason(
            "tail-missing", f"the text ends after {seen.ratio:.0%} of the last one; waiting to see this again"
        )


# --- two documents on one page -----------------------------------------------------------------

LONGEST_TITLE = 6  # words
FEWEST_OF_ANOTHER = 200  # words of a document that stands beside another
ITSELF = re.compile(
    r"\b(?:this|these|our)\s+(?:\w+\s+){0,2}(?:policy|policies|notice|statement|terms|agreement|guidelines)\b"
    r"|\b(?:diese|cette|esta|este|questa)\s+(?:\w+\s+){0,2}"
    r"(?:richtlinie|erklärung|bedingungen|politique|conditions|política|condiciones|termini)\b"
    r"|本(?:政策|协议|条款|声明)|本(?:ポリシー|規約)",
    re.IGNORECASE,
)


def joined(seen: Sight) -> Iterator[Reason]:
    """A whole document came beside the one that is watched, or went: two of them on one page."""
    if seen.old is None:
        return
    if title := _beside(seen.new, seen.old):
        yield Reason("joined", f"another document, {title!r}, stands beside it; waiting to see this again")
    elif title := _beside(seen.old, seen.new):
        yield Reason("parted", f"{title!r}, which stood beside it, is gone; waiting to see this again")


def _beside(more: Text, fewer: Text) -> str:
    """The title of a document of another kind that one text has in one piece, and the other has not."""
    if len(more.words) - len(fewer.words) < FEWEST_OF_ANOTHER or fewer.share_in(more) < 0.95:
        return ""
    known = {key(block) for block in fewer.blocks}
    extra = [at for at, block in enumerate(more.blocks) if key(block) and key(block) not in known]
    for at in extra:
        block = more.blocks[at]
        if _titles_another(block, fewer) and _speaks_of_itself(more.blocks[at:]):
            return block.text if _is_one_piece(extra, at) else ""
    return ""


def _titles_another(block: Block, fewer: Text) -> bool:
    """Whether a block is the title of a kind of document that the page is not called."""
    if len(WORD.findall(block.text)) > LONGEST_TITLE or block.text.endswith(STOPS):
        return False
    kinds = {kind for kind, pattern in KIND.items() if pattern.search(block.text)}
    return bool(kinds) and not kinds & fewer.kinds


def _speaks_of_itself(blocks: Blocks) -> bool:
    return any(ITSELF.search(block.text) for block in blocks[1:6])


def _is_one_piece(extra: list[int], start: int) -> bool:
    """Whether what one text has more stands together from a title on."""
    return extra[0] >= start - 2 and extra[-1] - extra[0] < 1.5 * len(extra)


# --- the edition of a region -------------------------------------------------------------------

LEAD = 12  # blocks in which a document says whom it is for
NEARLY_THE_SAME = 0.97  # an edition that differs in fewer words is no other one
PLACE = (
    r"(?:live|reside|are\s+(?:located|based|resident|a\s+resident)|have\s+your\s+(?:residence|seat))"
    r"\s+(?:in|of|outside)\b"
)
FOR_REGION = re.compile(
    rf"\b(?:this|these)\b[^.]{{0,60}}\b(?:applies|apply)\s+(?:only\s+)?(?:to\s+you\s+)?(?:if|where)\s+you\s+"
    rf"(?:{PLACE}|are\s+an?\s+(?:\w+\s+){{1,3}}(?:who|that)\s+(?:is\s+)?(?:resident|located|based|lives|resides)\s+in\b)"
    rf"|\b(?:for|to)\s+(?:residents|users|customers|people|individuals)\s+(?:who\s+)?(?:{PLACE}|(?:located\s+)?in\s+the\b)",
    re.IGNORECASE,
)
NOT_FOR_REGION = re.compile(
    rf"\bif\s+you\s+{PLACE}[^.]{{0,120}}(?:govern|appl(?:y|ies)|(?:see|read|refer\s+to|visit)\b)",
    re.IGNORECASE,
)
REGIONS = re.compile(
    r"\b(?:europe(?:an)?|eea|eu|uk|united\s+kingdom|switzerland|u\.?s\.?a?|united\s+states|california|canada|brazil|brasil"
    r"|japan|korea|china|india|australia|global|international|rest\s+of\s+(?:the\s+)?world|non-eu|apac|latam)\b",
    re.IGNORECASE,
)


def other_edition(seen: Sight) -> Iterator[Reason]:
    """The edition for another region: what one text says to hold for its readers, the other sends away."""
    if seen.old is None or seen.kept > NEARLY_THE_SAME:
        return
    new, old = (blocks[:LEAD] for blocks in (seen.page.blocks, seen.old.blocks))
    came, went = _for_regions(new), _for_regions(old)
    if came and went and not came & went:
        yield Reason(
            "other-edition", f"the text is for {_listed(came)}, where the last one was for {_listed(went)}"
        )
        return
    if seen.kept > 0.9:
        return
    for one, other in ((new, old), (old, new)):
        told = next((b.text for b in one if FOR_REGION.search(b.text) and REGIONS.search(b.text)), "")
        if told and any(_sends_away(block.text, told) for block in other) and not _has(other, told):
            yield Reason("other-edition", f"the edition for another region came: {told[:120]!r}")
            return
    if (named := _region(new)) and (before := _region(old)) and named != before:
        yield Reason("other-edition", f"the edition for {named!r} came, where that for {before!r} stood")


def _for_regions(blocks: Blocks) -> set[str]:
    """The places for whose people a document says that it is."""
    told = (
        sentence for block in blocks for sentence in block.text.split(". ") if FOR_REGION.search(sentence)
    )
    return {place.casefold() for sentence in told for place in REGIONS.findall(sentence)}


def _listed(places: set[str]) -> str:
    return ", ".join(sorted(places))


def _sends_away(text: str, told: str) -> bool:
    """Whether a text sends those to another document whom `told` names."""
    places = {place.casefold() for place in REGIONS.findall(told)}
    return any(
        places & {place.casefold() for place in REGIONS.findall(found[0])}
        for found in NOT_FOR_REGION.finditer(text)
    )


def _has(blocks: Blocks, text: str) -> bool:
    return any(block.text == text for block in blocks)


def _region(blocks: Blocks) -> str:
    """The one region that the title names: "Terms of Use (EEA)"."""
    title = next((block.text for block in blocks), "")
    found = {place.casefold() for place in REGIONS.findall(title)}
    return found.pop() if len(found) == 1 and len(WORD.findall(title)) <= 2 * LONGEST_TITLE else ""


# --- a last version that was not whole ---------------------------------------------------------


def resumes(old: Blocks, new: Blocks) -> int | None:
    """Where a text goes on that broke off in the middle of a sentence before; None where none did."""
    last = len(old) - 1
    if last < 0 or last >= len(new) or old[last].text.rstrip().endswith(STOPS):
        return None
    broken, whole = key(old[last]), key(new[last])
    same = sum(key(ours) == key(theirs) for ours, theirs in zip(old[:last], new, strict=False))
    if not whole.startswith(broken) or whole == broken or same < 0.9 * last:
        return None
    ends = new[last].text.rstrip().endswith(STOPS)
    return last if ends and (len(new) > len(old) or last) else None
