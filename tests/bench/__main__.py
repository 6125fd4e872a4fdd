"""All benches in one table: `make bench`, or some of them: `python -m tests.bench door clocks` (see `--help`)."""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corong.runtime.deployment_key import DeploymentKey
from corong.runtime.tokens import issue
from tests.bench.load import Plan
from tests.ports import find_free_port

PYTHON = sys.executable
BENCHES = [
    "start", "door", "latency", "drain", "ledger", "verify", "replay", "erasure", "clocks", "streams", "reports",
    "desk",
]  # fmt: skip


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


class Hub:
    """`corong up` as a child, on a fresh folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = find_free_port()
        environment = {
            **os.environ, "CORONG_DATA": str(folder), "CORONG_PORT": str(self.port), "CORONG_LOG_LEVEL": "error",
        }  # fmt: skip
        self._process = subprocess.Popen(
            [PYTHON, "-m", "corong", "up"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()
        key = DeploymentKey.load(folder / "secrets" / "deployment.key")
        self.token = issue(key.tokens, "account", "api-contoh")

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the hub did not come up")

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    def stop(self) -> None:
        """Let it finish."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)


def load(plan: Plan) -> dict[str, Any]:
    """Run the load in a process of its own."""
    done = subprocess.run(
        [PYTHON, "-m", "tests.bench.load", json.dumps(asdict(plan))], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def start(runs: int) -> dict[str, float]:
    """A hub's start, and its memory."""
    done = subprocess.run([PYTHON, "-m", "tests.bench.start", str(runs)], stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def door(folder: Path, seconds: float) -> dict[str, float]:
    """Accepted messages a second, durable, against the bare handler."""
    bare = subprocess.Popen(
        [PYTHON, "-m", "tests.bench.bare", str(folder / "bare.sqlite")], stdout=subprocess.PIPE, text=True
    )
    assert bare.stdout is not None
    port = int(bare.stdout.readline())
    yardstick = load(Plan(port=port, token="-", seconds=seconds))
    bare.terminate()
    bare.wait(10)
    hub = Hub(folder / "door")
    found = load(Plan(port=hub.port, token=hub.token, seconds=seconds))
    hub.stop()
    accepted, plain = found["count"] / found["seconds"], yardstick["count"] / yardstick["seconds"]
    return {
        "accepted_per_second": accepted, "bare_per_second": plain, "ratio": accepted / plain, "failed": found["failed"],
    }  # fmt: skip


def latency(folder: Path, seconds: float, rate: float) -> dict[str, float]:
    """Accepting and showing at a steady rate."""
    hub = Hub(folder / "latency")
    watch = str(folder / "latency" / "db" / "desk.sqlite")
    found = load(Plan(port=hub.port, token=hub.token, seconds=seconds, rate=rate, watch=watch))
    hub.stop()
    return {
        "rate": rate,
        "count": found["count"],
        "failed": found["failed"],
        "accept_p50_ms": percentile(found["latencies"], 0.5),
        "accept_p99_ms": percentile(found["latencies"], 0.99),
        "visible_p50_ms": percentile(found["visible"], 0.5),
        "visible_p99_ms": percentile(found["visible"], 0.99),
        "never_visible": found["missing"],
    }


def drain(count: int) -> dict[str, float]:
    """A backlog through the hub."""
    done = subprocess.run(
        [PYTHON, "-m", "tests.bench.drain", str(count)], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def ledger(count: int) -> dict[str, float]:
    """Appending to the log, and proving out of it."""
    done = subprocess.run(
        [PYTHON, "-m", "tests.bench.ledger", str(count)], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def verify(count: int) -> dict[str, float]:
    """A whole log checked from its bodies."""
    done = subprocess.run(
        [PYTHON, "-m", "tests.bench.verify", str(count)], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def replay(count: int) -> dict[str, float]:
    """Every service folded anew from a log of a tenth of `count` events, and of all of them."""
    found: dict[str, float] = {}
    for size in (max(1, count // 10), count):
        done = subprocess.run(
            [PYTHON, "-m", "tests.bench.replay", str(size)], stdout=subprocess.PIPE, text=True, check=True
        )
        told = json.loads(done.stdout.strip().splitlines()[-1])
        small = {name: found.get(name, 0.0) for name in ("processor_us", "process_megabytes")}
        found = {
            **told, "small_per_second": found.get("events_per_second", 0.0),
            **{f"small_{name}": value for name, value in small.items()},
        }  # fmt: skip
    return found


def erasure(events: int) -> dict[str, float]:
    """A hundredth as many persons erased among so many events."""
    words = [str(number) for number in (events, events // 20, events // 100)]
    done = subprocess.run([PYTHON, "-m", "tests.bench.erasure", *words], stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def clocks(count: int) -> dict[str, float]:
    """Due clocks found and acted on among a hundredth of `count` open ones, and among all of them."""
    found: dict[str, float] = {}
    for prefix, words in (("", []), ("postgres_", ["--postgres"])):
        command = [PYTHON, "-m", "tests.bench.clocks", *words, str(max(1, count // 100)), str(count)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        small, whole = (json.loads(line) for line in done.stdout.strip().splitlines())
        told = {**whole, "small_look_us": small["look_us"], "small_ring_seconds": small["ring_seconds"]}
        found |= {f"{prefix}{name}": value for name, value in told.items()}
    return found


def streams(count: int) -> dict[str, float]:
    """Open pages that hear of changes."""
    done = subprocess.run(
        [PYTHON, "-m", "tests.bench.streams", str(count)], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def reports(count: int) -> dict[str, float]:
    """A yearly report of so many events, and the next one."""
    command = [PYTHON, "-m", "tests.bench.reports", str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def desk(count: int, kept: Path | None) -> dict[str, float]:
    """Every list among a hundredth of `count` open cases, and among all of them: each is told, the slowest are kept."""
    command = [PYTHON, "-m", "tests.bench.desk", str(max(1, count // 100)), str(count)]
    command += ["--kept", str(kept)] if kept is not None else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.strip().splitlines()]
    found: dict[str, float] = {"cases": count}
    for small, whole in zip(lines[:2], lines[2:], strict=True):
        name, took, before = whole["database"], whole["took"], small["took"]
        print(_lists_table(small, whole))
        for what, chosen in (("", _lists), ("search_", _searches)):
            slowest = max(chosen(took), key=lambda one: percentile(took[one], 0.95))
            dearest = max(chosen(took), key=lambda one: percentile(whole["worked"][one], 0.5))
            found |= {
                f"{name}_{what}p95_ms": percentile(took[slowest], 0.95),
                f"{name}_{what}small_p95_ms": percentile(before.get(slowest, []), 0.95),
                f"{name}_{what}cpu_ms": percentile(whole["worked"][dearest], 0.5),
                f"{name}_{what}small_cpu_ms": percentile(small["worked"].get(dearest, []), 0.5),
            }
    return found


def _lists_table(small: dict[str, Any], whole: dict[str, Any]) -> str:
    """Each list's line: by the clock and of the processor, among all cases and among few, the dearest first."""
    lines = [
        f"{whole['database']}, {whole['cases']} cases, {whole['events']} events, load {whole['load']:.0f}; beside"
        f" {small['cases']} cases, load {small['load']:.0f}; all in ms",
        f"{'p50':>8} {'p95':>8} {'few p50':>8} {'few p95':>8} {'ratio':>6} | {'cpu':>7} {'few cpu':>7} {'ratio':>6}",
    ]
    took, worked = whole["took"], whole["worked"]
    for one in sorted(took, key=lambda one: -percentile(worked[one], 0.5)):
        half, few = percentile(took[one], 0.5), percentile(small["took"].get(one, []), 0.5)
        used, less = percentile(worked[one], 0.5), percentile(small["worked"].get(one, []), 0.5)
        lines.append(
            f"{half:8.1f} {percentile(took[one], 0.95):8.1f} {few:8.1f}"
            f" {percentile(small['took'].get(one, []), 0.95):8.1f} {half / few:6.2f} |"
            f" {used:7.1f} {less:7.1f} {used / less:6.2f}  {one}"
        )
    return "\n".join(lines)


def _searches(took: dict[str, list[float]]) -> list[str]:
    return [name for name in took if "?q=" in name]


def _lists(took: dict[str, list[float]]) -> list[str]:
    return [name for name in took if "?q=" not in name]


def table(results: dict[str, dict[str, float]]) -> str:
    """The results as people read them, each beside its aim."""
    lines = [f"{'what':44} {'measured':>12} {'yardstick':>12} {'ratio':>7}  aim"]

    def line(what: str, value: float, unit: str, aim: str, yardstick: float | None = None) -> None:
        beside = f"{yardstick:9.0f} {unit}" if yardstick is not None else ""
        ratio = f"{value / yardstick:7.2f}" if yardstick else ""
        lines.append(f"{what:44} {value:8.1f} {unit:>3} {beside:>12} {ratio:>7}  {aim}")

    if found := results.get("start"):
        for count in ("one", "two"):
            for what, name in ((f"start of a new hub, processes: {count}", ""), ("  of the same hub again", "_again")):
                line(what, found[f"{count}{name}_seconds"] * 1e3, "ms", "≤ 5,000 ms", found["bare_seconds"] * 1e3)
                line("  processor in it", found[f"{count}{name}_cpu"] * 1e3, "ms", "", found["bare_cpu"] * 1e3)
            line("  memory, idle, with its broker", found[f"{count}_bytes"] / 1e6, "MB", "", found["bare_bytes"] / 1e6)
    if found := results.get("door"):
        line(
            "accepted, durable, HTTP door", found["accepted_per_second"], "/s", "ratio ≥ 0.8", found["bare_per_second"]
        )
    if found := results.get("latency"):
        line(f"accept p50 at {found['rate']:.0f}/s", found["accept_p50_ms"], "ms", "")
        line(f"accept p99 at {found['rate']:.0f}/s", found["accept_p99_ms"], "ms", "≤ 50 ms")
        line(f"accepted → in the queue p50 at {found['rate']:.0f}/s", found["visible_p50_ms"], "ms", "")
        line(f"accepted → in the queue p99 at {found['rate']:.0f}/s", found["visible_p99_ms"], "ms", "≤ 250 ms")
    if found := results.get("drain"):
        what = f"events through the hub, backlog of {found['messages']:.0f}"
        line(what, found["events_per_second"], "/s", "≥ 5,000/s", found["raw_per_second"])
    if found := results.get("ledger"):
        what = f"appended to the log, {found['events']:.0f} of {found['event_bytes']:.0f} bytes"
        line(what, found["append_per_second"], "/s", "≥ 10,000/s", found["rows_per_second"])
        line("  beside SHA-256 of the same bytes", found["append_per_second"], "/s", "", found["sha256_per_second"])
        line("  beside AES-256-GCM of the same bytes", found["append_per_second"], "/s", "", found["gcm_per_second"])
        line("  each of the last tenth, beside the first 10,000", found["last_us"], "µs", "flat", found["first_us"])
        line("proofs made, read and verified", found["proofs_per_second"], "/s", "≥ 1,000/s")
        line("largest proof", found["proof_bytes"], "B", "< 1,500 B")
    if found := results.get("verify"):
        what = f"events checked from bodies, log of {found['events']:.0f}"
        line(what, found["events_per_second"], "/s", "≥ 100,000/s", found["bare_events_per_second"])
        told = "  beside each hashed and read as JSON, no more"
        line(told, found["events_per_second"], "/s", "", found["floor_events_per_second"])
        line("  processor time for each, all cores", found["processor_us"], "µs", "", found["floor_processor_us"])
        line("  memory of the largest process", found["peak_bytes"] / 1e6, "MB", "flat")
    if found := results.get("replay"):
        what = f"replay by all services, {found['events']:.0f} events"
        line(what, found["events_per_second"], "/s", "≥ 20,000/s", found["bare_per_second"])
        line("  beside a tenth of them", found["events_per_second"], "/s", "flat", found["small_per_second"])
        line("  processor time for each, all cores", found["processor_us"], "µs", "", found["small_processor_us"])
        line("  memory of the largest process", found["process_megabytes"], "MB", "", found["small_process_megabytes"])
    if found := results.get("erasure"):
        what = f"persons erased ({found['erased']:.0f} among {found['events']:.0f} events)"
        line(what, found["per_second"], "/s", "hashes as before", found["bare_per_second"])
    if found := results.get("clocks"):
        for name, on in (("SQLite", ""), ("PostgreSQL", "postgres_")):
            look, due = found[f"{on}look_us"], found[f"{on}due"]
            what = f"due among {found[f'{on}open']:.0f} clocks? {name}"
            line(what, look, "µs", "", found[f"{on}bare_look_us"])
            line("  beside a hundredth of them open", look, "µs", "flat", found[f"{on}small_look_us"])
            what = f"  {due:.0f} due ones acted on and committed"
            line(what, found[f"{on}ring_seconds"] * 1e3, "ms", "≤ 1,000 ms", found[f"{on}small_ring_seconds"] * 1e3)
    if found := results.get("streams"):
        kept, bare = found["stream_bytes"] / 1024, found["bare_bytes"] / 1024
        line(f"memory of each of {found['streams']:.0f} live streams", kept, "KB", "", bare)
        line("  processor for each, nothing happens", found["idle_ms_per_second"] * 1e3, "µs/s", "")
        what = f"  processor for each at {found['rate']:.0f} messages/s"
        line(what, found["busy_ms_per_second"] * 1e3, "µs/s", "")
        line("  the hub's whole processor, without them", found["busy_cpu"] * 100, "%", "", found["alone_cpu"] * 100)
        line("  accepted → heard p50", found["heard_p50_ms"], "ms", "")
        line("  accepted → heard p99", found["heard_p99_ms"], "ms", "")
    if found := results.get("reports"):
        what = f"first yearly report of {found['events']:.0f} events"
        line(what, found["first_seconds"] * 1e3, "ms", "", found["bare_seconds"] * 1e3)
        line("  the next one", found["again_seconds"] * 1e3, "ms", "some seconds", found["first_seconds"] * 1e3)
        line("  a register after some more events", found["more_seconds"] * 1e3, "ms", "some seconds")
    if found := results.get("desk"):
        for name in ("SQLite", "PostgreSQL"):
            what = f"slowest list, p95, {found['cases']:.0f} cases, {name}"
            line(what, found[f"{name}_p95_ms"], "ms", "≤ 100 ms, flat", found[f"{name}_small_p95_ms"])
            what = f"  slowest search, p95, {name}"
            line(what, found[f"{name}_search_p95_ms"], "ms", "≤ 200 ms, flat", found[f"{name}_search_small_p95_ms"])
            for what, part in (("dearest list", ""), ("dearest search", "search_")):
                told = f"  processor for the {what}, p50, {name}"
                line(told, found[f"{name}_{part}cpu_ms"], "ms", "flat", found[f"{name}_{part}small_cpu_ms"])
    return "\n".join(lines)


def main() -> None:
    """Run what is asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", choices=[*BENCHES, []], default=[])
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rate", type=float, default=300.0)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--events", type=int, default=100_000, help="appended to the log, and checked")
    parser.add_argument("--erasure-events", type=int, default=100_000, help="a hundredth as many persons are erased")
    parser.add_argument("--clocks", type=int, default=1_000_000, help="open ones, of as many cases")
    parser.add_argument("--streams", type=int, default=200, help="open pages that hear of changes")
    parser.add_argument("--report-events", type=int, default=1_000_000, help="of the log that a report is made of")
    parser.add_argument("--desk-cases", type=int, default=100_000, help="that wait in the desk's queues")
    parser.add_argument("--desk-kept", type=Path, help="a folder for the filled tables, which are used again")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    wanted = asked.which or BENCHES
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="corong-bench-") as name:
        folder = Path(name)
        if "start" in wanted:
            results["start"] = start(asked.starts)
        if "door" in wanted:
            results["door"] = door(folder, asked.seconds)
        if "latency" in wanted:
            results["latency"] = latency(folder, asked.seconds, asked.rate)
        if "drain" in wanted:
            results["drain"] = drain(asked.count)
        if "replay" in wanted:
            results["replay"] = replay(asked.events)
        if "ledger" in wanted:
            results["ledger"] = ledger(asked.events)
        if "verify" in wanted:
            results["verify"] = verify(asked.events)
        if "erasure" in wanted:
            results["erasure"] = erasure(asked.erasure_events)
        if "clocks" in wanted:
            results["clocks"] = clocks(asked.clocks)
        if "streams" in wanted:
            results["streams"] = streams(asked.streams)
        if "reports" in wanted:
            results["reports"] = reports(asked.report_events)
        if "desk" in wanted:
            results["desk"] = desk(asked.desk_cases, asked.desk_kept)
    stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    print(f"{stamp}, {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    print(table(results))
    if asked.json:
        asked.json.write_text(json.dumps({"date": stamp, **results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
