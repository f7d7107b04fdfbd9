"""The jobs of the queue: Procrastinate's tables, written in the same transaction as what they follow from.

Its own verbs take a transaction each, and refuse a whole batch for one document that is queued already.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from monitor.tickets import TASK, Ticket

AT_ONCE = 500
"""Jobs that one statement puts in."""

WORKER = "tos-monitor worker"
"""How the connections of a worker call themselves, before the names of its queues."""

# One that waits already is only brought forward, by a person.
_PUT = text("""
INSERT INTO procrastinate_jobs (task_name, queue_name, priority, lock, queueing_lock, args)
SELECT :task, queue, priority, lock, key, args
FROM jsonb_to_recordset(CAST(:jobs AS jsonb))
    AS t(queue text, priority integer, lock text, key text, args jsonb)
ON CONFLICT (queueing_lock) WHERE status = 'todo'
DO UPDATE SET priority = excluded.priority, args = excluded.args
WHERE procrastinate_jobs.priority < excluded.priority
RETURNING queueing_lock
""")

_QUEUED = text("""
SELECT queueing_lock, lock FROM procrastinate_jobs
WHERE status IN ('todo', 'doing') AND queueing_lock IS NOT NULL
""")

# Jobs whose worker gave no sign of life for so long, or has gone, make way for others of the same content: a
# worker that was only slow would end a job of the old number, whatever became of it meanwhile.
_AGAIN = text("""
WITH stalled AS (
    SELECT job.id FROM procrastinate_jobs AS job
    LEFT JOIN procrastinate_workers AS worker
        ON worker.id = job.worker_id AND worker.last_heartbeat >= now() - make_interval(secs => :seconds)
    WHERE job.status = 'doing' AND worker.id IS NULL
    FOR UPDATE OF job SKIP LOCKED
), gone AS (
    DELETE FROM procrastinate_jobs WHERE id IN (SELECT id FROM stalled)
    RETURNING task_name, queue_name, priority, lock, queueing_lock, args
)
INSERT INTO procrastinate_jobs (task_name, queue_name, priority, lock, queueing_lock, args)
SELECT task_name, queue_name, priority, lock, queueing_lock, args FROM gone
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
RETURNING queueing_lock
""")
_FORGET_WORKERS = text("""
DELETE FROM procrastinate_workers WHERE last_heartbeat < now() - make_interval(secs => :seconds)
""")
# A claim counts for as long as its job is worked on.
_FREE = text("""
UPDATE documents SET claimed_by = NULL, claimed_until = NULL
WHERE claimed_by LIKE 'job %' AND NOT EXISTS (
    SELECT 1 FROM procrastinate_jobs
    WHERE status = 'doing' AND claimed_by = 'job ' || id
)
RETURNING id
""")

_LENGTHS = text("""
SELECT queue_name, count(*) AS length FROM procrastinate_jobs WHERE status = 'todo' GROUP BY queue_name
""")
_WORKERS = text("""
SELECT DISTINCT application_name FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE :worker || ' %'
""")


@dataclass(frozen=True)
class Line:
    """How the queues stand: tickets that wait, and workers that take them, by queue."""

    waiting: dict[str, int] = field(default_factory=dict)
    workers: dict[str, int] = field(default_factory=dict)

    @property
    def deserted(self) -> dict[str, int]:
        """The tickets that wait where no worker is."""
        return {queue: number for queue, number in self.waiting.items() if not self.workers.get(queue)}


def claimant(job: int) -> str:
    """Whom a document is claimed by while a job is worked on."""
    return f"job {job}"


def put(connection: Connection, tickets: Iterable[Ticket]) -> int:
    """Queue these; of a document that waits already the ticket stays, but a person's takes its place."""
    # In one order, so that two that queue the same never wait for each other in a circle.
    ordered = sorted(tickets, key=lambda one: one.key)
    done = 0
    for start in range(0, len(ordered), AT_ONCE):
        rows = json.dumps([_row(one) for one in ordered[start : start + AT_ONCE]])
        done += len(connection.execute(_PUT, {"task": TASK, "jobs": rows}).all())
    return done


def _row(ticket: Ticket) -> dict[str, object]:
    return {
        "queue": ticket.queue,
        "priority": ticket.priority,
        "lock": ticket.lock,
        "key": ticket.key,
        "args": ticket.arguments(),
    }


def queued(connection: Connection) -> dict[str, str]:
    """The tickets that wait or are being worked on: their locks by their keys."""
    return {row.queueing_lock: row.lock or "" for row in connection.execute(_QUEUED)}


def reap(connection: Connection, seconds: float) -> tuple[str, ...]:
    """Let the jobs of workers that were silent for so long be taken again; the keys of those jobs.

    What such a worker had claimed is free with it, and what it still records is refused.
    """
    again = tuple(connection.scalars(_AGAIN, {"seconds": seconds}))
    connection.execute(_FORGET_WORKERS, {"seconds": seconds})
    connection.execute(_FREE)
    return again


def line(connection: Connection) -> Line:
    """How the queues stand now."""
    workers: dict[str, int] = {}
    for name in connection.scalars(_WORKERS, {"worker": WORKER}):
        for queue in name.removeprefix(WORKER).split()[0].split("+"):
            workers[queue] = workers.get(queue, 0) + 1
    return Line({row.queue_name: row.length for row in connection.execute(_LENGTHS)}, workers)
