"""The review in a browser's requests: a change arrives, is read, answered or dismissed, and taken back."""

import re

import pytest

from tests.served import copied, demonstration, serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture
def served(folder, tmp_path):
    with serving(copied(folder, tmp_path / "own")) as running:
        yield running


def fields(page, action):
    """The fields of the form with this action, as a browser would send them untouched."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        found[re.search(r'name="([^"]*)"', tag)[1]] = (re.search(r'value="([^"]*)"', tag) or ["", ""])[1]
    for name, options in re.findall(r'<select name="(\w+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r"<option selected>([^<]*)", options) or re.search(
            r'<option(?: value="([^"]*)")?>([^<]*)', options
        )
        found[name] = next(value for value in chosen.groups() if value)
    return found


def test_the_inbox_tells_what_each_change_says_most_serious_first(served):
    with served.client() as client:
        page = client.get("/").text
    assert "2 changes wait for a review; 3 claims in doubt." in page
    assert "may be used for training" in page
    assert page.index("Aurora · Commercial Terms") < page.index("Borealis · Data Usage Policy")


def test_a_claim_that_still_holds_is_confirmed_and_the_next_change_comes(served):
    with served.client() as client:
        page = client.get("/changes/1").text
        action = "/claims/aurora/api/training/verify"
        answer = client.post(action, data={**fields(page, action), "does": "confirm", "note": "still no"})
        assert answer.status_code == 303
        assert re.fullmatch(r"/changes/3\?done=\d+", answer.headers["location"])
        assert "aurora/api training verified as no" in client.get(answer.headers["location"]).text.lower()
    (kept,) = served.monitor.store.verifications()
    assert (kept.position, kept.by, kept.note) == ("no", "robin", "still no")
    assert served.monitor.store.waiting_numbers() == (3,)


def test_the_value_of_the_changed_clause_is_offered_and_kept_with_the_clause(served):
    with served.client() as client:
        page = client.get("/changes/3").text
        assert "The changed clause says: <strong>90 days</strong>" in page
        action = "/claims/borealis/api/retention/verify"
        client.post(action, data={**fields(page, action), "does": "change"})
    (kept,) = served.monitor.store.verifications()
    assert kept.period.text == "90 days"
    assert "within 90 days" in kept.evidence


def test_the_change_stays_until_every_claim_it_doubts_is_answered(served):
    with served.client() as client:
        for product, after in (("borealis/api", "/changes/3"), ("dune/app", "/changes/1")):
            page = client.get("/changes/3").text
            action = f"/claims/{product}/retention/verify"
            answer = client.post(action, data={**fields(page, action), "does": "confirm"})
            assert answer.headers["location"].startswith(f"{after}?")


def test_a_change_is_dismissed_with_a_reason_and_taken_back(served):
    with served.client() as client:
        page = client.get("/changes/3").text
        action = "/changes/3/dismiss"
        answer = client.post(action, data={**fields(page, action), "why": "only for <b>resellers</b>"})
        told = client.get(answer.headers["location"]).text
        assert "Change 3 dismissed: only for &lt;b&gt;resellers&lt;/b&gt;" in told
        assert served.monitor.store.waiting_numbers() == (1,)

        (undo,) = re.findall(r'action="(/steps/\d+/undo)"', told)
        client.post(undo, data={"back": "/"})
        assert served.monitor.store.waiting_numbers() == (1, 3)


def test_without_a_reason_nothing_is_dismissed(served):
    with served.client() as client:
        answer = client.post("/changes/3/dismiss", data={"why": "  "})
    assert answer.status_code == 409
    assert "give the reason" in answer.text
    assert served.monitor.store.waiting_numbers() == (1, 3)


def test_the_second_of_two_reviewers_is_told_what_the_first_one_said(served):
    action = "/claims/aurora/api/training/verify"
    with served.client() as client:
        page = client.get("/changes/1").text
        first = {**fields(page, action), "does": "change", "position": "opt-out", "note": "clause B"}
        second = {**fields(page, action), "does": "confirm"}
        assert client.post(action, data=first).status_code == 303
        answer = client.post(action, data=second)
    assert answer.status_code == 409
    assert "answered meanwhile" in answer.text
    assert "clause B" in answer.text
    assert [one.position for one in served.monitor.store.verifications()] == ["opt-out"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"does": "change", "position": "perhaps"}, "is not one of"),
        ({"does": "change", "position": "no", "clause": "f" * 24}, "the document has another text"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_kept(served, more, says):
    action = "/claims/aurora/api/training/verify"
    with served.client() as client:
        answer = client.post(action, data={**fields(client.get("/changes/1").text, action), **more})
    assert answer.status_code == 409
    assert says in answer.text
    assert served.monitor.store.verifications() == ()


def test_everything_that_was_answered_is_listed_and_can_be_taken_back(served):
    action = "/claims/aurora/api/training/verify"
    with served.client() as client:
        client.post(action, data={**fields(client.get("/changes/1").text, action), "does": "confirm"})
        page = client.get("/steps").text
        assert "aurora/api training verified as no" in page
        client.post(re.search(r'action="(/steps/\d+/undo)"', page)[1], data={"back": "/steps"})
        assert "undone by step" in client.get("/steps").text


def test_a_change_can_be_read_inline_too(served):
    with served.client() as client:
        beside, inline = (client.get(f"/changes/1?view={view}").text for view in ("", "inline"))
    assert 'class="before"' in beside
    assert 'class="before"' not in inline
    assert "<del>will not</del>" in inline.replace("\n", "")


def test_any_two_versions_are_compared_in_their_order(served):
    ids = [one.id for one in served.monitor.store.versions("borealis/retention")]
    with served.client() as client:
        page = client.get(f"/documents/borealis/retention/compare?before={ids[1]}&after={ids[0]}").text
    assert "<del>30</del>" in page.replace("\n", "")
    assert "<ins>90</ins>" in page.replace("\n", "")


def test_words_of_any_version_are_found_with_their_dates(served):
    with served.client() as client:
        page = client.get("/search", params={"q": '"inputs and outputs" within'}).text
    assert "2 clauses found." in page
    assert "Stands now" in page
    assert "Stood once" in page


def test_a_capture_is_shown_as_it_was_served_behind_glass(served):
    (version, *_) = served.monitor.store.versions("borealis/retention")
    with served.client() as client:
        answer = client.get(f"/captures/{version.capture_sha256}/body")
    assert answer.content == served.monitor.store.capture(version.capture_sha256).body
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_what_was_not_seen_is_under_health_with_the_next_attempt(served):
    with served.client() as client:
        page = client.get("/health").text
    assert "dune/terms" in page
    assert "next attempt" in page


def test_every_link_within_the_application_leads_somewhere(served):
    seen, edge = set(), ["/"]
    with served.client() as client:
        while edge:
            path = edge.pop()
            if path in seen:
                continue
            seen.add(path)
            answer = client.get(path)
            assert answer.status_code == 200, path
            if "html" in answer.headers["content-type"] and not path.endswith("/body"):
                edge += [link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)', answer.text)]
    assert len(seen) > 20
