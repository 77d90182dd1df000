"""A worker of RQ that loses no job between the queue and its start.

RQ takes a job out of its list, then prepares it, then starts it; killed in between, a worker leaves a job that is in no
list and that nobody has begun. Here a job that is taken is noted in the same step with the time, and the note goes when
the job has started. What has been taken for long without having started goes back to the front of its queue.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from rq import Queue, Worker
from rq.exceptions import DequeueTimeout
from rq.job import Job, JobStatus

#: How long a job that is taken may need until it starts (two questions to the server and a fork), and how often is looked.
START_SECONDS, LOOK_SECONDS = 15, 5
#: How often an idle worker asks for a job: no command of Redis waits at several lists and notes what it takes.
IDLE_SECONDS = 0.1
_TAKE = """
local job = redis.call('lpop', KEYS[1])
if job then redis.call('zadd', KEYS[2], redis.call('time')[1], job) end
return job
"""
_GIVE_BACK = """
if redis.call('zrem', KEYS[1], ARGV[1]) == 1 and redis.call('hget', KEYS[2], 'status') == ARGV[2] then
    redis.call('lpush', KEYS[3], ARGV[1])
    return 1
end
return 0
"""


def taken_key(queue_key: str) -> str:
    """Where jobs of a queue stand between the queue and their start, with the time when they were taken."""
    return f"{queue_key}:taken"


class TakingQueue(Queue):
    """A queue whose jobs are noted when they are taken."""

    _looked = 0.0

    @classmethod
    def lpop(cls, queue_keys: Iterable[str], timeout: int | None, connection: Any = None) -> Any:
        """The next job of the first queue that has one, as (key of the queue, id).

        :raises rq.exceptions.DequeueTimeout: when none came within `timeout` seconds; without one None is answered
        """
        keys, take = list(queue_keys), connection.register_script(_TAKE)
        end = time.monotonic() + (timeout or 0)
        while True:
            cls._look_after(keys, connection)
            for key in keys:
                job = take(keys=[key, taken_key(key)])
                if job is not None:
                    return key, job
            if timeout is None:
                return None
            if time.monotonic() > end:
                raise DequeueTimeout(timeout, keys)
            time.sleep(IDLE_SECONDS)

    @classmethod
    def lmove(cls, connection: Any, queue_key: str, timeout: int | None) -> Any:
        """The same for a worker with one queue."""
        return cls.lpop([queue_key], timeout, connection)

    @classmethod
    def _look_after(cls, keys: list[str], connection: Any) -> None:
        if time.monotonic() - cls._looked < LOOK_SECONDS:
            return
        TakingQueue._looked = time.monotonic()
        latest = connection.time()[0] - START_SECONDS
        for key in keys:
            for job in connection.zrangebyscore(taken_key(key), 0, latest):
                give_back(key, job.decode(), connection)


def give_back(queue_key: str, job_id: str, connection: Any) -> bool:
    """Puts a job that was taken and has not started to the front of its queue; whether it did."""
    registry = Queue.from_queue_key(queue_key, connection=connection).started_job_registry
    # The attempt of the dead worker would end the next one when its time is over.
    stale = [
        entry
        for entry in connection.zrange(registry.key, 0, -1)
        if entry.decode().rpartition(":")[0] == job_id
    ]
    script = connection.register_script(_GIVE_BACK)
    done = script(
        keys=[taken_key(queue_key), Job.key_for(job_id), queue_key], args=[job_id, JobStatus.QUEUED.value]
    )
    if done and stale:
        connection.zrem(registry.key, *stale)
    return bool(done)


class TakingWorker(Worker):
    """RQ's worker on such queues."""

    queue_class = TakingQueue

    def execute_job(self, job: Any, queue: Any) -> None:
        """Runs a job, unless this worker stood still for so long that another has it now."""
        if self.connection.zscore(taken_key(queue.key), job.id) is not None:
            super().execute_job(job, queue)

    def prepare_job_execution(self, job: Any, *args: Any, **kwargs: Any) -> None:
        """Notes that the job has started."""
        super().prepare_job_execution(job, *args, **kwargs)
        key = taken_key(Queue(job.origin, connection=self.connection).key)
        self.connection.zrem(key, job.id)
