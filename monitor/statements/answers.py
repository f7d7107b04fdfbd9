"""Questions with their answers, told as statements: "Do you train on my files? No." denies what it asks."""

from __future__ import annotations

import re

_ANSWER = re.compile(
    r"(?:(?:by default|in short|generally|currently|at present|standardmäßig|par défaut|por defecto),? )?"
    r"(?P<word>yes|absolutely|correct|certainly|always|no|nope|never|not|none|oui|non|jamais|ja|nein|nie"
    r"|sí|nunca|是的?|会的?|不会?|否|没有)(?!\w|-)[.,;:!—– 。，；！]*",
    re.IGNORECASE,
)
_HALF_SAID = re.compile(
    r"(?:(?:no|yes),? )?(?:we|it|they|that|this|[A-Z]\w+) (?:do|does|is|are|will|may|can|have)"
    r"(?P<denied> not| never|n['’]t)?(?: not| never)?"
    r"(?P<rest>[.,;:].*|(?: if| unless| only| when| where| for)\b.*)?$",
    re.DOTALL,
)
_LIMITS = re.compile(
    r"(?:only|unless|if|when|where|except|sometimes|with|without|seulement|uniquement|nur|solo|sólo|仅|只)\b|仅|只",
    re.IGNORECASE,
)
_DENIES = frozenset("no nope never not none non jamais nein nie nunca 不 不会 否 没有".split())
_NOT = {"en": "not", "fr": "ne pas", "de": "nicht", "es": "no", "zh": "不会"}
"""The denial to be read before what is asked."""
_ASKED = re.compile(
    r"(?:and |but |so )?(?:do|does|did|will|would|can|could|may|might|are|is|am|have|has) (?P<rest>.+)", re.I
)
_OURS = (
    (re.compile(r"\b[Yy]our\b"), "our"),
    (re.compile(r"\b[Mm]y\b"), "your"),
    (re.compile(r"\b[Mm]e\b"), "you"),
    (re.compile(r"^you\b", re.I), "we"),
    (re.compile(r"\bI\b"), "you"),
)


def replies(answer: str) -> bool:
    """Whether a sentence begins with a yes or a no."""
    return bool(_ANSWER.match(answer))


def told(question: str, answer: str, language: str) -> str:
    """What a question and the first sentence of its answer state together; "" where that is no answer."""
    asked = question.rstrip(" ?？*_\"'”")
    match = _ASKED.match(asked)
    if language == "en" and not match:
        return ""  # "How do you train?" is not answered by yes or no
    asked = _turned(match["rest"] if match else asked)
    if half := _HALF_SAID.match(answer):
        return _joined(asked, half["rest"] or "", bool(half["denied"]), language)
    if said := _ANSWER.match(answer):
        return _joined(asked, answer[said.end() :], said["word"].lower() in _DENIES, language)
    return _joined(asked, answer, False, language) if _LIMITS.match(answer) else ""


def _turned(asked: str) -> str:
    """A question as the one asked would say it: "you train on my files" is "we train on your files"."""
    for pattern, ours in _OURS:
        asked = pattern.sub(ours, asked)
    return asked


def _joined(asked: str, rest: str, denied: bool, language: str) -> str:
    rest = rest.strip(" .,;:")
    after = f" {rest[:1].lower()}{rest[1:]}" if rest else ""
    return f"{_NOT[language]} {asked}{after}" if denied and language in _NOT else f"{asked}{after}"
