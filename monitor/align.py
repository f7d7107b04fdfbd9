"""Which members of two sequences correspond: common ends, anchors that occur once, then diff-match-patch."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise

from diff_match_patch import diff_match_patch

Pair = tuple[int, int]
Range = tuple[int, int, int, int]  # from, to in the one; from, to in the other

LCS_PRODUCT = 250_000  # 500 x 500 members, about 0.3 s at worst; what is larger stays unmatched
DEPTH = 24  # of anchors within gaps between anchors; each level reads its gap once
FIRST_CHARACTER = 0x4E00


def engine() -> diff_match_patch:
    """diff-match-patch without its clock: the same input always gives the same result."""
    dmp = diff_match_patch()
    dmp.Diff_Timeout = 0
    return dmp


def align(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[Pair]:
    """The positions of equal members that correspond, rising on both sides."""
    pairs: list[Pair] = []
    open_ranges = [((0, len(one), 0, len(other)), 0)]
    while open_ranges:
        span, depth = open_ranges.pop()
        span = _trim(one, other, span, pairs)
        if span[0] == span[1] or span[2] == span[3]:
            continue
        anchors = _anchors(one, other, span) if depth < DEPTH else []
        pairs += anchors or _longest_common(one, other, span)
        if anchors:
            open_ranges += [(between, depth + 1) for between in gaps(anchors, span)]
    return sorted(pairs)


def gaps(pairs: Iterable[Pair], span: Range) -> list[Range]:
    """The stretches between corresponding members, those with nothing on either side left out."""
    edges = [(span[0] - 1, span[2] - 1), *pairs, (span[1], span[3])]
    found = ((i + 1, k, j + 1, m) for (i, j), (k, m) in pairwise(edges))
    return [gap for gap in found if gap[0] < gap[1] or gap[2] < gap[3]]


def rising(pairs: Sequence[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """The heaviest choice of weighted pairs that rises on both sides; each position at most once."""
    if not pairs:
        return []
    size = max(j for _, j, _ in pairs) + 1
    best: list[tuple[float, int]] = [(0.0, -1)] * (size + 1)  # Fenwick tree of the best chain up to a j
    chains: list[tuple[float, int]] = []  # weight, previous pair of the chain that ends with this pair
    # Of one i, the larger j first: a chain cannot then use two pairs of the same i.
    order = sorted(pairs, key=lambda pair: (pair[0], -pair[1]))
    for number, (_, j, weight) in enumerate(order):
        before = _best_up_to(best, j)
        chains.append((before[0] + weight, before[1]))
        _raise(best, j + 1, (before[0] + weight, number))
    end = _best_up_to(best, size)[1]
    chosen = []
    while end >= 0:
        chosen.append(order[end])
        end = chains[end][1]
    return chosen[::-1]


def _best_up_to(tree: list[tuple[float, int]], position: int) -> tuple[float, int]:
    best = (0.0, -1)
    while position > 0:
        best = max(best, tree[position], key=lambda entry: entry[0])
        position &= position - 1
    return best


def _raise(tree: list[tuple[float, int]], position: int, entry: tuple[float, int]) -> None:
    while position < len(tree):
        if entry[0] > tree[position][0]:
            tree[position] = entry
        position += position & -position


def _trim(one: Sequence[Hashable], other: Sequence[Hashable], span: Range, pairs: list[Pair]) -> Range:
    """The span less its common ends, which are added to the pairs."""
    i, k, j, m = span
    while i < k and j < m and one[i] == other[j]:
        pairs.append((i, j))
        i, j = i + 1, j + 1
    while i < k and j < m and one[k - 1] == other[m - 1]:
        k, m = k - 1, m - 1
        pairs.append((k, m))
    return i, k, j, m


def _anchors(one: Sequence[Hashable], other: Sequence[Hashable], span: Range) -> list[Pair]:
    """The longest rising choice of members that occur once on each side (patience diff)."""
    places = _once(other, span[2], span[3])
    candidates = [
        (i, places[member]) for member, i in _once(one, span[0], span[1]).items() if member in places
    ]
    return _longest_rising(candidates)


def _once(members: Sequence[Hashable], start: int, stop: int) -> dict[Hashable, int]:
    counts = Counter(members[start:stop])
    return {members[at]: at for at in range(start, stop) if counts[members[at]] == 1}


def _longest_rising(pairs: list[Pair]) -> list[Pair]:
    tails: list[int] = []
    last: list[int] = []  # which pair ends the rising choice of each length
    previous: list[int] = []
    for number, (_, j) in enumerate(pairs):
        length = bisect_left(tails, j)
        tails[length : length + 1] = [j]
        last[length : length + 1] = [number]
        previous.append(last[length - 1] if length else -1)
    chosen = []
    at = last[-1] if last else -1
    while at >= 0:
        chosen.append(pairs[at])
        at = previous[at]
    return chosen[::-1]


def _longest_common(one: Sequence[Hashable], other: Sequence[Hashable], span: Range) -> list[Pair]:
    """The common members of a span by diff-match-patch, each member written as one character."""
    shared = set(one[span[0] : span[1]]) & set(other[span[2] : span[3]])
    left = [at for at in range(span[0], span[1]) if one[at] in shared]
    right = [at for at in range(span[2], span[3]) if other[at] in shared]
    if not shared or len(left) * len(right) > LCS_PRODUCT:
        return []
    letters = {
        member: chr(FIRST_CHARACTER + n) for n, member in enumerate(dict.fromkeys(one[at] for at in left))
    }
    parts = engine().diff_main(
        "".join(letters[one[at]] for at in left), "".join(letters[other[at]] for at in right), False
    )
    pairs = []
    i = j = 0
    for operation, text in parts:
        if operation == 0:
            pairs += [(left[i + n], right[j + n]) for n in range(len(text))]
        i += len(text) if operation <= 0 else 0
        j += len(text) if operation >= 0 else 0
    return pairs
