"""The JSON interface: the same data and the same answers as the pages, described in openapi.json."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from monitor.errors import AnsweredMeanwhile, UsageError
from monitor.model import CheckResult, Document, Found, RecordedChange, Seen, Step, Version
from monitor.report import history, positions_json
from monitor.report import json as report_json
from monitor.report.json import Json
from monitor.report.json import instant as told_instant
from monitor.report.positions_view import Listing
from monitor.review import value
from monitor.web.answers import review_of
from monitor.web.desk import monitor, reviewer
from monitor.wiring import Monitor, clock

ROOT = "/api/v1"
MOST = 1000
"""Entries that one answer lists at most."""


# --- what is asked -----------------------------------------------------------------------------


class Form(BaseModel):
    """What a request may say; anything else in it is refused."""

    model_config = ConfigDict(extra="forbid")


class ChangesQuery(Form):
    provider: str = ""
    document: str = ""
    waiting: bool = False
    since: datetime | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = 100


class LimitQuery(Form):
    limit: Annotated[int, Field(ge=1, le=MOST)] = 100


class SearchQuery(LimitQuery):
    q: Annotated[str, Field(min_length=1, max_length=200)]
    provider: str = ""


class NoQuery(Form):
    pass


class AnswerForm(Form):
    """An answer to a claim; `doubts` and `answer` are what its giver saw, as the claim lists them."""

    position: Annotated[str, Field(max_length=40)] | None = None
    period: Annotated[str, Field(max_length=80)] | None = None
    evidence: Annotated[str, Field(max_length=20_000)] = ""
    note: Annotated[str, Field(max_length=500)] = ""
    doubts: Annotated[list[Annotated[int, Field(ge=0, lt=2**63)]], Field(max_length=MOST)] = []
    answer: Annotated[int, Field(ge=0, lt=2**63)] = 0


class DismissalForm(Form):
    why: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
    doubts: Annotated[list[Annotated[int, Field(ge=0, lt=2**63)]], Field(max_length=MOST)] = []


class UndoForm(Form):
    why: Annotated[str, Field(max_length=500)] = ""


Asked = TypeVar("Asked", bound=Form)


def query(request: Request, form: type[Asked]) -> Asked:
    """What the address asks for; HTTPException 422, naming what is wrong, for anything else."""
    return _checked(form, form.model_validate, dict(request.query_params))


async def body(request: Request, form: type[Asked]) -> Asked:
    """What the JSON in the request says; HTTPException 422 as above."""
    return _checked(form, form.model_validate_json, await request.body())


Given = TypeVar("Given")


def _checked(form: type[Asked], read: Callable[[Given], Asked], given: Given) -> Asked:
    try:
        return read(given)
    except ValidationError as error:
        wrong = (
            f"{'.'.join(map(str, one['loc'])) or 'the request'}: {one['msg']}"
            for one in error.errors(include_url=False, include_input=False, include_context=False)
        )
        raise HTTPException(422, "; ".join(wrong)) from error


# --- reading -----------------------------------------------------------------------------------


def changes(request: Request) -> Response:
    """The recorded changes, newest first; those that wait for a reviewer, most serious first."""
    asked, now = query(request, ChangesQuery), monitor(request)
    if asked.waiting:
        found: Iterable[RecordedChange] = now.store.waiting(limit=asked.limit)
        found = [one for one in found if _is_asked(one, asked)]
    else:
        since = asked.since and (asked.since if asked.since.tzinfo else asked.since.replace(tzinfo=UTC))
        documents = [one.id for one in now.watchlist.documents.values() if _is_of(one, asked)]
        narrowed = documents if asked.provider or asked.document else None
        found = now.store.changes(document_ids=narrowed, since=since, limit=asked.limit)
    return JSONResponse({"changes": report_json.changes_json(found)})


def change(request: Request) -> Response:
    """One change whole."""
    query(request, NoQuery)
    now = monitor(request)
    found = now.store.change(_number(request))
    return _text(report_json.show(now.report("Change", changes=(found,))))


def claims(request: Request) -> Response:
    """Every claim and where it stands."""
    query(request, NoQuery)
    return _text(f'{{"claims": {report_json.claims(monitor(request).report("Claims"))}}}')


def claim(request: Request) -> Response:
    """A claim with its story, and with what an answer to it must name as seen."""
    query(request, NoQuery)
    now = monitor(request)
    review, at = review_of(now), clock()
    product, topic = _product(request), request.path_params["topic"]
    standing = review.standing(product, topic, at)
    seen = {"doubts": list(standing.seen.doubts), "answer": standing.seen.answer}
    told = history.json(review.histories(product, topic, at))
    return _text(f'{{"seen": {report_json.dumped(seen)}, "history": {told}}}')


def documents(request: Request) -> Response:
    """Every watched document, and how watching it goes."""
    query(request, NoQuery)
    now = monitor(request)
    report = now.report("Documents", documents=now.select(()))
    known = {one.document: report_json.health_json(one, report) for one in report.health}
    watched = now.watchlist.documents.values()
    return JSONResponse({"documents": [_document_json(one, known[one.id]) for one in watched]})


def document(request: Request) -> Response:
    """One document with its versions."""
    query(request, NoQuery)
    now, watched = monitor(request), _document(request)
    report = now.report("Document", documents=(watched,))
    known = report_json.health_json(report.health[0], report)
    versions = [report_json.version_json(one) for one in now.store.versions(watched.id)]
    return JSONResponse(_document_json(watched, known) | {"versions": versions})


def checks(request: Request) -> Response:
    """The last checks of a document, oldest first."""
    asked, watched = query(request, LimitQuery), _document(request)
    found = monitor(request).store.checks(watched.id, limit=asked.limit)
    return JSONResponse({"checks": [_check_json(one) for one in found]})


def statements(request: Request) -> Response:
    """The positions found in a document's current text."""
    query(request, NoQuery)
    now = monitor(request)
    reading = now.reading(_document(request))
    return _text(positions_json.statements(Listing(reading, tuple(now.rules.topics))))


def version(request: Request) -> Response:
    """The text of a version, block by block."""
    query(request, NoQuery)
    return JSONResponse(_version_json(monitor(request).store.version(_number(request))))


def search(request: Request) -> Response:
    """The clauses of any version that hold these words."""
    asked, now = query(request, SearchQuery), monitor(request)
    narrowed = None
    if asked.provider:
        narrowed = [one.id for one in now.watchlist.documents.values() if one.provider == asked.provider]
    found = now.store.search(asked.q, document_ids=narrowed, limit=asked.limit)
    return JSONResponse({"clauses": [_found_json(one) for one in found]})


def description(request: Request) -> Response:
    """What this interface answers, as OpenAPI 3.1."""
    text = files("monitor.web").joinpath("openapi.json").read_text(encoding="utf-8")
    return _text(text)


# --- answering ---------------------------------------------------------------------------------


async def verify(request: Request) -> Response:
    """Keep an answer to a claim; 409 when another came before it."""
    given, now, by = await body(request, AnswerForm), monitor(request), reviewer(request)
    product, topic = _product(request), request.path_params["topic"]
    step = await run_in_threadpool(_answered, now, (product, topic), given, by)
    return JSONResponse({"step": step}, status_code=201)


def _answered(now: Monitor, about: tuple[str, str], given: AnswerForm, by: str) -> int:
    review, at = review_of(now), clock()
    standing = review.standing(*about, at)
    try:
        said = value(standing, given.position, given.period)
        choice = review.quoted(standing.product, given.evidence) if given.evidence.strip() else None
        seen = Seen(tuple(given.doubts), given.answer)
        return review.verify(said, seen=seen, by=by, at=at, note=given.note.strip(), choice=choice).id
    except AnsweredMeanwhile:
        raise
    except UsageError as error:
        raise HTTPException(422, str(error).replace("--", "")) from error


async def dismiss(request: Request) -> Response:
    """Close a change without an answer; 409 when it is settled, or puts more in doubt than was seen."""
    given, now, by = await body(request, DismissalForm), monitor(request), reviewer(request)
    number = _number(request)
    await run_in_threadpool(now.store.change, number)  # 404 where there is none

    def close() -> Step:
        return now.store.dismiss(number, why=given.why.strip(), by=by, at=clock(), seen=given.doubts)

    return JSONResponse({"step": (await run_in_threadpool(_settled, close)).id}, status_code=201)


async def undo(request: Request) -> Response:
    """Take a step back; 409 when it cannot be."""
    given, now, by = await body(request, UndoForm), monitor(request), reviewer(request)
    number = _number(request)
    await run_in_threadpool(now.store.step, number)

    def take_back() -> Step:
        return now.store.undo(number, by=by, at=clock(), why=given.why.strip())

    return JSONResponse({"step": (await run_in_threadpool(_settled, take_back)).id}, status_code=201)


def _settled(act: Callable[[], Step]) -> Step:
    try:
        return act()
    except UsageError as error:
        raise HTTPException(409, str(error)) from error


# --- words -------------------------------------------------------------------------------------


def _is_of(document: Document, asked: ChangesQuery) -> bool:
    return asked.provider in ("", document.provider) and asked.document in ("", document.id)


def _is_asked(change: RecordedChange, asked: ChangesQuery) -> bool:
    name = change.change.document
    since = asked.since and (asked.since if asked.since.tzinfo else asked.since.replace(tzinfo=UTC))
    recent = since is None or change.change.at >= since
    return recent and asked.provider in ("", name.partition("/")[0]) and asked.document in ("", name)


def _document_json(document: Document, health: Json) -> Json:
    return {
        "id": document.id,
        "provider": document.provider,
        "type": document.type,
        "url": document.url,
        "language": document.language or None,
        "health": health,
    }


def _check_json(check: CheckResult) -> Json:
    reasons = [f"{reason.code}: {reason.detail}" for reason in check.reasons]
    return {"at": told_instant(check.at), "outcome": check.outcome, "reasons": reasons}


def _version_json(version: Version) -> Json:
    return {
        "version": version.id,
        "document": version.document,
        "at": told_instant(version.at),
        "url": version.url,
        "effective": version.effective.isoformat() if version.effective else None,
        "sha256": version.capture_sha256,
        "title": version.page.title,
        "blocks": [
            {
                "kind": block.kind.value,
                "marker": block.marker,
                "text": block.text,
                "level": block.level,
                "section": list(block.section),
            }
            for block in version.page.blocks
        ],
    }


def _found_json(found: Found) -> Json:
    return {
        "document": found.document,
        "text": found.text,
        "section": list(found.section),
        "since": told_instant(found.since),
        "until": told_instant(found.until),
    }


def _number(request: Request) -> int:
    """The number in the address; none that a database could not hold."""
    number = int(request.path_params["number"])
    if number >= 2**63:
        raise HTTPException(404)
    return number


def _product(request: Request) -> str:
    return f"{request.path_params['provider']}/{request.path_params['slug']}"


def _document(request: Request) -> Document:
    watched = monitor(request).watchlist.documents.get(_product(request))
    if watched is None:
        raise HTTPException(404)
    return watched


def _text(json: str) -> Response:
    return Response(json, media_type="application/json")


CLAIM = "/claims/{provider}/{slug}/{topic}"
DOCUMENT = "/documents/{provider}/{slug}"

ROUTES = tuple(
    Route(f"{ROOT}{path}", answer, methods=[method])
    for path, answer, method in (
        ("/changes", changes, "GET"),
        ("/changes/{number:int}", change, "GET"),
        ("/changes/{number:int}/dismissal", dismiss, "POST"),
        ("/claims", claims, "GET"),
        (CLAIM, claim, "GET"),
        (f"{CLAIM}/verification", verify, "POST"),
        ("/documents", documents, "GET"),
        (DOCUMENT, document, "GET"),
        (f"{DOCUMENT}/checks", checks, "GET"),
        (f"{DOCUMENT}/statements", statements, "GET"),
        ("/versions/{number:int}", version, "GET"),
        ("/search", search, "GET"),
        ("/steps/{number:int}/undoing", undo, "POST"),
        ("/openapi.json", description, "GET"),
    )
)
