"""The past of documents from repositories of Open Terms Archive: each test makes a small one with git."""

import importlib.util
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from monitor.store import Store
from tests.history_archive import DAY, LONGER, START, YES, Archive, imported, markdown, watch
from tests.program import CLAUSES, page, program_in
from tests.test_extract_pdf import lines, written


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "acme-versions")


@pytest.fixture
def program(tmp_path):
    folder = tmp_path / "watching"
    folder.mkdir()
    with program_in(folder) as made:
        watch(made)
        yield made


def versions(program, document="acme/terms"):
    with Store.open(f"sqlite:///{program.folder / 'watchlist.db'}") as store:
        return store.versions(document)


def changes(program):
    return sorted(program.json("changes"), key=lambda one: one["at"])


def test_the_first_record_is_a_baseline_and_a_later_one_a_change_of_its_own_time(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Training=YES))

    out = imported(program, archive)

    assert "acme/terms: 1 first, 1 changed; 1 of them flagged" in out
    assert [one.at for one in versions(program)] == [START, START + DAY]
    (change,) = changes(program)
    assert change["at"] == "2024-03-02T12:00:00Z"
    assert change["source"].startswith("open terms archive: acme-versions ")


def test_a_text_is_read_as_markdown_though_the_page_of_today_is_html(program, archive):
    watch(program, url="https://acme.test/terms.html", verified="2026-05-05")
    text = (program.folder / "watchlist.toml").read_text()
    selected = text.replace('type = "Terms of Service"', 'type = "Terms of Service"\nselect = "#write"')
    (program.folder / "watchlist.toml").write_text(selected)
    archive.record(markdown(), "First record of Acme Terms of Service")

    assert "acme/terms: 1 first" in imported(program, archive)


# --- what kind of record ------------------------------------------------------------------------


def test_what_only_the_archives_engine_read_otherwise_is_technical(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    upgrade = "Apply technical or declaration upgrade on Acme Terms of Service"
    archive.record(markdown(Training=YES), upgrade)
    archive.record(markdown(Training=YES, Retention=LONGER))

    imported(program, archive)

    (change,) = changes(program)
    assert change["at"] == "2024-03-03T12:00:00Z"
    technical, told = program.select("SELECT technical, alert FROM changes ORDER BY at")
    assert (technical, told) == ((1, 0), (0, 1))


UPGRADE = "Apply technical or declaration upgrade on Acme Terms of Service"
AT_ONCE = timedelta(0)
"""An upgrade reads the last snapshot again, and is recorded with that snapshot's time."""


def upgraded(text):
    return text.replace("## ", "### ").replace("Terms of Service", "Terms of Service of Acme")


def test_an_upgrade_takes_nothing_from_the_change_that_it_reads_again(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Training=YES), after=AT_ONCE)
    archive.record(upgraded(markdown(Training=YES)), UPGRADE, after=30 * DAY)
    archive.record(upgraded(markdown(Training=YES, Retention=LONGER)), after=AT_ONCE)
    archive.record(markdown(Training=YES, Retention=LONGER), UPGRADE)

    out = imported(program, archive)

    assert "2 of them flagged" in out
    assert not any(one["withdrawn"] for one in changes(program))


def test_an_upgrade_with_the_time_of_an_older_snapshot_stays_behind_what_it_reads_again(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service", after=30 * DAY)
    archive.record(markdown(Training=YES))
    archive.at = START
    archive.record(upgraded(markdown(Training=YES)), UPGRADE)

    assert "1 of them flagged" in imported(program, archive)
    assert changes(program)[0]["at"] == "2024-03-31T12:00:00Z"


def test_an_upgrade_that_comes_after_an_import_is_added_by_the_next(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Training=YES), after=AT_ONCE)
    imported(program, archive)
    archive.record(upgraded(markdown(Training=YES)), UPGRADE)

    assert "acme/terms: 1 changed; 2 known from an earlier run" in imported(program, archive)
    archive.record(upgraded(markdown(Training=YES, Retention=LONGER)))
    assert "acme/terms: 1 changed; 1 of them flagged; 3 known" in imported(program, archive)


def test_a_much_shorter_text_after_an_upgrade_is_technical_and_not_doubted(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service", after=timedelta(hours=1))
    short = dict(list(CLAUSES.items())[:3])
    archive.record(markdown(short), "Refilter Acme Terms of Service", after=timedelta(hours=1))

    assert "1 first, 1 changed" in imported(program, archive)
    assert changes(program) == []


def test_a_text_that_the_archive_had_for_an_hour_only_is_never_confirmed(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Training=YES), after=timedelta(hours=1))
    archive.record(markdown())

    imported(program, archive)

    (change,) = changes(program)
    assert change["withdrawn"]
    assert len(versions(program)) == 1


def test_a_challenge_in_the_archive_is_held_back_and_no_change(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record("# Just a moment...\n\nVerify you are human by completing the action below.\n")
    archive.record(markdown(Training=YES))

    out = imported(program, archive)

    assert "1 first, 1 doubtful, 1 changed" in out
    assert "; doubtful: the page is titled 'Just a moment...'" in out
    (change,) = changes(program)
    assert change["at"] == "2024-03-03T12:00:00Z"


def test_a_shrunk_text_that_stood_for_a_day_is_believed(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(dict(list(CLAUSES.items())[:4])))
    archive.record(markdown(dict(list(CLAUSES.items())[:4]), Training=YES))

    assert "2 changed" in imported(program, archive)


def test_a_commit_of_the_archives_keepers_is_technical(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Training=YES), "Clean up by hand")

    imported(program, archive)

    assert changes(program) == []


def test_every_commit_counts_where_none_is_worded_as_the_archives(program, archive):
    archive.record(markdown(), "terms of today")
    archive.record(markdown(Training=YES), "terms of today")

    imported(program, archive)

    assert len(changes(program)) == 1


# --- what is which ------------------------------------------------------------------------------


def test_the_names_are_kept_in_the_watchlist_and_used_again(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    imported(program, archive)

    text = (program.folder / "watchlist.toml").read_text()
    assert 'history = "Acme/Terms of Service"\n' in text
    assert "(as the watchlist says)" in imported(program, archive)


def test_a_dry_run_names_everything_and_keeps_nothing(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(), "First record of Zeta Terms of Service", name="Zeta/Terms of Service.md")

    out = imported(program, archive, "--dry-run")

    assert "Acme/Terms of Service -> acme/terms" in out
    assert "Zeta/Terms of Service: left out: no provider or product of that name" in out
    assert "history" not in (program.folder / "watchlist.toml").read_text()
    assert not (program.folder / "watchlist.db").exists()


def test_a_service_named_after_a_product_is_its_providers(program, archive):
    name = "Acme Chat/Terms of Service.md"
    archive.record(markdown(), "First record of Acme Chat Terms of Service", name=name)

    assert "Acme Chat/Terms of Service -> acme/terms (the same provider and type)" in imported(
        program, archive
    )


def test_a_snapshot_is_recognised_by_the_address_that_it_was_taken_from(program, archive):
    where = "X-source-document-location: https://www.acme.test/terms/"
    archive.record(page(), "First record of Zeta Imprint", name="Zeta/Imprint #terms.html", body=where)

    assert "Zeta/Imprint #terms -> acme/terms (the same address)" in imported(program, archive)


def test_terms_are_taken_for_a_document_as_told(program, archive):
    archive.record(markdown(), "First record of Zeta Imprint", name="Zeta/Imprint.md")

    out = imported(program, archive, "--map", "Zeta/Imprint=acme/terms")

    assert "acme/terms: 1 first" in out


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("Zeta/Imprint=acme/nothing", '"acme/nothing" is not in the watchlist'),
        ("Zeta/Imprint #0=acme/terms", 'acme-versions has no terms "Zeta/Imprint #0"'),
        ("Zeta/Nothing=acme/terms", 'acme-versions has no terms "Zeta/Nothing"; there is: Zeta/Imprint'),
        ("Zeta/Imprint", "write SERVICE/TYPE=PROVIDER/DOCUMENT"),
    ],
)
def test_terms_and_documents_that_there_are_not_are_named(program, archive, told, said):
    archive.record(markdown(), "First record of Zeta Imprint", name="Zeta/Imprint.md")

    imported(program, archive, "--map", told, code=3)

    assert said in program.said


def test_a_service_that_was_renamed_is_one_history(program, archive):
    archive.record(markdown(), "First record of Zeta Terms of Service", name="Zeta/Terms of Service.md")
    archive.rename("Zeta/Terms of Service.md", "Acme/Terms of Service.md")
    archive.record(markdown(Training=YES))

    assert "acme/terms: 1 first, 1 changed" in imported(program, archive)


def test_of_two_services_with_the_same_terms_at_the_same_time_one_is_taken(program, archive):
    other = "Acme Chat/Terms of Service.md"
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(), "First record of Acme Chat Terms of Service", name=other)
    archive.record(markdown(Training=YES))
    archive.record(markdown(Training=YES), "Record new changes of Acme Chat Terms of Service", name=other)

    out = imported(program, archive)

    assert out.count("-> acme/terms") == 1
    assert "is taken for acme/terms" in out
    assert "acme/terms: 1 first, 1 changed" in out


def test_one_of_several_pages_that_a_text_is_put_together_from_can_be_taken(program, archive):
    several = (
        "This version was recorded after extracting from and assembling the following snapshots from"
        " 2 source documents:\n- abcdef0\n- abcdef1"
    )
    both = f"# Imprint\n\nAcme Ltd, Street 1.\n\n- - -\n\n{markdown()}"
    archive.record(both, "First record of Zeta Imprint", name="Zeta/Imprint.md", body=several)
    archive.record(
        both.replace("Street 1", "Street 2"),
        "Record new changes of Zeta Imprint",
        name="Zeta/Imprint.md",
        body=several,
    )

    out = imported(program, archive, "--map", "Zeta/Imprint #2=acme/terms")

    assert "put together from 2 pages, #1 to #2" in out
    assert "acme/terms: 1 first, 1 unchanged" in out

    program.run("history", "import", str(archive.folder), "--map", "Zeta/Imprint #3=acme/terms")
    assert '"Zeta/Imprint #3": Zeta/Imprint is put together from 2 pages' in program.said


# --- what is there already ----------------------------------------------------------------------


def test_a_second_run_adds_nothing(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Training=YES))
    imported(program, archive)

    assert "acme/terms: nothing new; 2 known from an earlier run" in imported(program, archive)
    assert len(versions(program)) == 2


def test_what_the_archive_records_later_is_added(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    imported(program, archive)
    archive.record(markdown(Training=YES))

    assert "acme/terms: 1 changed; 1 of them flagged; 1 known" in imported(program, archive)


def test_a_bare_clone_is_read_as_well(program, archive, tmp_path):
    archive.record(markdown(), "First record of Acme Terms of Service")
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(archive.folder), str(bare)], check=True)

    came, out = program.run("history", "import", str(bare))

    assert (came, "acme/terms: 1 first" in out) == (0, True)


def test_what_is_no_repository_is_refused_in_a_line(program, tmp_path):
    came, _ = program.run("history", "import", str(tmp_path))

    assert came == 3
    assert "git says: not a git repository" in program.said


def refused(program, *words):
    came, _ = program.run("history", "import", *map(str, words))
    assert came == 3
    return program.said


def test_a_record_that_cannot_be_read_for_want_of_a_part_is_read_once_it_is_there(
    program, archive, monkeypatch
):
    name = "Acme/Terms of Service.pdf"
    archive.record(written([lines("Terms of Service", YES, LONGER)]), "First record of Acme", name=name)
    with monkeypatch.context() as patch:
        patch.setattr(importlib.util, "find_spec", lambda name: None)
        assert "tos-monitor[pdf]" in refused(program, archive.folder)

    assert "acme/terms: 1 first" in imported(program, archive)


def test_snapshots_in_which_a_selector_finds_nothing_are_taken_once_it_is_mended(program, archive):
    old = page().replace(b"<main>", b"<section class=old>").replace(b"</main>", b"</section>")
    watchlist = program.folder / "watchlist.toml"
    text = watchlist.read_text()
    watchlist.write_text(
        text.replace('type = "Terms of Service"', 'type = "Terms of Service"\nselect = "main"')
    )
    name = "Acme/Terms of Service.html"
    archive.record(old, "First record of Acme Terms of Service", name=name)
    archive.record(page(CLAUSES | {"Training": YES}), name=name)

    said = imported(program, archive)
    watchlist.write_text(watchlist.read_text().replace('select = "main"', 'select = "main, .old"'))
    then = imported(program, archive)

    assert "acme/terms: 1 doubtful, 1 first; doubtful: the selector 'main' matches nothing" in said
    assert "acme/terms: 1 first" in then
    assert [one.at for one in versions(program)] == [START, START + DAY]
    assert changes(program)[0]["topics"]["training"]["flag"] == "substantive"


def test_a_shallow_clone_is_refused_because_its_dates_are_false(program, archive, tmp_path):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Training=YES))
    place = f"file://{archive.folder}"
    subprocess.run(["git", "clone", "-q", "--depth", "1", place, str(tmp_path / "shallow")], check=True)

    assert "fetch --unshallow" in refused(program, tmp_path / "shallow")


def test_a_repository_without_a_record_is_refused(program, archive):
    assert "acme-versions holds no records" in refused(program, archive.folder)
    archive.record("no terms", "Initial commit", name="docs/notes.txt")
    assert "acme-versions holds no records" in refused(program, archive.folder)


def test_a_repository_of_declarations_is_known_as_that(program, archive):
    archive.record("{}", "Add Acme", name="declarations/Acme.json")

    assert "tos-monitor history declarations" in refused(program, archive.folder)


def test_a_folder_that_there_is_not_is_to_be_cloned_first(program, tmp_path):
    assert "there is no such folder; clone the repository first" in refused(program, tmp_path / "nowhere")
    assert "git clone https://example.org/ota/versions" in refused(
        program, "https://example.org/ota/versions"
    )


@pytest.mark.parametrize("place", ["Acme", ".git"])
def test_a_folder_inside_a_repository_stands_for_all_of_it(program, archive, place):
    archive.record(markdown(), "First record of Acme Terms of Service")

    program.run("history", "import", str(archive.folder / place))

    assert versions(program)[0].source.startswith("open terms archive: acme-versions ")


def test_an_import_begins_with_the_text_that_stood_at_the_time(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Training=YES))
    archive.record(markdown(Training=YES, Retention=LONGER))

    out = imported(program, archive, "--since", "2024-03-02T18:00")

    assert "acme/terms: 1 first, 1 changed" in out
    assert versions(program)[0].at == START + DAY


def test_what_was_before_an_import_that_began_late_is_added_by_the_whole(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Training=YES))
    archive.record(markdown(Training=YES, Retention=LONGER))
    imported(program, archive, "--since", "2024-03-03T18:00")

    assert "acme/terms: 1 first, 1 changed; 1 of them flagged; 1 known" in imported(program, archive)
    assert [one.at for one in versions(program)] == [START, START + DAY, START + 2 * DAY]
    assert "acme/terms: nothing new; 3 known" in imported(program, archive)


# --- beside what was seen here ------------------------------------------------------------------


def test_a_history_goes_before_the_first_version_seen_here(program, archive, site):
    site.put("/terms", page())
    watch(program, f"{site.url}/terms")
    program.check(code=2)
    (own,) = versions(program)
    archive.record(markdown(Training=YES), "First record of Acme Terms of Service")
    archive.record(markdown())

    imported(program, archive)

    assert [one.source != "" for one in versions(program)] == [True, True, False]
    assert [one.at for one in versions(program)] == [START, START + DAY, own.at]
    assert versions(program)[-1].id == own.id
    assert program.select("SELECT id FROM documents WHERE id LIKE '%past'") == []
    site.put("/terms", page(CLAUSES | {"Training": YES}))
    assert program.check(code=1)["acme/terms"]["outcome"] == "changed"


def test_records_from_after_the_first_own_look_are_left_out_and_counted(program, archive, site):
    site.put("/terms", page())
    watch(program, f"{site.url}/terms")
    program.check(code=2)
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.at = datetime.now(UTC) + DAY
    archive.record(markdown(Training=YES))

    assert "1 first; 1 left out: not older than what was seen here" in imported(program, archive)
    assert "left out" in imported(program, archive)


def test_the_first_own_look_after_a_history_read_by_another_program_is_no_alert(program, archive, site):
    archive.record(markdown(), "First record of Acme Terms of Service")
    watch(program, f"{site.url}/terms")
    imported(program, archive)
    site.put("/terms", page(CLAUSES | {"Training": YES}))

    program.check(code=2)

    assert changes(program) == []
    assert program.select("SELECT technical, confirmed_at IS NULL FROM changes") == [(1, 0)]


def test_the_first_own_look_after_snapshots_is_a_change_as_any_other(program, archive, site):
    archive.record(page(), "First record of Acme Terms of Service", name="Acme/Terms of Service.html")
    watch(program, f"{site.url}/terms", verified="2024-06-01")
    imported(program, archive)
    site.put("/terms", page(CLAUSES | {"Training": YES}))

    program.check(code=1)

    (change,) = changes(program)
    assert (change["source"], change["state"]) == (None, "to review")


def test_a_text_that_waited_for_a_second_look_when_our_own_began_is_withdrawn(program, archive, site):
    site.put("/terms", page())
    watch(program, f"{site.url}/terms")
    program.check(code=2)
    archive.at = datetime.now(UTC) - DAY
    archive.record(markdown(), "First record of Acme Terms of Service", after=DAY - timedelta(hours=1))
    archive.record(markdown(Training=YES), after=timedelta(hours=2))
    archive.record(markdown())

    imported(program, archive)

    assert program.select("SELECT confirmed, withdrawn FROM versions ORDER BY at")[1] == (0, 1)
    site.put("/terms", page(CLAUSES | {"Retention": LONGER}))
    assert program.check(code=1)["acme/terms"]["outcome"] == "changed"


def test_a_past_of_nothing_but_doubtful_records_leaves_nothing_half_done(program, archive, site):
    site.put("/terms", page())
    watch(program, f"{site.url}/terms")
    program.check(code=2)
    archive.record("# Just a moment...\n\nVerify you are human by completing the action below.\n")

    assert "acme/terms: 1 doubtful" in imported(program, archive)

    assert program.select("SELECT id FROM documents WHERE id LIKE '%past'") == []
    assert "acme/terms: nothing new; 1 known" in imported(program, archive)


def test_a_wall_that_stood_in_the_past_too_can_stand_there_again(program, archive, site):
    site.put("/terms", page())
    watch(program, f"{site.url}/terms")
    program.check(code=2)
    wall = b"<title>Just a moment...</title><h1>Just a moment...</h1><p>Verify you are human.</p>"
    site.put("/terms", wall)
    program.check(code=2)
    name = "Acme/Terms of Service.html"
    archive.record(page(), "First record of Acme Terms of Service", name=name)
    archive.record(wall, name=name)

    assert "1 first, 1 doubtful" in imported(program, archive)

    assert program.check(code=2)["acme/terms"]["outcome"] == "doubtful"


def test_what_others_saw_long_ago_is_no_alarm_and_no_failure_of_ours(program, archive, site):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record("# Just a moment...\n\nVerify you are human by completing the action below.\n")
    watch(program, f"{site.url}/terms")
    imported(program, archive)

    (before,) = (one for one in program.json("status")["health"] if one["document"] == "acme/terms")
    program.check(code=2)  # the site has no such page

    (after,) = (one for one in program.json("status")["health"] if one["document"] == "acme/terms")
    assert (before["alarms"], before["failures"], before["last_good"]) == ([], 0, None)
    assert (after["alarms"], after["failures"]) == ([], 1)


def test_a_former_name_is_told_with_the_name_of_today(program, archive):
    archive.record(markdown(), "First record of Zeta Terms of Service", name="Zeta/Terms of Service.md")
    archive.rename("Zeta/Terms of Service.md", "Acme/Terms of Service.md")
    archive.record(markdown(Training=YES))

    out = imported(program, archive, "--dry-run")

    assert "Acme/Terms of Service -> acme/terms (the same provider and type), 1 record, " in out
    assert "before that Zeta/Terms of Service" in out
    assert "left out" not in out


def test_the_history_can_be_searched_and_read_where_it_was_put_before(program, archive, site):
    site.put("/terms", page())
    watch(program, f"{site.url}/terms")
    program.check(code=2)
    archive.record(markdown(Training=YES), "First record of Acme Terms of Service")
    archive.record(markdown())
    imported(program, archive)

    with Store.open(f"sqlite:///{program.folder / 'watchlist.db'}") as store:
        (went,) = store.search('"train our models unless you opt out"')
        (stands,) = store.search('"We answer questions about faults"')
    assert (went.since, went.until) == (START, START + DAY)
    assert (stands.since, stands.until) == (START, None)


# --- claims ------------------------------------------------------------------------------------


def test_a_past_change_puts_a_claim_verified_before_it_in_doubt(program, archive):
    watch(program, verified="2024-01-01")
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Training=YES))

    out = imported(program, archive, code=1)

    assert "1 claim in doubt" in out
    (change,) = changes(program)
    assert change["state"] == "to review"


def test_a_past_change_leaves_a_claim_verified_since_as_it_is(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Training=YES))
    imported(program, archive)

    (change,) = changes(program)
    assert (change["state"], change["topics"]["training"]["flag"]) == ("nothing to review", "substantive")
    assert program.select("SELECT count(*) FROM doubts") == [(0,)]


def test_a_past_change_is_shown_as_imported(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Training=YES))
    imported(program, archive)
    (change,) = changes(program)

    _, shown = program.run("show", str(change["id"]))

    assert "imported: from open terms archive: acme-versions" in " ".join(shown.split())
