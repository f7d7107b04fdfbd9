"""Addresses in the form in which they are compared: less what differs by visitor, build or language."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

# Parameters that say who follows a link, from where or in which session, and never what it leads to.
TRACKING = re.compile(
    r"(?:utm|mtm|pk|piwik|hsa|oly|vero|mc|ga|hs|ke|trk|itm|ns|li)_.{1,24}|_ga|_gl|_gac|_hs\w{1,8}|__hs\w{1,8}|_kx|spm|scm|trk"
    r"|(?:gclid|dclid|fbclid|msclkid|yclid|twclid|ttclid|igshid|gbraid|wbraid|srsltid|scid|ref_src)"
    r"|(?:s|ps|js|asp|aspx|php)?_?(?:sess(?:ion)?_?(?:id)?|sid)|jsessionid|phpsessid|cfid|cftoken"
    r"|(?:visitor|client|device|anonymous|distinct|tracking|request|correlation|trace)_?(?:id|token)"
    r"|visitor|visit(?:_?id)?"
    r"|nonce|csrf(?:_?token)?|token|expires|timestamp|rand(?:om)?|cachebust(?:er)?|nocache|cb|_|x-amz-.{1,30}",
    re.IGNORECASE,
)
# Parameters that may matter to the server, and never say which document is meant.
BESIDE = re.compile(
    r"ref|refer|referr?er|referral|source|src|origin|campaign|from|via|entry|return(?:_?to|_?url)?|next|continue"
    r"|redirect(?:_?ur[il])?|state|hash|sig(?:nature)?|ts|t|time|v|ver|version|rev|build"
    r"|hl|lang|language|locale|lc|l|gl|country|region|market|mkt",
    re.IGNORECASE,
)
LANGUAGES = (
    "ar bg bn bs ca cs da de el en es et fa fi fil fr he hi hr hu id is it ja ko lt lv mk ms nb nl no pl pt"
    " ro ru sk sl sq sr sv sw ta te th tr uk ur vi zh"
)
# A path segment that is a language, or a language and a region or script: /de/, /en-us/, /zh_Hans/, /intl/.
LOCALE = re.compile(
    rf"(?:{'|'.join(LANGUAGES.split())})(?:[-_](?:[a-z]{{2}}|hans|hant|latn|419|latam|intl))?"
    r"|(?:us|uk|gb|eu|ca|au|in|jp|cn|kr|br|mx|ie|nz|sg|ch|at)[-_](?:[a-z]{2})|intl|int|global",
    re.IGNORECASE,
)
DATED = re.compile(r"(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])(?:[-_.]?(?:0[1-9]|[12]\d|3[01]))?(?!\d)")
# A hash of the build in a file's name, an identifier of a store: hexadecimal, with digits among it.
CODED = re.compile(r"(?=[0-9a-f-]{0,40}\d)(?=[0-9a-f-]{0,40}[a-f])[0-9a-f]{8,}(?:-[0-9a-f]{4,}){0,4}")
SESSION = re.compile(r";(?:jsessionid|sid|phpsessid)=[^/?#;]*", re.IGNORECASE)
INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
NAME = re.compile(r"[^\s/?#@\[\]:]+|[0-9a-f:.]+(?:%\w+)?")  # of a host, or its IPv6 address
PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=8192)
def tidy(url: str) -> str:
    """The address as it may be kept: less its fragment and what differs by visitor; "" for no web page."""
    parts = _split(url)
    if parts is None:
        return ""
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in pairs if not TRACKING.fullmatch(pair[0])]
    query = parts.query if kept == pairs else urlencode(kept)
    return urlunsplit((parts.scheme, _host(parts), SESSION.sub("", parts.path) or "/", query, ""))


@lru_cache(maxsize=8192)
def normal(url: str) -> str:
    """The address in the one spelling that all of its spellings share; "" for no web page."""
    parts = _split(tidy(url))
    if parts is None:
        return ""
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return urlunsplit(("https", parts.netloc, _path(parts.path), query, ""))


@lru_cache(maxsize=8192)
def identity(url: str) -> str:
    """What document an address names, in any language, build or dated edition; "" where it names none."""
    parts = _split(normal(url))
    if parts is None:
        return ""
    segments = [segment for segment in parts.path.split("/") if not LOCALE.fullmatch(segment)]
    path = CODED.sub("*", DATED.sub("*", "/".join(segments).lower()))
    pairs = [pair for pair in parse_qsl(parts.query) if not BESIDE.fullmatch(pair[0])]
    return f"{parts.netloc.removeprefix('www.')}{_path(path)}?{urlencode(pairs)}".removesuffix("?")


def host(url: str) -> str:
    """The host of an address in small letters, "" where there is none."""
    parts = _split(url)
    return (parts.hostname or "") if parts else ""


def path_words(url: str) -> tuple[tuple[str, ...], str]:
    """The segments of an address's path, each as words; and the ending of its file name."""
    parts = _split(normal(url))
    segments = [unquote(segment).lower() for segment in (parts.path if parts else "").split("/") if segment]
    ending = ""
    if segments and (found := re.search(r"\.([a-z0-9]{2,5})$", segments[-1])):
        ending = found[1]
        segments[-1] = segments[-1][: found.start()]
    return tuple(" ".join(re.split(r"[\W_]+", segment)).strip() for segment in segments), ending


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        named = parts.scheme in PORTS and NAME.fullmatch(parts.hostname or "") and parts.port != 0
    except ValueError:
        return None
    return parts if named else None


def _host(parts: SplitResult) -> str:
    name = (parts.hostname or "").rstrip(".")
    name = f"[{name}]" if ":" in name else name
    return name if parts.port in (None, PORTS[parts.scheme]) else f"{name}:{parts.port}"


def _path(path: str) -> str:
    """One spelling of a path: no index file, no slash at the end, letters not coded needlessly."""
    plain = INDEX.sub("", path).rstrip("/")
    return quote(unquote(re.sub(r"/{2,}", "/", plain)), safe="/:@!$&'()*+,;=~-._%")
