"""The JSON interface: it answers as it is described, to whatever is asked, and as the pages do."""

from pathlib import Path

import hypothesis
import pytest
import schemathesis

import monitor.web
from monitor.web import api
from tests.served import copied, demonstration, serving

ROOT = "/api/v1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture(scope="module")
def described(folder, tmp_path_factory):
    with serving(copied(folder, tmp_path_factory.mktemp("described") / "own")) as running:
        yield running


@pytest.fixture
def served(folder, tmp_path):
    with serving(copied(folder, tmp_path / "own")) as running:
        yield running


DESCRIPTION = Path(monitor.web.__file__).with_name("openapi.json")
OPERATIONS = {
    found.ok().label: found.ok() for found in schemathesis.openapi.from_path(DESCRIPTION).get_all_operations()
}


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_to_any_request_is_as_the_description_says(described, label):
    @hypothesis.settings(max_examples=30, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(OPERATIONS[label].as_strategy())
    def ask(case):
        case.call_and_validate(base_url=described.url)

    ask()


def test_the_description_is_served_and_names_every_address(described):
    with described.client() as client:
        served = client.get(f"{ROOT}/openapi.json").json()
    routes = {route.path.replace(":int", "") for route in api.ROUTES} - {f"{ROOT}/openapi.json"}
    assert set(served["paths"]) == routes


def verification(client):
    seen = client.get(f"{ROOT}/claims/aurora/api/training").json()["seen"]
    return client.post(
        f"{ROOT}/claims/aurora/api/training/verification",
        json={**seen, "position": "opt-out", "note": "read B", "evidence": "unless Customer opts out"},
    )


def test_an_answer_is_kept_with_its_clause_and_shows_everywhere(served):
    with served.client() as client:
        answer = verification(client)
        assert answer.status_code == 201
        (claim,) = [
            one
            for one in client.get(f"{ROOT}/claims").json()["claims"]
            if (one["product"], one["topic"]) == ("aurora/api", "training")
        ]
        page = client.get("/steps").text
    assert (claim["position"], claim["state"], claim["by"]) == ("opt-out", "verified", "robin")
    assert "aurora/api training verified as opt-out" in page
    (kept,) = served.monitor.store.verifications()
    assert kept.evidence.startswith("Aurora may use Customer Content")


def test_an_answer_to_what_was_answered_meanwhile_is_refused_with_who_did(served):
    with served.client() as client:
        seen = client.get(f"{ROOT}/claims/aurora/api/training").json()["seen"]
        verification(client)
        late = client.post(f"{ROOT}/claims/aurora/api/training/verification", json={**seen, "position": "no"})
    assert late.status_code == 409
    assert "read B" in late.json()["error"]


def test_a_change_is_dismissed_and_the_step_taken_back(served):
    with served.client() as client:
        doubts = [one["id"] for one in client.get(f"{ROOT}/changes/3").json()["doubts"]]
        step = client.post(f"{ROOT}/changes/3/dismissal", json={"why": "resellers", "doubts": doubts}).json()[
            "step"
        ]
        assert client.get(f"{ROOT}/changes?waiting=true").json()["changes"][0]["id"] == 1
        assert client.post(f"{ROOT}/steps/{step}/undoing", json={}).status_code == 201
        assert client.post(f"{ROOT}/steps/{step}/undoing", json={}).status_code == 409
        assert len(client.get(f"{ROOT}/changes?waiting=true").json()["changes"]) == 2


def test_what_is_wrong_in_a_request_is_named(served):
    with served.client() as client:
        answer = client.post(f"{ROOT}/changes/3/dismissal", json={"because": "x"})
        listing = client.get(f"{ROOT}/changes?limit=0&sort=up")
    assert answer.status_code == listing.status_code == 422
    assert "why: Field required" in answer.json()["error"]
    assert "limit" in listing.json()["error"]
    assert "sort" in listing.json()["error"]


def test_a_program_needs_the_password_where_one_is_set(folder, tmp_path):
    with serving(copied(folder, tmp_path / "guarded"), password="s3cret") as running:
        with running.client() as client:
            assert client.get(f"{ROOT}/claims").status_code == 401
        with running.client(authorization="Bearer s3cret") as client:
            del client.headers["origin"], client.headers["sec-fetch-site"]
            assert client.get(f"{ROOT}/claims").status_code == 200
            assert client.post(f"{ROOT}/changes/3/dismissal", json={"why": "x"}).status_code == 409


def test_another_sites_page_cannot_post_json_in_disguise(served):
    with served.client(origin="https://evil.example", **{"sec-fetch-site": "cross-site"}) as client:
        answer = client.post(
            f"{ROOT}/changes/3/dismissal", content='{"why": "x"}', headers={"content-type": "text/plain"}
        )
    assert answer.status_code == 403
