"""The watchlist file is read as written, and every mistake in it is named at once."""

from __future__ import annotations

import re
from datetime import date, timedelta
from ipaddress import ip_network
from pathlib import Path
from textwrap import dedent

import pytest
import soupsieve
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import UsageError, WatchlistError
from monitor.model import Audience, Confirm, Keep, Render, Schedule
from monitor.watchlist import (
    load_watchlist,
    nearest,
    parse_networks,
    parse_watchlist,
    remarks,
    shipped_watchlist,
)
from monitor.watchlist.form import PLAIN_SELECTOR

SMALL = """
[providers.acme]
name = "Acme"
[providers.acme.documents.privacy]
type = "Privacy Policy"
url = "https://acme.example/privacy"
[providers.acme.products.api]
name = "Acme API"
audience = "api"
documents = ["privacy"]
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(WatchlistError) as caught:
        parse_watchlist(dedent(text))
    return list(caught.value.mistakes)


def only_mistake(text: str) -> str:
    (mistake,) = mistakes(text)
    return mistake


def document(lines: str, defaults: str = ""):
    text = f"[defaults]\n{defaults}\n{SMALL}[providers.acme.documents.terms]\n" + dedent(lines)
    return parse_watchlist(text).documents["acme/terms"]


TERMS = 'type = "Terms of Service"\nurl = "https://acme.example/terms"\n'


# --- what is read --------------------------------------------------------------------------------


def test_a_document_has_the_usual_defaults():
    read = document(TERMS)

    assert (read.id, read.provider, read.url) == ("acme/terms", "acme", "https://acme.example/terms")
    assert (read.render, read.language, read.robots) == (Render.AUTO, "", True)
    assert (read.confirm, read.confirm_after) == (Confirm.REFETCH, timedelta(seconds=30))
    assert read.schedule == Schedule(every=timedelta(hours=12), cron=None, timezone="UTC")


def test_a_document_overrides_the_defaults_of_the_file():
    defaults = (
        'every = "6h"\nconfirm = "off"\nconfirm_after = "5s"\nrender = "http"\nlanguage = "fr"\nrobots = true'
    )
    own = 'every = "1d"\nconfirm = "next-check"\nconfirm_after = "0s"\n'
    own += 'render = "browser"\nlanguage = "zh"\nrobots = false\nkeep = "all"'

    inherited, overridden = document(TERMS, defaults), document(TERMS + own, defaults)

    assert inherited.schedule.every == timedelta(hours=6)
    assert (inherited.confirm, inherited.render, inherited.language) == (Confirm.OFF, Render.HTTP, "fr")
    assert (inherited.keep, overridden.keep) == (Keep.CHANGED, Keep.ALL)
    assert overridden.schedule.every == timedelta(days=1)
    assert (overridden.confirm, overridden.confirm_after) == (Confirm.NEXT_CHECK, timedelta(0))
    assert (overridden.render, overridden.language, overridden.robots) == (Render.BROWSER, "zh", False)


def test_an_interval_of_a_document_replaces_a_crontab_expression_of_the_defaults_and_the_other_way_round():
    cron = 'cron = "0 6 * * *"\ntimezone = "Europe/Paris"'

    assert document(TERMS + 'every = "2h"', cron).schedule.cron is None
    assert document(TERMS + cron, 'every = "2h"').schedule == Schedule(None, "0 6 * * *", "Europe/Paris")
    assert document(TERMS + 'timezone = "Asia/Tokyo"', cron).schedule == Schedule(
        None, "0 6 * * *", "Asia/Tokyo"
    )


def test_selectors_may_be_one_or_a_list():
    read = document(TERMS + 'select = "main"\nremove = [".promo", "aside > p"]')

    assert (read.select, read.remove) == (("main",), (".promo", "aside > p"))


def test_politeness_and_allowed_addresses_are_of_the_whole_file():
    head = '[defaults]\nper_host = 3\ndelay = "0s"\nallow_addresses = ["127.0.0.0/8", "10.1.2.3", "::1"]\n'

    read = parse_watchlist(head + SMALL)

    assert (read.per_host, read.delay) == (3, timedelta(0))
    assert read.allow_addresses == tuple(map(ip_network, ("127.0.0.0/8", "10.1.2.3/32", "::1/128")))


def test_a_product_names_documents_of_its_own_and_of_other_providers():
    other = """
    [providers.other.documents.terms]
    type = "Terms of Service"
    url = "https://other.example/terms"
    [providers.other.products.assistant]
    name = "Assistant"
    audience = "business"
    documents = ["terms", "acme/privacy"]
    depends_on = ["acme/api"]
    models = "other-*"
    clarity = "low"
    """
    read = parse_watchlist(SMALL + dedent(other))

    product = read.products["other/assistant"]
    assert product.documents == ("other/terms", "acme/privacy")
    assert product.depends_on == ("acme/api",)
    assert (product.audience, product.models, product.clarity) == (Audience.BUSINESS, ("other-*",), "low")
    assert read.heirs_of("acme/api") == (product,)


def test_a_provider_without_a_name_is_called_by_its_id():
    assert parse_watchlist(SMALL.replace('name = "Acme"', "")).providers["acme"].name == "acme"


def test_a_claim_has_a_position_a_period_a_day_a_source_and_a_note():
    claim = """retention = { position = "period", period = "about 30 days", verified = 2026-05-05,
                source = "audit", note = "varies" }""".replace("\n", "")

    (read,) = parse_watchlist(SMALL + claim).products["acme/api"].claims

    assert (read.product, read.topic, read.position) == ("acme/api", "retention", "period")
    assert (read.verified, read.source, read.note) == (date(2026, 5, 5), "audit", "varies")
    assert read.period is not None
    assert (read.period.text, read.period.days) == ("about 30 days", 30)


def test_a_range_of_time_keeps_both_ends():
    (read,) = (
        parse_watchlist(SMALL + 'retention = { position = "period", period = "30 to 60 days" }')
        .products["acme/api"]
        .claims
    )

    assert read.period is not None
    assert (read.period.shortest_days, read.period.days) == (30, 60)


@pytest.mark.parametrize(
    "claims",
    [
        'training = [{ position = "no", source = "a" }, { position = "opt-out", source = "b" }]',
        '[[providers.acme.products.api.training]]\nposition = "no"\nsource = "a"\n'
        '[[providers.acme.products.api.training]]\nposition = "opt-out"\nsource = "b"\n',
    ],
)
def test_two_sources_that_disagree_are_both_kept_in_order(claims):
    read = parse_watchlist(SMALL + claims).products["acme/api"].claims

    assert [(claim.position, claim.source) for claim in read] == [("no", "a"), ("opt-out", "b")]


def test_a_topic_of_ones_own_is_named_in_the_defaults():
    text = '[defaults]\ntopics = ["subprocessors"]\n' + SMALL + 'subprocessors = { position = "listed" }'

    (claim,) = parse_watchlist(text).products["acme/api"].claims

    assert (claim.topic, claim.position) == ("subprocessors", "listed")


def test_dotted_keys_quoted_keys_and_windows_line_ends_are_fine():
    text = (
        'providers.acme.documents."privacy" = { type = "Privacy Policy", url = "https://acme.example" }\r\n'
    )

    assert list(parse_watchlist(text).documents) == ["acme/privacy"]


# --- what is wrong -------------------------------------------------------------------------------

BAD = """\
[defaults]
every = "dayly"
per_host = "2"
allow_addresses = ["127.0.0.0/8", "8.8.8.8"]

[providers.acme]
nme = "Acme"
[providers.acme.documents.privacy]
type = "Privacy policy"
url = "acme.example/privacy"
select = "main >"
cron = "61 * * * *"
timezone = "Europe/Pariss"
[providers.acme.documents."My Terms"]
type = "Terms of Service"
render = "chrome"
[providers.acme.products.api]
name = "API"
audience = "apis"
documents = ["privcy"]
depends_on = ["chat"]
training = { position = "maybe", verified = "2026-05-05" }
retention = [
  { position = "period", source = "x" },
  { position = "criterion", period = "soon" },
]
[providers.acme.products.chat]
audience = "consumer"
depends_on = ["acme/api", "other/x"]
subprocessors = { position = "some" }
"""

BAD_EXPLAINED = """\
2: defaults: every = "dayly" is not a length of time; write e.g. "90s", "12h", "1d" or "1h30m"
3: defaults: per_host = "2" is not a number of requests; write a whole number from 1 to 100, without quotes
4: defaults: allow_addresses = "8.8.8.8" holds addresses that are not refused anyway; leave it out: only loopback, private and link-local addresses need a word, e.g. "127.0.0.0/8"
7: provider acme: unknown key "nme"; did you mean "name"?
9: document acme/privacy: type = "Privacy policy" is not a type of document; did you mean "Privacy Policy"?
10: document acme/privacy: url = "acme.example/privacy" is not a web address; write it in full, e.g. "https://example.com/privacy"
11: document acme/privacy: select = "main >" is not a CSS selector (...); write e.g. "main" or "article .content"
12: document acme/privacy: cron = "61 * * * *" has a bad minute field; write minute, hour, day, month and weekday, e.g. "0 */6 * * 1-5"
13: document acme/privacy: timezone = "Europe/Pariss" is not a time zone; did you mean "Europe/Paris"?
14: provider acme: "My Terms" cannot be an id in documents; write small letters, digits and hyphens: my-terms
14: document acme/My Terms: url is missing; write url = "https://example.com/privacy"
16: document acme/My Terms: render = "chrome" is not one of its values; write "auto", "http" or "browser"
19: product acme/api: audience = "apis" is not one of its values; write "api", "consumer" or "business" (did you mean "api"?)
20: product acme/api: documents = "privcy" is not a document of this watchlist; did you mean "privacy"?
21: product acme/api: depends_on goes in a circle: acme/api -> acme/chat -> acme/api; take one of them out
22: product acme/api, training: position = "maybe" is not one of its values; write "no", "opt-in", "opt-out", "yes", "plan-dependent", "unclear" or "silent"
22: product acme/api, training: verified = "2026-05-05" is not a date; write year, month and day without quotes, e.g. 2026-05-05
24: product acme/api, retention: period is missing; write period = "30 days"
25: product acme/api, retention: period goes with position = "period" only; write position = "period" or leave period out
25: product acme/api, retention: period = "soon" is not a length of time; write e.g. "30 days", "30 to 60 days" or "18 months"
27: product acme/chat: name is missing; write name = "Acme API"
29: product acme/chat: depends_on = "other/x" is not a product of this watchlist; add that product or write "provider/product"
30: product acme/chat: unknown key "subprocessors"; for a topic of your own write topics = ["subprocessors"] in [defaults]
"""  # noqa: E501 - one message a line, as people see it


def test_every_mistake_is_reported_at_once_with_its_line_and_how_to_write_it():
    # What is wrong with a selector is said in soupsieve's words, which differ between its versions.
    said = [re.sub(r"CSS selector \(.+\);", "CSS selector (...);", line) for line in mistakes(BAD)]
    assert said == [f"watchlist.toml:{line}" for line in BAD_EXPLAINED.splitlines()]


SYNTAX = [
    ("a = ", '1: syntax: Invalid value; write text in double quotes: key = "value"'),
    ("[a]\n[a]", "2: syntax: Cannot declare ('a',) twice (column 3); this section was given before;"),
    ("a = 1\n\na = 2", "3: syntax: Cannot overwrite a value; this key or section was given before; keep one"),
    ('x = 1\na b = "c"', "2: syntax: Expected '=' after a key in a key/value pair (column 3); write key = "),
    (
        'a = "x\n',
        "1: syntax: Illegal character '\\n' (column 7); end the text on its line with \", and write",
    ),
    ("a = [1,\n", "1: syntax: Invalid value;"),
]


@pytest.mark.parametrize(("text", "message"), SYNTAX)
def test_a_syntax_error_names_its_line_and_a_remedy(text, message):
    assert only_mistake(text).startswith(f"watchlist.toml:{message}")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("every = 12", 'every = 12 has no unit; write e.g. "12s", "12m" or "12h"'),
        ('every = "0s"', 'every = "0s" is too short; write at least "1s"'),
        ('every = "400d"', 'every = "400d" is too long; write at most "8784h"'),
        ('timezone = "UTC"', 'timezone is for cron only; write cron = "0 6 * * *" too'),
        ('cron = "0 6 * * *"\nevery = "1d"', "every and cron are both given; keep the one that you mean"),
        ('cron = "0 6 * *"', 'cron = "0 6 * *" has 4 fields instead of 5; write minute, hour, day, month'),
        ('cron = "0 0 31 2 *"', 'cron = "0 0 31 2 *" has a bad day-of-month field; write minute, hour, day,'),
        ('robots = "no"', 'robots = "no" is neither true nor false; write true or false, without quotes'),
        ('language = "English"', 'language = "English" is not a language; write its code, e.g. "en", "zh"'),
        ("select = 3", 'select = 3 is not text; write it in double quotes: "…"'),
        ('remove = ["p", ""]', 'remove = "" is empty; write some text or leave the key out'),
        ('confrim = "off"', 'unknown key "confrim"; did you mean "confirm"?'),
        ('confirm = "of"', 'write "refetch", "next-check" or "off" (did you mean "off"?)'),
    ],
)  # fmt: skip
def test_a_bad_value_of_a_document_is_explained(line, message):
    text = SMALL + "[providers.acme.documents.terms]\n" + TERMS + line

    assert message in only_mistake(text)


@given(st.from_regex(PLAIN_SELECTOR, fullmatch=True))
def test_what_passes_as_a_plain_selector_is_css(selector):
    soupsieve.compile(selector)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://acme.example",
        "https://",
        "https://acme.example:99999/",
        "https://[::1/",
        "//acme.example",
        "mailto:a@b.c",
    ],
)
def test_only_whole_web_addresses_are_taken(url):
    assert "is not a web address" in only_mistake(SMALL.replace("https://acme.example/privacy", url))


def test_an_address_with_a_password_or_a_space_is_refused():
    assert "name or password" in only_mistake(SMALL.replace("https://", "https://me:secret@"))
    assert "%20" in only_mistake(SMALL.replace("/privacy", "/our privacy"))


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (
            'training = "no"',
            'product acme/api: training = "no" is not a claim; write training = { position = "no"',
        ),
        (
            'training = ["no"]',
            'product acme/api: training = "no" is not a claim; write training = { position = "no"',
        ),
        ("training = {}", 'product acme/api, training: position is missing; write position = "no"'),
        ('training = { position = "opt_out" }', '(did you mean "opt-out"?)'),
        ('retention = { position = "no" }', 'position = "no" is not one of its values; write "none-stated"'),
        (
            'training = { position = "no", verified = 2026-05-05T10:00:00Z }',
            "write the day alone: 2026-05-05",
        ),
        ('training = { position = "no", by = "me" }', 'unknown key "by"; known here: position, period'),
        ('trainin = { position = "no" }', 'unknown key "trainin"; did you mean "training"?'),
    ],
)
def test_a_bad_claim_is_explained(claim, message):
    assert message in only_mistake(SMALL + claim)


NOT_TABLES = [
    ("", "1: watchlist: providers is missing; write [providers.acme.documents.privacy]"),
    ("providers = 3", "1: watchlist: providers = 3 is not a table; write it as a [section] with keys below"),
    ("[providers]\nacme = 3", "2: providers: acme = 3 is not a table; write a [section]"),
    ("[providers.acme]\ndocuments = []", "2: provider acme: documents = […] is not a table; write it as a"),
    ("[providers.acme.documents]\nx = true", "2: provider acme: x = true is not a table; write a [section]"),
    ("[provider.acme]\n[providers]", '1: watchlist: unknown key "provider"; did you mean "providers"?'),
    ("defaults = 1\n[providers]", "1: watchlist: defaults = 1 is not a table; write it as a [section]"),
]


@pytest.mark.parametrize(("text", "message"), NOT_TABLES)
def test_a_value_where_a_table_belongs_is_explained(text, message):
    assert only_mistake(text).startswith(f"watchlist.toml:{message}")


def test_a_circle_of_products_is_reported_once_even_when_it_goes_through_several():
    def product(slug: str, above: str) -> str:
        return (
            f"[providers.acme.products.{slug}]\nname = '{slug}'\naudience = 'api'\ndepends_on = ['{above}']\n"
        )

    circle = product("a", "b") + product("b", "c") + product("c", "a") + product("self", "self")

    found = mistakes(SMALL + circle)

    assert len(found) == 2
    assert sum("acme/self -> acme/self" in text for text in found) == 1


@pytest.mark.parametrize(
    ("topics", "message"),
    [
        ('["Sub Processors"]', 'write small letters, digits and hyphens: "sub-processors"'),
        ('["name"]', "is another key of a product"),
    ],
)
def test_a_topic_needs_a_name_of_its_own(topics, message):
    assert message in only_mistake(f"[defaults]\ntopics = {topics}\n{SMALL}")


def test_a_topic_that_is_known_anyway_may_be_named_again():
    text = '[defaults]\ntopics = ["training"]\n' + SMALL + 'training = { position = "no" }'

    assert len(parse_watchlist(text).products["acme/api"].claims) == 1


def test_an_id_with_a_slash_is_refused_like_any_other_bad_one():
    assert "write small letters, digits and hyphens: a-b" in only_mistake(
        "[providers.'a/b'.products.c]\nname = 'C'\naudience = 'api'\ndepends_on = []"
    )


KEYS = st.sampled_from(
    "defaults providers acme documents products training retention every cron timezone topics type url "
    "select name audience depends_on models position period verified allow_addresses per_host a/b ä".split()
)
VALUES = st.one_of(
    st.sampled_from(
        ["acme", "acme/acme", "period", "no", "api", "12h", "*", "main", "https://a.example", ""]
    ),
    st.booleans(),
    st.integers(-1, 10**6),
    st.floats(),
    st.dates(),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5),
)
ANYTHING = st.recursive(
    VALUES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=6))
)


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_whatever_a_file_holds_it_is_read_or_its_mistakes_are_named(defaults, provider, one, product):
    tables = {"acme": provider, "other": {"documents": {"acme": one}, "products": {"acme": product}}}
    text = tomlkit.dumps({"defaults": defaults, "providers": tables})

    mistakes: tuple[str, ...] = ()
    try:
        parse_watchlist(text)
    except WatchlistError as error:
        mistakes = error.mistakes

    assert [text for text in mistakes if not re.match(r"watchlist\.toml:\d+: .+: .+[;?]", text)] == []


def test_documents_that_read_the_same_page_are_remarked_but_allowed():
    again = SMALL + "[providers.acme.documents.copy]\n" + TERMS.replace("/terms", "/privacy")

    read = parse_watchlist(again)

    assert remarks(read) == (
        "acme/privacy and acme/copy read the same page; keep one, or give each a select",
    )
    assert remarks(parse_watchlist(again + 'select = "main"')) == ()


@pytest.mark.parametrize("text", ["8.8.8.8", "0.0.0.0/0", "127.0.0.1/8", "localhost"])
def test_only_inner_networks_can_be_allowed(text):
    with pytest.raises(UsageError, match=text):
        parse_networks([text])


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("confrim", "confirm"),
        ("sel", "select"),
        ("URL", "url"),
        ("documnts", "documents"),
        ("zebra", ""),
        ("", ""),
    ],
)
def test_a_slip_of_the_pen_finds_the_name_that_was_meant(word, meant):
    assert nearest(word, ["confirm", "select", "url", "documents"]) == meant


# --- files ---------------------------------------------------------------------------------------


def test_a_missing_file_says_how_to_get_one(tmp_path):
    with pytest.raises(WatchlistError, match=r"there is no such file; run `tos-monitor init`"):
        load_watchlist(tmp_path / "watchlist.toml")


def test_a_folder_in_place_of_the_file_is_explained(tmp_path):
    with pytest.raises(WatchlistError, match="cannot be read"):
        load_watchlist(tmp_path)


def test_a_file_in_another_encoding_is_explained_with_its_line(tmp_path):
    path = tmp_path / "watchlist.toml"
    path.write_bytes(b"# one\n# caf\xe9\n")

    with pytest.raises(WatchlistError, match=r"watchlist\.toml:2: the file is not UTF-8"):
        load_watchlist(path)


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    path = tmp_path / "watchlist.toml"
    path.write_text(SMALL, encoding="utf-8-sig")

    assert list(load_watchlist(path).documents) == ["acme/privacy"]


# --- the shipped one -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    return parse_watchlist(shipped_watchlist())


def test_the_shipped_watchlist_is_the_one_at_the_root_of_the_project():
    assert shipped_watchlist() == (Path(__file__).parent.parent / "watchlist.toml").read_text("utf-8")


def test_the_shipped_watchlist_covers_seven_providers_with_about_45_documents(shipped):
    assert set(shipped.providers) == {"anthropic", "openai", "google", "deepseek", "kimi", "meta", "mistral"}
    assert 40 <= len(shipped.documents) <= 50
    assert remarks(shipped) == ()


@pytest.mark.parametrize(
    ("provider", "audiences"),
    [
        ("anthropic", {"api", "consumer", "business"}),
        ("openai", {"api", "consumer", "business"}),
        ("google", {"api", "consumer", "business"}),
        ("deepseek", {"api", "consumer", "business"}),
        ("kimi", {"api", "consumer", "business"}),
        ("meta", {"api", "consumer"}),
        ("mistral", {"api", "consumer", "business"}),
    ],
)
def test_the_shipped_watchlist_has_a_path_for_each_way_of_using_a_provider(shipped, provider, audiences):
    assert {one.audience.value for one in shipped.products.values() if one.provider == provider} == audiences


def test_every_shipped_document_is_named_by_a_product_and_every_claim_has_a_source(shipped):
    assert [one.id for one in shipped.documents.values() if not shipped.products_of(one.id)] == []
    sources = {claim.source for product in shipped.products.values() for claim in product.claims}
    assert sources == {"audit of 2026-05-05", "second audit, undated"}


def test_the_contradiction_between_the_two_audits_is_kept(shipped):
    claims = shipped.products["anthropic/claude-consumer"].claims

    assert [(claim.position, claim.verified) for claim in claims] == [
        ("plan-dependent", date(2026, 5, 5)),
        ("no", None),
    ]


@pytest.mark.parametrize("selector", ["from before main[ to after .end", "from before main to after .end["])
def test_a_range_is_checked_at_both_its_ends(selector):
    document = f'type = "Terms of Service"\nurl = "https://acme.test/t"\nselect = "{selector}"'

    with pytest.raises(WatchlistError, match="is not a CSS selector"):
        parse_watchlist(f'[providers.acme]\nname = "Acme"\n[providers.acme.documents.terms]\n{document}')
