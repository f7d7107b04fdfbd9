"""Lists of patterns, one a line."""

from __future__ import annotations

import re


def any_line(lines: str) -> re.Pattern[str]:
    """One pattern for all lines; an apostrophe stands for both of its forms."""
    patterns = (line.strip().replace("'", "['’]") for line in lines.splitlines() if line.strip())
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
