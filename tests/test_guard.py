"""Is this the document? Every kind of page that comes in its place, and the terms that speak of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.extract import read
from monitor.guard import suspect
from monitor.guard.past import resumes
from monitor.model import Capture, Document, Held, Previous, Reason, Version
from monitor.normal import fingerprint

AT = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://acme.example/legal/privacy"
SUBJECTS = (
    "messages",
    "files",
    "prompts",
    "addresses",
    "payments",
    "devices",
    "contacts",
    "logs",
    "cookies",
    "backups",
)
CLAUSES = [
    f"{number}. We collect {subject} that you provide when you use the services, and we "
    f"retain this personal information "
    f"for {number * 10} days unless the law requires us to keep it, in which case you may ask "
    f"us to disclose it to you."
    for number, subject in enumerate(SUBJECTS * 3, start=1)
]
SPEAKS_OF_WALLS = (
    "If access is denied, you cannot log in, or something went wrong, please try again "
    "later. We use cookies; you can accept all "
    "cookies or manage preferences. We run maintenance, may show a captcha to verify you are "
    "human, and a page may not be found."
)


def document(**fields) -> Document:
    return Document(
        **{"id": "acme/privacy", "provider": "acme", "type": "Privacy Policy", "url": URL} | fields
    )


def html(*paragraphs, title="Privacy Policy | Acme", head="", scripts=0):
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<html lang=en><head><title>{title}</title>{head}</head>"
        f"<body><main>{text}</main>{'<script>1</script>' * scripts}</body></html>"
    )


def captured(body, *, status=200, final_url=URL, content_type="text/html", headers=(), at=AT) -> Capture:
    return Capture(
        url=URL,
        final_url=final_url,
        status=status,
        headers=(("content-type", content_type), *headers),
        body=body.encode(),
        at=at,
    )


def accepted(body, **capture) -> Previous:
    capture = captured(body, **capture)
    page = read(capture)
    version = Version(
        document="acme/privacy",
        at=AT,
        page=page,
        fingerprint=fingerprint(page.blocks),
        extractor="1",
        reader="",
        capture_sha256=capture.sha256,
    )
    return Previous(version=version, capture=capture)


TERMS = html("<h1>Privacy Policy</h1>", *CLAUSES, SPEAKS_OF_WALLS)


def codes(body, previous=None, *, of=None, **capture) -> list[str]:
    of = of or document()
    capture = captured(body, **capture)
    page = read(capture, select=of.select, remove=of.remove)
    return [reason.code for reason in suspect(of, capture, page, previous or Previous())]


def held(body, *reasons, times=1, **capture):
    page = read(captured(body, **capture))
    return tuple(
        Held(
            at=AT + timedelta(hours=n),
            sha256="",
            fingerprint=fingerprint(page.blocks),
            reasons=tuple(Reason(code, "") for code in reasons),
        )
        for n in range(times)
    )


# --- what is the document ----------------------------------------------------------------------


def test_terms_that_speak_of_every_wall_are_accepted():
    assert codes(TERMS) == []


def test_a_great_rewrite_under_the_same_title_is_accepted():
    rewritten = [
        f"{number}. Our policy on {subject}: personal data stays with you and is deleted on request."
        for number, subject in enumerate(SUBJECTS)
    ]

    assert codes(html("<h1>Privacy Notice</h1>", *rewritten), accepted(TERMS)) == []


def test_a_short_document_is_accepted():
    assert (
        codes(
            html(
                "<h1>Data use</h1>",
                "We do not train models on what our customers send to the API, unless they ask us to.",
            )
        )
        == []
    )


def test_a_short_document_may_speak_of_a_wall():
    old = html(
        "<h1>Support data</h1>",
        "When you log in to see your files, we keep a record of the time for 30 days and then delete it.",
    )
    new = old.replace("30 days", "60 days")

    assert codes(new, accepted(old)) == []


def test_markdown_without_http_facts_is_accepted():
    assert (
        codes(
            "# Privacy\n\nWe keep data for 30 days.",
            content_type="",
            final_url="file:///old.md",
            of=document(url="file:///old.md"),
        )
        == []
    )


@settings(max_examples=40)
@given(
    st.lists(
        st.sampled_from(
            [
                *CLAUSES[:5],
                SPEAKS_OF_WALLS,
                "Access denied",
                "Something went wrong.",
                "Log in to continue",
                "404",
                "请登录",
                "Just a moment...",
            ]
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["Privacy Policy", "Just a moment...", "404 Not Found", "Home", ""]),
    st.sampled_from([200, 403, 503]),
)
def test_an_accepted_page_that_is_served_again_is_never_doubted(paragraphs, title, status):
    body = html(*paragraphs, title=title)

    assert codes(body, accepted(body), status=status) == []


# --- what comes in its place -------------------------------------------------------------------

WALLS = {
    "challenge": [
        html(
            "Verify you are human by completing the action below.",
            "Ray ID: 8a1b2c3d4e5f",
            title="Just a moment...",
        ),
        html(
            "Checking if the site connection is secure",
            "acme.example needs to review the security of your connection.",
            title="acme.example",
        ),
        html("Please solve this puzzle so we know you are a real person.", title="Human Verification"),
        html("请完成安全验证后继续访问", title="安全验证"),
    ],
    "access-denied": [
        html("<h1>Access Denied</h1>", "You don't have permission to access this server. Reference #18.2f"),
        html("Sorry, you have been blocked.", title="Attention | Acme"),
        html("This service is not available in your country.", title="Acme"),
    ],
    "not-found": [
        html(
            "<h1>Page not found</h1>",
            "The page you are looking for has moved or never existed.",
            title="Acme",
        ),
        html("Oops!", "We can’t find the page you’re looking for.", title="404 | Acme"),
        html("This page isn't available", "The link you followed may be broken."),
        html("Seite nicht gefunden", title="Acme"),
    ],
    "application-error": [
        html(
            "Application error: a client-side exception has occurred (see the browser "
            "console for more information)."
        ),
        html("<h1>Internal Server Error</h1>", "Try again in a few minutes."),
        html("Something went wrong. Please try again later."),
    ],
    "maintenance": [
        html("We'll be back soon!", "Acme is undergoing scheduled maintenance."),
        html("<h1>Site under maintenance</h1>", title="Acme"),
    ],
    "login": [
        html("Welcome back", "Continue with Google", "Forgot password?", title="Log in to Acme"),
        html("Please sign in to view this document.", title="Acme"),
    ],
    "consent": [
        html(
            "Before you continue to Acme",
            "We use cookies and data to deliver our services.",
            "Reject all Accept all",
            title="Acme",
        ),
    ],
}


@pytest.mark.parametrize(
    ("code", "body"), [(code, body) for code, bodies in WALLS.items() for body in bodies]
)
@pytest.mark.parametrize("known", [True, False])
def test_walls_with_status_200_are_doubtful(code, body, known):
    assert code in codes(body, accepted(TERMS) if known else None)


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503, 206])
def test_error_statuses_are_doubtful_whatever_the_text(status):
    assert codes(TERMS, status=status) == ["http-error"]


def test_a_wrong_content_type_is_doubtful():
    assert codes('{"error": "x"}', content_type="application/json")[0] == "wrong-type"


def test_bytes_that_could_not_be_read_are_doubtful_for_what_the_server_says():
    capture = captured("\x89PNG", content_type="image/png", status=404)

    assert [reason.code for reason in suspect(document(), capture, None, Previous())] == [
        "http-error",
        "wrong-type",
    ]


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("empty", "<html><body></body></html>"),
        ("empty", ""),
        ("script-shell", '<title>Acme</title><div id="root">Loading</div>' + "<script src=a></script>" * 5),
        (
            "redirect-stub",
            '<meta http-equiv="refresh" content="0; url=/new"><p>This document has moved to '
            "its new place.</p>",
        ),
        ("too-short", "<p>Privacy</p>"),
    ],
)
def test_pages_that_say_nothing_are_doubtful(code, body):
    assert codes(body, accepted(TERMS)) == [code]
    assert codes(body) == [code]


def test_a_challenge_in_the_markup_of_an_empty_page_is_one():
    body = "<p>acme.example</p><script>window._cf_chl_opt = {}</script>"

    assert "challenge" in codes(body)


def test_a_login_form_where_the_document_was_is_doubtful():
    body = '<title>Acme</title><form><p>Your address and your secret word</p><input type="password"></form>'

    assert "login" in codes(body, accepted(TERMS))


def test_a_part_that_failed_is_doubtful_though_the_rest_is_long():
    broken = TERMS.replace(
        f"<p>{CLAUSES[4]}</p>", "<h2>This page isn’t available</h2><p>The link may be broken.</p>"
    )

    assert codes(broken, accepted(TERMS)) == ["part-failed"]
    assert codes(broken) == ["part-failed"]


def test_a_clause_about_what_is_not_available_is_no_failure():
    clause = (
        "This page is not available in English; the German text prevails. This content "
        "is not available to minors."
    )

    assert codes(html("<h1>Privacy Policy</h1>", *CLAUSES, clause), accepted(TERMS)) == []


GERMAN = [
    f"{n}. Wir verarbeiten die Daten, die Sie uns mit der Nutzung der Dienste geben, und "
    f"löschen sie nach {n} Tagen, "
    "wenn das Gesetz nicht eine längere Aufbewahrung von uns verlangt oder Sie einer anderen Frist zustimmen."
    for n in range(1, 12)
]
CHINESE = [
    f"{n}、我们会收集您在使用服务时提供的个人信息，并在{n}天后删除，除非法律另有规定。" for n in range(1, 12)
]


@pytest.mark.parametrize("foreign", [GERMAN, CHINESE])
def test_another_language_than_declared_is_doubtful(foreign):
    page = html("<h1>Privacy</h1>", *foreign)
    assert "other-language" in codes(page, of=document(language="en"))
    assert "other-language" in codes(page, accepted(TERMS), of=document(language="en"))


@pytest.mark.parametrize("foreign", [GERMAN, CHINESE])
def test_where_no_language_is_declared_that_of_the_first_version_counts(foreign):
    page = html("<h1>Privacy</h1>", *foreign)
    assert codes(page) == []
    assert "other-language" in codes(page, accepted(TERMS))


@pytest.mark.parametrize(
    ("language", "text"), [("de", GERMAN), ("zh", CHINESE), ("zh-CN", CHINESE), ("de-AT", GERMAN)]
)
def test_the_declared_language_is_accepted(language, text):
    assert codes(html("<h1>Privacy</h1>", *text), of=document(language=language)) == []


def test_a_document_known_in_another_language_is_not_doubted_for_it():
    old = html("<h1>Datenschutz</h1>", *GERMAN)

    assert codes(old.replace("11 Tagen", "90 Tagen"), accepted(old)) == []


def test_the_home_page_in_place_of_the_document_is_doubtful():
    home = html(
        "Build faster with Acme.",
        *["Our product writes your letters, plans your day and answers the phone." for _ in range(9)],
        title="Acme",
    )

    assert "redirect-home" in codes(home, accepted(TERMS), final_url="https://acme.example/")
    assert "redirect-home" in codes(home, final_url="https://acme.example/en-us/")


def test_a_document_that_moved_with_its_text_is_accepted():
    edited = TERMS.replace("10 days", "20 days")

    assert codes(edited, accepted(TERMS), final_url="https://www.acme-legal.example/privacy") == []
    assert codes(TERMS, final_url="https://legal.acme.example/privacy") == []


def test_another_site_with_another_text_is_doubtful():
    parked = html(
        "This domain is for sale.",
        *["Buy it now from our partners for a very good price." for _ in range(20)],
        title="Domains",
    )

    assert "other-host" in codes(parked, accepted(TERMS), final_url="https://domains.example/lander")


def test_another_document_at_the_address_is_doubtful():
    other = html(
        "<h1>Cookie Policy</h1>",
        *[f"Cookie number {n} is named c{n} and expires when you close the browser." for n in range(60)],
        title="Cookie Policy",
    )
    blog = html(
        "<h1>Ten recipes</h1>",
        *[f"Recipe {n}: mix flour, eggs and sugar, then bake until golden." for n in range(60)],
        title="Kitchen",
    )

    assert codes(other, accepted(TERMS)) == ["other-document"]
    assert codes(blog, accepted(TERMS)) == ["other-document"]


def test_a_text_that_breaks_off_is_doubtful():
    cut = html("<h1>Privacy Policy</h1>", *CLAUSES[:20], CLAUSES[20][:60])

    assert codes(cut, accepted(TERMS)) == ["truncated"]


def test_a_page_without_its_end_is_doubtful():
    cut = TERMS[: TERMS.index("<p>25.")]

    assert codes(cut, accepted(TERMS)) == ["truncated"]


@pytest.mark.parametrize("code", ["shrank", "tail-missing"])
def test_a_text_that_shrank_is_held_until_it_is_seen_again(code):
    kept = CLAUSES[:10] if code == "shrank" else CLAUSES[:20]
    shorter = html("<h1>Privacy Policy</h1>", *kept)
    previous = accepted(TERMS)

    assert codes(shorter, previous) == [code]
    again = Previous(version=previous.version, capture=previous.capture, held=held(shorter, code))
    assert codes(shorter, again) == []


def test_a_selector_that_matches_nothing_is_doubtful():
    assert codes(TERMS, of=document(select=("main", "#policy"))) == ["selector-missing"]
    assert codes(TERMS, of=document(remove=(".banner",))) == []


# --- parts, editions, two documents --------------------------------------------------------------


STAND_INS = ["<p>Loading…</p>", "<p>Wird geladen…</p>", "<p>undefined</p>", "<p>{{ section.body }}</p>"]
STAND_INS += [
    '<div class="skeleton"></div>',
    '<div role="status" aria-busy="true"></div>',
    "<p>[object Object]</p>",
]


@pytest.mark.parametrize("stand_in", STAND_INS)
def test_what_stands_in_for_a_part_is_no_change_of_it(stand_in):
    waiting = TERMS.replace(f"<p>{CLAUSES[4]}</p>", stand_in)

    assert codes(waiting, accepted(TERMS)) == ["part-failed"]


def test_what_stands_in_for_a_table_of_short_rows_is_no_change_of_it():
    rows = "<table><tr><th>Company</th><th>Country</th></tr><tr><td>Nimbus</td><td>Canada</td></tr></table>"
    full = TERMS.replace("</main>", f"<h2>Processors</h2>{rows}<p>See the list of former ones.</p></main>")
    waiting = full.replace(rows, "<p>Loading…</p>")

    assert codes(waiting, accepted(full)) == ["part-failed"]


@pytest.mark.parametrize("stand_in", STAND_INS)
def test_what_stands_in_for_nothing_is_no_failure(stand_in):
    beside = TERMS.replace("</main>", f"{stand_in}</main>")

    assert codes(beside, accepted(TERMS)) == []


def test_a_heading_that_lost_all_its_text_is_held_until_it_is_seen_again():
    part = f"<h2>Backups</h2><p>{CLAUSES[7]}</p>"
    whole = TERMS.replace(f"<p>{CLAUSES[4]}</p>", f"{part}<h2>Rights</h2>")
    only_emptied = whole.replace(f"<p>{CLAUSES[7]}</p>", "", 1)
    emptied = only_emptied.replace("60 days", "61 days")
    previous = accepted(
        whole.replace(f"<p>{CLAUSES[7]}</p>", "<p>We keep copies of all you write for 90 days.</p>", 1)
    )

    assert codes(only_emptied, previous) == ["part-failed"]
    assert codes(emptied, previous) == ["section-empty"]
    again = Previous(version=previous.version, held=held(emptied, "section-empty"))
    assert codes(emptied, again) == []


AWAY = "If you live in the EEA or Switzerland, your use is governed by our Europe terms."
HERE = "These terms apply if you live in the EEA or Switzerland."


def test_the_edition_for_another_region_is_doubtful_in_either_direction():
    ours = html("<h1>Terms of Use</h1>", AWAY, *CLAUSES)
    europe = html(
        "<h1>Terms of Use</h1>", HERE, *CLAUSES[:15], *(f"Clause {n} of Europe holds." for n in range(15))
    )

    assert codes(europe, accepted(ours)) == ["other-edition"]
    assert codes(ours, accepted(europe)) == ["other-edition"]


def test_terms_for_people_of_another_region_are_another_edition():
    def terms_for(place):
        return html(
            "<h1>Terms</h1>",
            f"These terms apply to you if you are a person who is resident in {place}.",
            *CLAUSES,
        )

    moved = terms_for("Switzerland").replace(CLAUSES[3], "You may bring a claim at the courts of your place.")
    assert codes(moved, accepted(terms_for("the United Kingdom"))) == ["other-edition"]
    wider = terms_for("Switzerland or the United Kingdom").replace(
        CLAUSES[3], "You may bring a claim anywhere."
    )
    assert codes(wider, accepted(terms_for("the United Kingdom"))) == []


def test_terms_of_service_in_place_of_a_licence_are_another_document():
    licence = html("<h1>End User License Agreement</h1>", *CLAUSES)
    service = html(
        "<h1>Terms of Service</h1>",
        *(f"Point {n} says what else is agreed on the service." for n in range(40)),
    )
    rewritten = service.replace("Terms of Service", "User License Agreement")

    assert codes(service, accepted(licence)) == ["other-document"]
    assert codes(rewritten, accepted(licence)) == []


def test_terms_that_begin_to_name_a_region_are_no_other_edition():
    old = html("<h1>Terms of Use</h1>", *CLAUSES)
    assert codes(html("<h1>Terms of Use</h1>", AWAY, *CLAUSES[:25], *SPLIT), accepted(old)) == []
    assert codes(html("<h1>Terms of Use</h1>", HERE, *CLAUSES[:25], *SPLIT), accepted(old)) == []


SPLIT = [f"Clause {n} is new and says what else we ask of everybody who uses the services." for n in range(6)]
COOKIES = [
    f"This Cookie Policy tells that cookie c{n} counts visits and ends with the day." for n in range(20)
]


def test_a_second_document_on_the_page_is_held_until_it_is_seen_again():
    both = TERMS.replace(
        "</main>", "<h1>Cookie Policy</h1>" + "".join(f"<p>{c}</p>" for c in COOKIES) + "</main>"
    )

    assert codes(both, accepted(TERMS)) == ["joined"]
    assert codes(TERMS, accepted(both)) == ["parted"]
    again = Previous(version=accepted(TERMS).version, held=held(both, "joined"))
    assert codes(both, again) == []


def test_a_section_on_cookies_that_came_is_a_change():
    section = "<h2>Cookies</h2>" + "".join(
        f"<p>Cookie c{n} counts visits and ends with the day.</p>" for n in range(30)
    )

    assert codes(TERMS.replace("</main>", f"{section}</main>"), accepted(TERMS)) == []


def test_a_text_goes_on_where_it_broke_off_in_a_sentence():
    def blocks(*texts):
        return read(captured(html("<h1>Privacy Policy</h1>", *texts))).blocks

    broken = blocks(*CLAUSES[:4], CLAUSES[4][:50])
    assert resumes(broken, blocks(*CLAUSES[:9])) == 5
    assert resumes(broken, blocks(*CLAUSES[:4], *CLAUSES[5:9])) is None
    assert resumes(blocks(*CLAUSES[:5]), blocks(*CLAUSES[:9])) is None


# --- asking ------------------------------------------------------------------------------------


def test_after_three_equal_captures_the_user_is_asked():
    other = html(
        "<h1>Cookie Policy</h1>",
        *[f"Cookie number {n} is named c{n} and ends with the session." for n in range(60)],
        title="Cookie Policy",
    )
    known = accepted(TERMS)

    def with_held(times):
        return Previous(version=known.version, held=held(other, "other-document", times=times))

    assert codes(other, with_held(1)) == ["other-document"]
    assert codes(other, with_held(2)) == ["other-document", "accept?"]
    reasons = suspect(document(), captured(other), read(captured(other)), with_held(2))
    assert "tos-monitor accept acme/privacy" in reasons[-1].detail


def test_nobody_is_asked_to_accept_a_challenge():
    challenge = WALLS["challenge"][0]

    assert codes(challenge, Previous(held=held(challenge, "challenge", times=5))) == ["challenge"]
