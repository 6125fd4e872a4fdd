"""Metrics of two processes as one text, which Prometheus can read."""

import asyncio

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from corong.runtime.metrics import all_metrics, joined


def text_of(service: str, count: int, memory: int, *, other: bool = False) -> str:
    registry = CollectorRegistry()
    Counter("corong_taken_events_total", "Events", ["service"], registry=registry).labels(service).inc(count)
    Gauge("process_resident_memory_bytes", "Memory", registry=registry).set(memory)
    if other:
        Gauge("corong_outbox_waiting", "Waiting", ["service"], registry=registry).labels(service).set(3)
    return generate_latest(registry).decode()


def test_each_metric_stands_together_and_the_process_is_told_of_the_first_alone() -> None:
    text = joined(text_of("intake", 2, 100), text_of("routing", 5, 200, other=True))
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert len(families) == len(list(text_string_to_metric_families(text)))
    taken = {
        sample.labels["service"]: sample.value
        for sample in families["corong_taken_events"].samples
        if sample.name == "corong_taken_events_total"
    }
    assert taken == {"intake": 2, "routing": 5}
    assert [sample.value for sample in families["process_resident_memory_bytes"].samples] == [100]
    assert [sample.labels["service"] for sample in families["corong_outbox_waiting"].samples] == ["routing"]


async def test_a_second_process_that_does_not_answer_is_left_out() -> None:
    async def silent() -> str:
        await asyncio.sleep(3600)
        raise AssertionError("unreachable")

    async def gone() -> str:
        raise RuntimeError("it ended")

    for beside in (None, silent, gone):
        assert "corong_taken_events_total" in await all_metrics(beside, 0.01)
