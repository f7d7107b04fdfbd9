"""Lengths of time in legal text, made comparable: "thirty (30) days", "18 months", "半年", "30 jours"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.model import Duration

# Days per unit. A month is a twelfth of a year, so that 12 months equal one year; five working days
# make a week.
_DAYS = {
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "day": 1.0,
    "working day": 7 / 5,
    "week": 7.0,
    "fortnight": 14.0,
    "month": 365 / 12,
    "quarter": 365 / 4,
    "year": 365.0,
    "decade": 3650.0,
}
_UNIT_WORDS = {
    "minute": "minutes? minuten? minutos? 分钟 分鐘",
    "hour": "hours? hrs? heures? stunden? horas? 小时 小時 個小時 个小时",
    "day": "days? jours? tage?n? tägige?[nrs]? días? dias? 天 日",
    "working day": "个工作日 個工作日 工作日",
    "week": "weeks? semaines? wochen? semanas? 周 週 星期 个星期",
    "fortnight": "fortnights?",
    "decade": "decades? jahrzehnte?n? décennies? décadas?",
    "month": "months? mois monate?n? mesi? mes(?:es)? 个月 個月 個月間",
    "quarter": "quarters? trimestres? quartale?n? 个季度 季度",
    "year": "years? yrs? ans? années? jahre?n? años? 年",
}
_ADJECTIVES = {
    "calendar": "calendar rolling consecutive full further additional more kalendertage?",
    "working": "business working banking ouvrables? ouvrés? hábiles? laborables?",
}
_NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen",
    "- un|une deux trois quatre cinq - sept huit neuf dix onze douze treize quatorze quinze seize",
    "- ein|eine|einem|einen|einer|eines zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn"
    " vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn",
    "- uno|una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis"
    " diecisiete dieciocho diecinueve",
)
_TENS_WORDS = {
    20: "twenty vingt zwanzig veinte",
    24: "vierundzwanzig veinticuatro",
    30: "thirty trente dreißig dreissig treinta",
    36: "sechsunddreißig",
    40: "forty quarante vierzig cuarenta",
    45: "fünfundvierzig",
    48: "achtundvierzig",
    50: "fifty cinquante fünfzig cincuenta",
    60: "sixty soixante sechzig sesenta",
    70: "seventy siebzig setenta",
    72: "zweiundsiebzig",
    80: "eighty quatre-vingts? achtzig ochenta",
    90: "ninety quatre-vingt-dix neunzig noventa",
    100: "hundred cent hundert cien ciento",
}
# "By the thirtieth day"; smaller ones are seldom lengths ("the first year").
_ORDINALS = {
    10: "tenth",
    14: "fourteenth",
    15: "fifteenth",
    20: "twentieth",
    30: "thirtieth",
    45: "forty-fifth",
    60: "sixtieth",
    90: "ninetieth",
}


def _word_values() -> dict[str, int]:
    values = {
        word: number
        for line in _NUMBER_WORDS
        for number, words in enumerate(line.split())
        for word in words.split("|")
    }
    values |= {word.replace("?", ""): number for number, line in _TENS_WORDS.items() for word in line.split()}
    values |= {word.replace("?", ""): number for number, line in _ORDINALS.items() for word in line.split()}
    values.pop("-")
    return values


_VALUES = _word_values()
_WORD = "|".join(sorted(map(re.escape, _VALUES), key=len, reverse=True))
_HANZI = "〇零一二两兩三四五六七八九十百"
_DIGITS = r"\d{1,3}(?:,\d{3})+|\d{1,3}th(?= )|\d{1,4}(?:[.,]\d+)?"
_NUMBER = rf"(?:{_DIGITS}|\b(?:{_WORD})(?:[ -](?:and )?(?:{_WORD})){{0,3}}|[{_HANZI}]{{1,6}})"
_BRACKET = r"(?: ?[(（](?:\d{1,4}|[^\W\d_]{2,12}(?:[ -][^\W\d_]{2,12}){0,2})[)）])?"
_GAP = r"[ \u00a0\u2009\u202f\-\u2010\u2011]?"
_ADJECTIVE = "|".join(" ".join(_ADJECTIVES.values()).split())
_ADJECTIVES_BEFORE = rf"(?:(?:{_ADJECTIVE}) ){{0,2}}"
_UNIT = "|".join(
    word if word[0] > "ÿ" else rf"{word}(?![^\W\d_])"  # 天 may touch the next word, "day" may not
    for word in sorted(" ".join(_UNIT_WORDS.values()).split(), key=len, reverse=True)
)
# "and" joins a range only after "between"; a dash only between digits ("one hundred and twenty-four").
_AND = r" (?:and|et|und|y) "
_TO = r" ?(?:(?<=\d)[-–—~](?=\d)|(?<=\d )[-–—](?= \d)|[至到~]|\b(?:to|or|à|ou|bis|oder|a|o)\b) ?"
_RANGE = (
    rf"(?<![\w.,$€£¥])(?P<between>(?:between|entre|zwischen) )?(?P<low>{_NUMBER}){_BRACKET}"
    rf"(?:{_GAP}(?P<low_unit>{_UNIT}))?(?(between)(?:{_AND})|(?:{_TO}))(?P<high>{_NUMBER}){_BRACKET}{_GAP}"
    rf"(?P<range_adjective>{_ADJECTIVES_BEFORE})(?P<range_unit>{_UNIT})(?P<range_after> (?:{_ADJECTIVE})\b)?"
)
_ONE = (
    rf"(?<![\d.,$€£¥])(?<![^\W\d_{_HANZI}\u3400-\u9fff])(?P<number>{_NUMBER}){_BRACKET}{_GAP}"
    rf"(?P<adjective>{_ADJECTIVES_BEFORE})(?P<unit>{_UNIT})(?P<after> (?:{_ADJECTIVE})\b)?"
)
_HALF = r"(?P<half>半年|半个月|\bhalf a year\b)"
# "a year" is a length after these words; after others it is a rate ("24 hours a day").
_ARTICLE = (
    r"\b(?:for|within|after|of|to|than|over|least|most|another|pendant|après|durante|nach) "
    rf"(?P<article>an? (?:{_UNIT})|(?<=within )the (?:hour|day|week|month|year)\b)"
    rf"|\b(?P<every>every (?:{_UNIT})|an? (?:{_UNIT})(?= (?:after|following|later)\b))"
)
_DURATION = re.compile("|".join((_RANGE, _ONE, _HALF, _ARTICLE)), re.IGNORECASE)
_SHORT = re.compile(r"(\d+) ?(h|d|w|mo|y)", re.IGNORECASE)
_SHORT_UNITS = {"h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}

# What may stand between the words of a bound and the number: "up to a further period of 30 days".
_CONNECTING = (
    r"[\s(]*(?:(?:an?|the|une?|les|einem?|einer|una?|los) )?(?:(?:maximum|additional|further) )?"
    r"(?:(?:period|term|durée|période|dauer|periodo|plazo) (?:of |de |von )?)?(?:\(?[a-zivx]{1,3}\) ?)?"
)
_UP_TO = (
    r"up to|at most|at the latest|not? (?:more|later|longer|greater) than|not (?:to )?exceed(?:ing)?"
    r"|never exceeds?|within"
    r"|maximum(?: period)?(?: of)?|(?<!no )(?<!not )less than|fewer than|under"
    r"|jusqu['’]à|au plus tard|maximum de|dans|sous"
    r"|n['’]excédant pas|bis zu|höchstens|maximal|spätestens(?: nach)?|innerhalb von|binnen|hasta"
    r"|como máximo|no más de|dentro de|en un plazo de|不超过|不超過|最长|最多|至多|在"
)
_AT_LEAST = (
    r"at least|at the earliest|no earlier than|not before"
    r"|minimum(?: period)?(?: of)?|not? less than|more than|longer than|over|past|beyond"
    r"|in excess of|au moins|plus de"
    r"|mindestens|wenigstens|mehr als|al menos|como mínimo|más de|不少于|不少於|至少|超过|不低于"
)
_BEFORE = tuple(
    (bound, re.compile(rf"(?:{words}){_CONNECTING}$", re.IGNORECASE))
    for bound, words in (("up-to", _UP_TO), ("at-least", _AT_LEAST))
)
_AFTER = tuple(
    (bound, re.compile(rf"\s*(?:{words})", re.IGNORECASE))
    for bound, words in (
        (
            "up-to",
            r"at the latest|or (?:less|fewer|sooner)|maximum|at (?:the )?most"
            r"|以内|之内|内|以下|au plus|au maximum",
        ),
        (
            "at-least",
            r"at the earliest|or (?:more|longer)|minimum|at (?:the )?least"
            r"|以上|及以上|ou plus|oder länger|o más",
        ),
    )
)
_LATER = r"(?P<later>later|longer|greater|latest|longest|last)"
_EARLIER = r"(?P<earlier>earlier|shorter|lesser|earliest|shortest|sooner|first)"
_OF = re.compile(rf"\b(?:{_LATER}|{_EARLIER}) of\b[^.;]{{0,160}}$", re.IGNORECASE)
_WHICHEVER = re.compile(
    rf"[^.;]{{0,160}}\bwhichever (?:(?:is|comes|occurs|period is) )?(?:the )?(?:{_LATER}|{_EARLIER})\b",
    re.IGNORECASE,
)


def durations(text: str) -> tuple[Duration, ...]:
    """Every duration that a text states, in order, in any of the known languages."""
    return tuple(_found(text))


def parse_duration(text: str) -> Duration | None:
    """The one duration that a short text is: "30 days", "30 to 60 days", "12h"; None when it is not one."""
    text = text.strip()
    if short := _SHORT.fullmatch(text):
        days = int(short[1]) * _DAYS[_SHORT_UNITS[short[2].lower()]]
        return Duration(text, days, days)
    found = durations(text)
    return found[0] if len(found) == 1 else None


# A text without a unit word holds no duration, which is quickly seen.
_HAS_UNIT = re.compile(rf"(?<![^\W\d_])(?:{_UNIT})|[天日周週月年期季时時]", re.IGNORECASE)


def _found(text: str) -> Iterator[Duration]:
    if not _HAS_UNIT.search(text):
        return
    for match in _DURATION.finditer(text):
        lengths = _lengths(match, text)
        if lengths:
            words = match["article"] or match["every"] or match[0].strip()
            yield Duration(words, max(lengths), min(lengths), _bound(text, match))


def _lengths(match: re.Match[str], text: str) -> tuple[float, ...]:
    """The length, or both ends of a range, in days; nothing for what only looks like a duration."""
    if match["half"]:
        return (15.0,) if match["half"] == "半个月" else (365 / 2,)
    if unit := match["article"] or match["every"]:
        return (_DAYS[_unit(unit.split(maxsplit=1)[1])],)
    kind = "range_" if match["high"] else ""
    number, unit_word = match["high"] or match["number"], match[f"{kind}unit"]
    unit = _unit(unit_word, f"{match[f'{kind}adjective']} {match[f'{kind}after'] or ''}")
    if _is_date(_value(number), unit, unit_word, text[: match.start()], text[match.end() :]):
        return ()
    if match["high"]:
        low_unit = _unit(match["low_unit"]) if match["low_unit"] else unit
        return _value(match["low"]) * _DAYS[low_unit], _value(number) * _DAYS[unit]
    # "一年半" is eighteen months.
    half = 0.5 if unit_word == "年" and text[match.end() : match.end() + 1] == "半" else 0.0
    return ((_value(number) + half) * _DAYS[unit],)


def _is_date(number: float, unit: str, word: str, before: str, after: str) -> bool:
    """Whether "2025年", "23年8月" or "8月28日" names a point in time, or "18 years" an age."""
    if unit == "year" and (number >= 1900 or (word == "年" and re.match(r"\d{1,2}月", after))):
        return True
    if unit == "year" and _OLD.match(after):
        return True
    if unit == "year" and _OLDEST_YOUNG >= number >= _YOUNGEST and _OF_AGE.search(before):
        return True
    return word == "日" and before.endswith("月")


_OLD = re.compile(r"[ -]*(?:of age|old\b|d['’]âge|de edad|alt\b)", re.IGNORECASE)
_OF_AGE = re.compile(
    r"\b(?:ages?(?: of)?|aged|under|younger than|older than|menor(?:es)? de|mayor(?:es)? de|moins de"
    r"|âgée?s? de(?: moins de| plus de)?|unter|jünger als)\s*$",
    re.IGNORECASE,
)
_YOUNGEST, _OLDEST_YOUNG = 12, 21
"""Ages of which terms speak."""


_UNIT_PATTERNS = {
    name: re.compile("|".join(words.split()), re.IGNORECASE) for name, words in _UNIT_WORDS.items()
}
_WORKING = re.compile("|".join(_ADJECTIVES["working"].split()), re.IGNORECASE)


def _unit(word: str, adjectives: str = "") -> str:
    unit = next(name for name, words in _UNIT_PATTERNS.items() if words.fullmatch(word))
    working = unit == "day" and any(_WORKING.fullmatch(adjective) for adjective in adjectives.split())
    return "working day" if working else unit


def _value(number: str) -> float:
    """The value of digits, of number words ("one hundred and eighty") or of Chinese numerals."""
    if number[0].isdigit():
        thousands = re.fullmatch(r"\d{1,3}(?:,\d{3})+", number)
        return float(number.removesuffix("th").replace(",", "" if thousands else "."))
    if number[0] in _HANZI:
        return _hanzi(number)
    total = 0
    for word in re.findall(_WORD, number.lower()):
        value = _VALUES[word]
        total = max(total, 1) * 100 if value == 100 else total + value
    return float(total)


def _hanzi(number: str) -> float:
    total, digit = 0, 0
    for sign in number.replace("两", "二").replace("兩", "二").replace("〇", "零"):
        if sign in "十百":
            total, digit = total + max(digit, 1) * (10 if sign == "十" else 100), 0
        else:
            digit = "零一二三四五六七八九".index(sign)
    return float(total + digit)


def _bound(text: str, match: re.Match[str]) -> str:
    """How the text bounds the length: exactly, up-to, at-least, later-of or earlier-of."""
    start = match.start("article") if match["article"] else match.start()
    before, after = text[max(0, start - 200) : start], text[match.end() : match.end() + 200]
    if choice := _OF.search(before) or _WHICHEVER.match(after):
        return "later-of" if choice["later"] else "earlier-of"
    bounds = [bound for bound, words in _BEFORE if words.search(before[-60:])]
    bounds += [bound for bound, words in _AFTER if words.match(after)]
    return bounds[0] if bounds else "exactly"
