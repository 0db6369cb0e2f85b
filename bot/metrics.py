"""What this process has measured since it started, in Prometheus' form.

Names, units and labels are in docs/monitoring.md. No label holds what people wrote.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

# Slack gives up after three seconds.
_ACKNOWLEDGEMENT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3)
# From an answer at once to one that comes after an outage, in seconds.
_ANSWER_BUCKETS = (1, 2, 5, 10, 30, 60, 300, 1_800, 7_200, 86_400)

ACKNOWLEDGEMENTS = Histogram(
    "deja_acknowledgement_seconds",
    "Time from a request of Slack to its acknowledgement",
    ["status"],
    buckets=_ACKNOWLEDGEMENT_BUCKETS,
)
ANSWERS = Histogram(
    "deja_answer_seconds",
    "Time from a ticket's message to the first post of its answer",
    buckets=_ANSWER_BUCKETS,
)
BREAKERS = Gauge(
    "deja_slack_breaker_open", "Whether calls of Slack are held back in an outage", ["team"]
)
JOBS = Counter("deja_jobs", "Runs of jobs, by outcome", ["kind", "outcome"])
JOB_SECONDS = Histogram("deja_job_seconds", "Time that a run of jobs of one kind took", ["kind"])
