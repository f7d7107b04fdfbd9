"""Search over all versions: each clause with the dates between which it stood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.store import Store
from monitor.store.words import spaced
from tests.store_samples import HOUR, NO, START, YES, Story, block, capture, version

ZERO = "With zero data retention nothing is stored."


@pytest.fixture
def story(store):
    return Story(store)


def found(store, query):
    return [(one.text, one.since, one.until) for one in store.search(query)]


def test_a_clause_is_found_with_when_it_began_to_stand(story, store):
    story.first(NO)
    assert found(store, "your content") == [(NO, START, None)]


def test_a_clause_that_went_is_found_with_when_it_was_first_missed(story, store):
    story.first(NO)
    story.changed(YES)
    assert found(store, "content") == [(YES, START + HOUR, None), (NO, START, START + HOUR)]


def test_what_stays_through_many_versions_is_found_once(story, store):
    story.first(NO)
    story.changed(YES)
    story.changed(NO)
    assert found(store, "nothing else") == [("Nothing else.", START, None)]


def test_what_came_back_is_found_for_each_time_it_stood(story, store):
    story.first(NO)
    story.changed(YES)
    story.changed(NO)
    assert found(store, '"do not use"') == [(NO, START + 2 * HOUR, None), (NO, START, START + HOUR)]


def test_every_word_must_stand_in_the_clause_and_a_phrase_as_quoted(story, store):
    story.first(NO)
    assert store.search("models content")
    assert not store.search("models bananas")
    assert not store.search('"content your"')
    assert store.search('"your content" models')


def test_letters_are_found_in_either_case_and_without_their_accents(story, store):
    story.first("Données conservées trente jours.")
    assert store.search("DONNEES conservees")


@pytest.mark.parametrize("query", ["训练", "用于训练模型", "数据 训练"])
def test_chinese_words_are_found_though_no_space_is_between_them(story, store, query):
    story.first("我们可能将您的数据用于训练模型。")
    assert store.search(query)


def test_chinese_characters_apart_are_no_word(story, store):
    story.first("我们可能将您的数据用于训练模型。")
    assert not store.search("练训")


@pytest.mark.parametrize("query", ["", "   ", '""', "?!", '"', "( ) OR *"])
def test_a_query_of_anything_is_answered(story, store, query):
    story.first(NO)
    assert store.search(query) == ()


@given(query=st.text(max_size=30))
def test_no_query_is_taken_for_a_command(query):
    with Store.open("sqlite://", now=START) as store:
        store.search(query)


def test_a_search_can_be_narrowed_to_documents(store):
    Story(store).first(NO)
    Story(store, document="borealis/terms").first(NO)
    assert [one.document for one in store.search("content", document_ids=["borealis/terms"])] == [
        "borealis/terms"
    ]
    assert store.search("content", document_ids=[]) == ()


def test_an_unconfirmed_text_is_not_searched(story, store):
    story.first(NO)
    story.changed(YES, confirmed=False)
    assert found(store, "content") == [(NO, START, None)]


def test_a_newer_reading_of_the_same_text_is_searched_as_if_it_had_been_read_so_at_first(story, store):
    story.first(NO)
    story.same(reread=version(ZERO, capture(NO, START)))
    assert found(store, "content") == []
    assert found(store, "zero retention") == [(ZERO, START, None)]


def test_a_clause_knows_its_section(story, store):
    story.first(NO)
    assert store.search("content")[0].section == block(NO).section


def test_ideographs_stand_apart_and_words_stay_whole():
    assert spaced("保留30天。Keep it") == "保 留 30 天 。Keep it"
