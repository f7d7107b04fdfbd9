"""Whether what is kept is data: "kept for 30 days" is said of luggage, seats and prices too."""

from __future__ import annotations

import re

from monitor.statements.facts import Hits
from monitor.statements.heard import Heard
from monitor.statements.rules import Topic

_OF_THINGS_TOO = frozenset(("keep", "store", "remove", "return"))
"""Deeds that are done to things as well; what is erased or logged is data."""
_DATA_ABOUT = re.compile(
    r"\b(?:data|servers?|databases?|cloud|back-?ups?|privacy|retention|delet\w+|eras\w+|purg\w+|upload\w*"
    r"|encrypt\w*|anonymi\w+|de-?identif\w+|pseudonymi\w+|accounts?|devices?|apps?|settings?|software|platform"
    r"|online|chatbots?|assistants?|disk|logs?|logged|archiv\w+|legal hold|court|systems?|transcri\w+|cached?"
    r"|records?|log-?ins?|workspaces?|readings|locations?|types?|typed|recover\w*|restor\w+|visits?|profiles?"
    r"|e-?mails?|prompts?|API|chats?|recordings?|footage|camera|scann?\w*|biometric\w*|GPS|sensors?|searches)\b",
    re.IGNORECASE,
)


def is_of_data(heard: Heard, hits: Hits, topic: Topic) -> bool:
    """Whether something tells that data is meant: a kind of data by its name, a deed, or words around."""
    if heard.language != "en" or heard.sentence.headers:
        return True
    if hits.get("audience.zero-data-retention"):
        return True
    known = topic.words["en"].names
    kinds = (name for name, spans in hits.items() if name in known and any(s[0] >= 0 for s in spans))
    if any(name.startswith("object.") for name in kinds):
        return True
    deeds = {name.split(".", 1)[1] for name, spans in hits.items() if name.startswith("action.") and spans}
    if deeds - _OF_THINGS_TOO:
        return True
    if hits.get("pronoun") and not heard.around.before:
        return True  # nothing tells what it stands for
    around = heard.around
    return bool(_DATA_ABOUT.search(" ".join((heard.sentence.asked, around.before, *around.above))))
