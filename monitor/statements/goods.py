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


_NAMED = {
    "de": re.compile(
        r"daten|protokoll|aufbewahr\w*(?:frist|dauer)|speicher(?:frist|dauer|ung)|lösch|konto|konten|backup|sicherung"
        r"|e-?mail|anschrift|adresse|rechnung|anh[aä]ng|bewerb|ticket|anfrage|server|cloud|cookie|chat|verlauf|verläufe"
        r"|information|angaben|unterlagen|dokument|datei|belege|nachricht|profil|aufnahme|aufzeichnung|einträge|kopie"
        r"|system|gerät|sprach|privatsphäre|datenschutz",
        re.IGNORECASE,
    ),
    "es": re.compile(
        r"datos|registro|conservación|retención|supresión|borrado|cuenta|copias?\b|respaldo|correo|direcci[óo]n|factura"
        r"|adjunto|curr[íi]cul|candidatura|solicitud|ticket|consulta|servidor|nube|cookie|chat|historial|informaci[óo]n"
        r"|documento|archivo|fichero|mensaje|perfil|grabaci|sistema|dispositivo|voz|privacidad|contenido|fotos?\b",
        re.IGNORECASE,
    ),
    "fr": re.compile(
        r"données|journa|conservation|rétention|suppression|effacement|compte|copies?\b|sauvegarde|courriel"
        r"|e-?mail|adresse|facture|pièces? j|candidature|ticket|demande|serveur|cloud|cookie|conversation"
        r"|historiqu|information|document|fichier|message|profil|enregistrement|système|appareil|vo(?:ix|cal)"
        r"|contenu|photos?\b|électronique|vie privée",
        re.IGNORECASE,
    ),
}
"""What tells in other languages that data is meant."""
_REFERS = re.compile(r"\W*(?:Se|Sie|Diese[rs]?|Ils?|Elles?|Ce(?:ux|lles)-ci|Ést[oa]s|Est[oa]s) ")
"""How a sentence begins that leans on one before it."""


def is_of_data(heard: Heard, hits: Hits, topic: Topic) -> bool:
    """Whether something tells that data is meant: a kind of data by its name, a deed, or words around."""
    if heard.language == "zh" or heard.sentence.headers:
        return True
    if heard.language != "en":
        return _is_named(heard, hits, topic)
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


def _is_named(heard: Heard, hits: Hits, topic: Topic) -> bool:
    """The same for the other languages: something is deleted, or data is named here or around."""
    named = topic.words[heard.language].names
    if any(spans and (name == "action.delete" or _is_kind(name, named)) for name, spans in hits.items()):
        return True
    around = heard.around
    if not around.before and _REFERS.match(heard.sentence.text):
        return True  # nothing tells what it stands for
    return bool(_NAMED[heard.language].search(" ".join((heard.sentence.asked, around.before, *around.above))))


def _is_kind(name: str, known: frozenset[str]) -> bool:
    return name.startswith("object.") and name in known
