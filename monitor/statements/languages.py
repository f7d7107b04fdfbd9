"""Which languages rules can be written for; the built-in ones are written for all of them."""

from __future__ import annotations

LANGUAGES = ("en", "zh", "fr", "de", "es")


def is_ruled(language: str) -> bool:
    """Whether the built-in rules can read a text in a language ("en", "zh-CN"); "" is read as English."""
    return not language or language.lower().split("-")[0] in LANGUAGES
