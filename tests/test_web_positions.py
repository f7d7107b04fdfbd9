"""The positions in the browser's requests: the table and its filters, and the story of every claim."""

import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import html5lib
import pytest

from monitor.ledger import Event, EventKind
from monitor.model import Claim, Document, Doubt, Seen, StepKind, Verification, Watchlist
from monitor.model import Step as Deed
from monitor.report.picture import Step, timeline
from monitor.settings import Settings
from monitor.web.positions import moves
from monitor.wiring import Monitor
from tests.served import copied, demonstration, serving
from tests.store_samples import Story
from tests.test_web_review import fields

AT = datetime(2026, 5, 5, tzinfo=UTC)
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture
def served(folder, tmp_path):
    with serving(copied(folder, tmp_path / "own")) as running:
        yield running


@pytest.fixture
def client(served):
    with served.client() as opened:
        yield opened


def paths(page):
    """The product paths of the table's rows."""
    return re.findall(r'class="under">([a-z]+/[a-z]+)<', page)


# --- the table ---------------------------------------------------------------------------------


def test_every_product_path_has_its_claims_with_their_dates_and_states(client):
    page = client.get("/positions").text
    assert paths(page) == ["aurora/api", "borealis/api", "cirrus/assistant", "dune/app"]
    cell = page[page.index('href="/positions/borealis/api/retention"') :].split("</td>")[0]
    assert ">30 days<" in cell
    assert "last verified" in cell
    assert "needs re-verification since" in cell


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("provider=dune", ["dune/app"]),
        ("audience=api", ["aurora/api", "borealis/api"]),
        ("state=needs+re-verification", ["aurora/api", "borealis/api", "dune/app"]),
        ("state=verified", ["aurora/api", "cirrus/assistant", "dune/app"]),
        ("state=expired", []),
        ("audience=consumer&state=needs+re-verification", ["dune/app"]),
        ("provider=&audience=&state=", ["aurora/api", "borealis/api", "cirrus/assistant", "dune/app"]),
        ("provider=nobody", []),
    ],
)
def test_the_table_is_narrowed_by_provider_audience_and_state(client, query, shown):
    page = client.get(f"/positions?{query}").text
    assert paths(page) == shown
    assert ("No product path is like that" in page) == (not shown)


def test_the_form_shows_what_was_asked_for(client):
    page = client.get("/positions?audience=api&state=needs+re-verification").text
    assert "<option selected>api</option>" in page
    assert "<option selected>needs re-verification</option>" in page
    assert '<a class="reset" href="/positions">' in page


def test_every_cell_leads_to_a_page(client):
    for address in set(re.findall(r'href="(/positions/[^"]+)"', client.get("/positions").text)):
        assert client.get(address).status_code == 200, address


def test_a_query_is_only_ever_text(client):
    assert "<script>alert" not in client.get("/positions", params={"provider": EVIL, "state": EVIL}).text


@pytest.mark.parametrize(
    "path",
    [
        "/positions",
        "/positions?state=expired",
        "/positions/aurora/api/training",
        "/positions/borealis/api/training",
    ],
)
def test_the_pages_are_valid_html(client, path):
    html5lib.HTMLParser(strict=True).parse(client.get(path).text)


# --- one claim ---------------------------------------------------------------------------------


def test_a_claim_in_doubt_shows_why_and_what_the_documents_say_now(client):
    page = client.get("/positions/aurora/api/training").text
    assert "Needs re-verification since" in page
    assert '<a href="/changes/1">change 1</a>' in page
    assert "2 documents: 1 contradicts it" in page
    assert "<mark>opts out</mark>" in page


def test_a_claim_that_was_answered_shows_its_clause_and_its_story(client):
    address = "/positions/aurora/api/training"
    action = "/claims/aurora/api/training/verify"
    form = fields(client.get(address).text, action)
    client.post(action, data={**form, "does": "change", "position": "opt-out", "note": "read it"})
    page = client.get(address).text
    assert re.search(r"Last verified \d{4}-\d\d-\d\d by robin\.", page)
    assert "The clause it rests on, from" in page
    assert "unless Customer opts out" in page
    story = page[page.index('class="story"') :]
    assert story.index("Verified by robin: opt-out, settles change 1") < story.index("Doubted by change 1")
    assert story.index("Doubted by change 1") < story.index("Published: no")
    assert "“read it”" in story


def test_an_answer_that_was_taken_back_stays_in_the_story(client, served):
    action = "/claims/aurora/api/training/verify"
    form = fields(client.get("/positions/aurora/api/training").text, action)
    client.post(action, data={**form, "does": "confirm"})
    client.post("/steps/1/undo", data={"back": "/positions/aurora/api/training"})
    page = client.get("/positions/aurora/api/training").text
    assert "Needs re-verification" in page
    assert "Step 1 undone by robin" in page
    assert "undone by step 2" in page


def test_a_path_that_depends_on_another_names_it(client):
    page = client.get("/positions/dune/app/retention").text
    assert "(it depends on borealis/api)" in page


def test_a_topic_without_a_claim_says_so(client):
    page = client.get("/positions/borealis/api/training").text
    assert "Nothing is published on this." in page
    assert "Nothing was ever claimed." in page


@pytest.mark.parametrize(
    "path", ["/positions/aurora/api/weather", "/positions/aurora/none/training", "/positions/x/y/z"]
)
def test_a_claim_that_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_notes_and_clauses_of_people_are_only_ever_text(client, served):
    answer = Verification(
        product="aurora/api", topic="training", position="no", at=datetime.now(UTC), by=EVIL, note=EVIL,
        version=1, evidence=EVIL,
    )  # fmt: skip
    served.monitor.store.verify(answer, Seen())
    page = client.get("/positions/aurora/api/training").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "\u202e" not in page


def test_names_and_sources_of_the_watchlist_are_only_ever_text(folder, tmp_path):
    own = copied(folder, tmp_path / "own")
    text = (own / "watchlist.toml").read_text()
    for name in ('"Aurora API"', '"Aurora"', '"demonstration"'):
        text = text.replace(name, f"'{EVIL}'")
    (own / "watchlist.toml").write_text(text)
    with serving(own) as served, served.client() as client:
        for path in ("/positions", "/positions/aurora/api/training", "/badges/aurora/api/training.svg"):
            page = client.get(path).text
            assert "alert(1)" in page
            assert "<script>alert" not in page
            assert "<img src=x" not in page


def test_what_the_documents_say_is_read_anew_when_they_change(store, tmp_path):
    document = Document(
        id="acme/terms", provider="acme", type="Terms of Service", url="https://acme.test/terms"
    )
    watched = Watchlist(providers={}, documents={document.id: document}, products={})
    now = Monitor(settings=Settings(watchlist=tmp_path, database=""), watchlist=watched, store=store)
    story = Story(store)
    story.first("We do not use your content to train our models.")
    first = now.reading(document)
    assert now.reading(document) is first
    story.changed("We may use your content to train our models.")
    assert [one.position for one in first.statements] == ["no"]
    assert [one.position for one in now.reading(document).statements] == ["yes"]


# --- how it moved ------------------------------------------------------------------------------


def published(position, days, verified=None):
    claim = Claim(product="nord/api", topic="training", position=position, verified=verified)
    return Event(kind=EventKind.PUBLISHED, at=AT + timedelta(days=days), claims=(claim,))


def doubted(number, days):
    at = AT + timedelta(days=days)
    doubt = Doubt(product="nord/api", topic="training", document="nord/terms", summary="", at=at, id=number)
    return Event(kind=EventKind.DOUBTED, at=at, doubt=doubt)


def verified(position, days, settled=(), **more):
    at = AT + timedelta(days=days)
    answer = Verification(product="nord/api", topic="training", position=position, at=at)
    step = Deed(id=days, kind=StepKind.VERIFICATION, at=at, verification=answer, settled=settled, **more)
    return Event(kind=EventKind.VERIFIED, at=at, step=step)


def dismissed(days, settled):
    at = AT + timedelta(days=days)
    return Event(
        kind=EventKind.DISMISSED, at=at, step=Deed(id=days, kind=StepKind.DISMISSAL, at=at, settled=settled)
    )


def told(*events):
    return [((step.at - AT).days, step.words, step.doubtful) for step in moves(events)]


def test_a_position_moves_when_it_is_published_doubted_and_verified():
    assert told(published("no", 0), doubted(1, 10), verified("opt-out", 20, settled=(1,))) == [
        (0, "no", False),
        (10, "no", True),
        (20, "opt-out", False),
    ]


def test_a_doubt_lasts_until_the_last_one_is_settled():
    events = (
        published("no", 0),
        doubted(1, 10),
        doubted(2, 12),
        dismissed(15, (1,)),
        verified("no", 20, (2,)),
    )
    assert told(*events) == [(0, "no", False), (10, "no", True), (20, "no", False)]


def test_what_was_undone_held_nothing():
    events = (published("no", 0), doubted(1, 10), verified("yes", 20, (1,), undone_by=21))
    assert told(*events) == [(0, "no", False), (10, "no", True)]


def test_what_is_published_without_a_newer_date_does_not_replace_an_answer():
    events = (published("no", 0), verified("yes", 20), published("opt-in", 30, date(2026, 5, 10)))
    assert told(*events) == [(0, "no", False), (20, "yes", False)]


def test_the_picture_has_a_band_a_step_as_wide_as_it_lasted_and_hatches_doubt():
    steps = [Step(AT, "no"), Step(AT + timedelta(days=75), "no", doubtful=True)]
    drawn = ElementTree.fromstring(str(timeline(steps, AT + timedelta(days=100))))
    bands = drawn.findall("./svg/svg")
    assert [(band.get("class"), band.get("x"), band.get("width")) for band in bands] == [
        ("held", "0.00%", "75.00%"),
        ("doubtful", "75.00%", "25.00%"),
    ]
    assert [band.findtext("title") for band in bands] == [
        "from 2026-05-05: no",
        "from 2026-07-19: no, in doubt",
    ]
    assert bands[1].find("rect[@class='hatch']") is not None
    assert drawn.findtext("figcaption") == "from 2026-05-05: no; from 2026-07-19: no, in doubt"


def test_what_is_only_a_day_old_is_seen_beside_years():
    steps = [Step(AT, "30 days"), Step(AT + timedelta(days=2000), "90 days")]
    drawn = ElementTree.fromstring(str(timeline(steps, AT + timedelta(days=2001))))
    first, last = drawn.findall("./svg/svg")
    assert float(last.get("width").removesuffix("%")) > 3.5
    assert float(first.get("width").removesuffix("%")) + float(last.get("width").removesuffix("%")) == 100
    assert last.findtext("text") == ""  # its words do not fit, and are in the title


def test_nothing_that_happened_is_no_picture():
    assert timeline([], AT) == ""


def test_words_in_a_picture_are_only_ever_text():
    drawn = str(timeline([Step(AT, EVIL)], AT + timedelta(days=1)))
    assert "<script>" not in drawn
