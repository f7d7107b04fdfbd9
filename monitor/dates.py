"""Dates in the formats and languages of terms pages, and times that run on by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

# One line a month: English, French, German, Spanish, Portuguese, Italian, Dutch; with short forms.
MONTH_NAMES = (
    "january jan janvier janv januar jänner jän enero ene janeiro gennaio gen januari",
    "february feb février févr février fevrier februar febrero fevereiro fev febbraio februari",
    "march mar mars märz mär marzo março maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maio maggio mag mei",
    "june jun juin juni junio junho giugno giu",
    "july jul juillet juil juli julio julho luglio lug",
    "august aug août aout agosto ago augustus",
    "september sept sep septembre septiembre setembro settembre set",
    "october oct octobre oktober okt octubre outubro out ottobre ott",
    "november nov novembre noviembre novembro",
    "december dec décembre déc decembre dezember dez diciembre dic dezembro dicembre",
)
MONTHS = {name: number for number, line in enumerate(MONTH_NAMES, 1) for name in line.split()}
MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + ")"
YEAR = "(?:19|20)\\d\\d"
DAY = "(?:0?[1-9]|[12]\\d|3[01])"
WEEKDAY = (
    "(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche"
    "|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lunes|martes|miércoles|jueves|viernes|sábado|domingo)"
)
DATE = re.compile(
    rf"(?:\b{WEEKDAY},?\s+(?:den\s+)?)?(?:"
    rf"(?P<name1>{MONTH})\.?\s*(?P<day1>{DAY})(?:st|nd|rd|th)?\s*,?\s*(?P<year1>{YEAR})"
    rf"|(?<!\d)(?P<day2>{DAY})(?:st|nd|rd|th|er|º|°|\.)?\s*(?:of\s+|de\s+|-)?(?P<name2>{MONTH})\b\.?,?"
    rf"\s*(?:de\s+|-)?(?P<year2>{YEAR})"
    rf"|(?<![\d.])(?P<year3>{YEAR})(?:\s*年\s*|\s*년\s*|-|/|\.\s?)(?P<month3>\d{{1,2}})"
    rf"(?:\s*月\s*|\s*월\s*|-|/|\.\s?)(?P<day3>{DAY})(?:\s*[日号號일]|st\b|nd\b|rd\b|th\b)?(?:t\d\d:\d\d(?::\d\d)?(?:\.\d{{1,6}})?z?)?"
    rf"|(?<![\d.])(?P<first4>\d{{1,2}})(?P<mark4>[./])\s?(?P<second4>\d{{1,2}})(?P=mark4)\s?(?P<year4>{YEAR})"
    rf")(?!\d)"
)
HAS_YEAR = re.compile(rf"(?<!\d){YEAR}(?!\d)")
# Which way a numeric date is to be read: "(day/month/year)", "(MM/DD/YYYY)".
ORDER = re.compile(
    r"\s?[(\[]\s?(?:(dd?|day)|(mm?|month))[/. -](?:dd?|day|mm?|month)[/. -](?:yy(?:yy)?|year)\s?[)\]]"
)
REACH = 40  # characters of a date on either side of its year: "Wednesday, den 28th of September, 2025"


def dates(text: str) -> Iterator[tuple[int, int, date]]:
    """Every date of a text that can be read in one way only, with where it begins and ends."""
    end = 0
    lower = text.lower()
    if len(lower) != len(text):  # a few capitals lower to two characters
        lower = text
    for year in HAS_YEAR.finditer(lower):
        if year.start() < end:
            continue
        for match in DATE.finditer(lower, max(end, year.start() - REACH), year.end() + REACH):
            end = match.end()
            order = ORDER.match(lower, end) if match["year4"] else None
            day = _read(match, order)
            end = order.end() if order else end
            if day:
                yield match.start(), end, day


ORDINAL = re.compile(r"\d(st|nd|rd|th)\b", re.IGNORECASE)


def iso_form(written: str, day: date) -> str:
    """A date in one form for all orders and languages; "28th" stays, which no locale prints: it was typed."""
    ordinal = ORDINAL.search(written)
    return day.isoformat() + (ordinal[1].lower() if ordinal else "")


def _read(match: re.Match[str], order: re.Match[str] | None = None) -> date | None:
    part = match.groupdict()
    if part["name1"]:
        return _date(part["year1"], MONTHS[part["name1"].lower()], part["day1"])
    if part["name2"]:
        return _date(part["year2"], MONTHS[part["name2"].lower()], part["day2"])
    if part["year3"]:
        return _date(part["year3"], int(part["month3"]), part["day3"])
    if order:
        month, day = ("second4", "first4") if order[1] else ("first4", "second4")
        return _date(part["year4"], int(part[month]), part[day])
    return _numeric(int(part["first4"]), part["mark4"], int(part["second4"]), part["year4"])


def _numeric(first: int, mark: str, second: int, year: str) -> date | None:
    """12.03.2025 is a day first wherever it is written; 03/12/2025 can be read in two ways."""
    if mark == "." or first > 12:
        return _date(year, second, first)
    if second > 12 or first == second:
        return _date(year, first, second)
    return None


def _date(year: str, month: int, day: str | int) -> date | None:
    try:
        return date(int(year), month, int(day))
    except ValueError:
        return None


# --- times that run on by themselves -----------------------------------------------------------

AGO = re.compile(
    r"(?:(?:about|over|almost|nearly|more\s+than|less\s+than|around)\s+)?"
    r"(?:(?:\d{1,3}|an?|one|two|three|four|five|six|several|a\s+few)\s+"
    r"(?:second|sec|minute|min|hour|hr|day|week|month|year)s?\s+ago"
    r"|yesterday|just\s+now|(?:last|this)\s+(?:week|month|year))"
    r"|vor\s+(?:(?:über|etwa|mehr\s+als|fast)\s+)?(?:\d{1,3}|eine[rnm]?|einigen)\s+"
    r"(?:sekunde|minute|stunde|tag|woche|monat|jahr)(?:e[nsm]?|n|s)?|gestern"
    r"|il\s+y\s+a\s+(?:(?:plus\s+d['e]\s?|environ\s+|près\s+d['e]\s?))?(?:\d{1,3}|une?|quelques)\s+"
    r"(?:seconde|minute|heure|jour|semaine|mois|an|année)s?|hier"
    r"|h(?:ace|á)\s+(?:(?:más|mais)\s+de\s+)?(?:\d{1,3}|una?|uma?|algun[oa]s)\s+"
    r"(?:segundo|minuto|hora|día|dia|semana|mes|mês|año|ano)(?:es|s)?|ayer|ontem"
    r"|\d{1,3}\s*(?:秒|分钟|分|小时|時間|天|日|周|週間|个月|ヶ月|か月|月|年)\s*(?:之前|以前|前)|昨天"
    r"|\d{1,3}\s*(?:초|분|시간|일|주|개월|년)\s*전"
)
UPDATED = (
    r"(?:last\s+)?(?:updated|modified|edited|reviewed|published|posted)|(?:zuletzt\s+)?(?:aktualisiert|geändert)"
    r"|(?:dernière\s+)?mise?\s+à\s+jour|modifiée?|(?:última\s+)?(?:actualiza(?:do|da|ción)|atualiza(?:do|da|ção))"
    r"|(?:最近|最后|上次)?(?:更新|修改)(?:时间|日期)?(?:于|於|在)?|最終更新(?:日)?|업데이트(?:됨)?"
)
RUNNING = re.compile(
    rf"(?:{UPDATED})\s*(?:on\s+|:|：)?\s*(?:{AGO.pattern})|(?:{AGO.pattern})\s*(?:に)?(?:{UPDATED})"
)
ONLY_AGO = re.compile(rf"\(?(?:{AGO.pattern})\)?\.?")
AGO_CUES = (
    *(
        "ago",
        "yesterday",
        "just now",
        "last ",
        "this ",
        "vor ",
        "gestern",
        "il y a",
        "hier",
        "hace",
        "há ",
        "ayer",
    ),
    *("ontem", "前", "昨天", "전"),
)
UPDATED_CUES = (
    *("updated", "modified", "edited", "reviewed", "published", "posted", "aktualisiert", "geändert", "jour"),
    *("modifié", "actualiza", "atualiza", "更新", "修改", "업데이트"),
)
LONGEST_AGO = 40  # characters


def without_running_time(text: str, mask: str) -> str:
    """A text in small letters with times such as "updated 3 days ago" masked: they run on by themselves.

    A time that nothing was "updated" at stays, unless it is the whole text: it may be a period of the terms.
    """
    if not any(cue in text for cue in AGO_CUES):
        return text
    if len(text) <= LONGEST_AGO and ONLY_AGO.fullmatch(text):
        return mask
    return RUNNING.sub(mask, text) if any(cue in text for cue in UPDATED_CUES) else text
