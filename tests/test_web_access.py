"""Who may come in: nobody from elsewhere, nobody without the password, and safe headers on every answer."""

import pytest

from monitor.errors import UsageError
from monitor.web.access import STAYS, Access
from monitor.web.server import server
from tests.served import demonstration, serving

PAGES = ("/", "/documents", "/documents/aurora/commercial-terms", "/health", "/sign-in", "/nothing-here")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture(scope="module")
def served(folder):
    with serving(folder) as running:
        yield running


@pytest.fixture(scope="module")
def guarded(folder):
    with serving(folder, password="s3cret pass") as running:
        yield running


def sign_in(client, *, name="Ana", password="s3cret pass", **more):
    return client.post("/sign-in", data={"name": name, "password": password, "next": "/documents", **more})


# --- on this machine ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_safe_headers(served, path):
    with served.client() as client:
        headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_from_elsewhere(served, path):
    with served.client() as client:
        page = client.get(path).text
    assert 'src="http' not in page
    assert 'rel="stylesheet" href="http' not in page
    assert "style=" not in page
    assert "onclick" not in page


def test_a_name_of_somebody_else_that_leads_here_is_refused(served):
    with served.client(host="rebound.example") as client:
        assert client.get("/").status_code == 421


def test_localhost_is_this_machine_too(served):
    with served.client(host=f"localhost:{served.host.partition(':')[2]}") as client:
        assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=["another site", "another origin", "no origin at all", "a neighbour"],
)
def test_a_form_of_another_site_is_refused(served, headers):
    with served.client(**headers) as client:
        assert client.post("/sign-out").status_code == 403


def test_a_request_that_does_not_say_where_it_comes_from_is_refused(served):
    with served.client() as client:
        del client.headers["origin"]
        del client.headers["sec-fetch-site"]
        assert client.post("/sign-out").status_code == 403


def test_a_form_of_our_own_is_taken(served):
    with served.client() as client:
        assert client.post("/sign-out").status_code == 303


def test_what_is_not_there_is_said_plainly(served):
    with served.client() as client:
        answer = client.get("/documents/aurora/nothing")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text


# --- with a password ---------------------------------------------------------------------------


def test_without_a_password_only_this_machine_is_served(served):
    with pytest.raises(UsageError, match="MONITOR_PASSWORD"):
        server(lambda: served.monitor, Access(), host="0.0.0.0", port=0, alone=True)


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(guarded):
    with guarded.client() as client:
        asked = client.get("/documents?provider=aurora")
        assert asked.status_code == 303
        assert asked.headers["location"] == "/sign-in?next=/documents%3Fprovider%3Daurora"
        assert (
            sign_in(client, next="/documents?provider=aurora").headers["location"]
            == "/documents?provider=aurora"
        )
        assert client.get("/documents").status_code == 200


def test_the_name_is_shown_and_signing_out_ends_it(guarded):
    with guarded.client() as client:
        sign_in(client, name="Ana Ødegård")
        assert "Ana Ødegård" in client.get("/documents").text
        client.post("/sign-out")
        assert client.get("/documents").status_code == 303


def test_a_wrong_password_lets_nobody_in(guarded):
    with guarded.client() as client:
        answer = sign_in(client, password="s3cret pasz")
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert client.get("/documents").status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "evil"]
)
def test_signing_in_leads_nowhere_else(guarded, target):
    with guarded.client() as client:
        assert sign_in(client, next=target).headers["location"] == "/"


def test_the_pass_cannot_be_read_by_scripts_nor_sent_from_other_sites(guarded):
    with guarded.client() as client:
        cookie = sign_in(client).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_program_signs_in_with_the_password_as_its_token(guarded):
    with guarded.client(authorization="Bearer s3cret pass") as client:
        assert client.get("/documents").status_code == 200
    with guarded.client(authorization="Bearer wrong") as client:
        assert client.get("/documents").status_code == 303


def test_a_pass_is_worth_nothing_when_changed_grown_old_or_of_another_password():
    access, now = Access("one"), 1_000_000.0
    cookie = access.pass_for("Ana.B", now)
    assert access.name_in(cookie, now) == "Ana.B"
    assert access.name_in(cookie, now + STAYS) is None
    assert access.name_in(cookie.replace("Ana", "Eve"), now) is None
    assert access.name_in(str(int(now) + 10 * STAYS) + cookie[cookie.index(".") :], now) is None
    assert Access("two").name_in(cookie, now) is None
    assert access.name_in("", now) is None


# --- what is sent ------------------------------------------------------------------------------


def test_more_than_any_form_holds_is_refused(served):
    with served.client() as client:
        answer = client.post("/changes/1/dismiss", data={"why": "x" * 1_100_000})
        assert answer.status_code == 413
        assert client.post("/changes/1/dismiss", data={"why": ""}).status_code == 409


def test_behind_a_server_that_speaks_https_forms_are_taken_and_the_cookie_stays_on_https(guarded):
    forwarded = {"host": "review.example.org", "x-forwarded-proto": "https"}
    with guarded.client(**forwarded) as client:
        client.headers["origin"] = "https://review.example.org"
        answer = sign_in(client)
        assert answer.status_code == 303
        assert "secure" in answer.headers["set-cookie"].lower()
        client.headers["origin"] = "https://elsewhere.example"
        client.headers["sec-fetch-site"] = "cross-site"
        assert sign_in(client).status_code == 403
