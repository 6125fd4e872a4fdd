"""The conformance suite goes red for a channel that breaks a rule, at the test of that rule."""

import inspect
from collections.abc import Iterable
from dataclasses import replace
from unittest import SkipTest
from uuid import uuid4

import pytest

from corong_contracts import Channel
from corong_contracts.conformance import SinkConformance, SourceConformance
from tests.sample_channel import sabotaged_sinks as sinks
from tests.sample_channel import sabotaged_sources as sources
from tests.sample_channel.corong_papan import CHANNEL
from tests.sample_channel.running import PapanPeer
from tests.sample_channel.suites import PapanSinkSuite, PapanSourceSuite

SINKS: dict[str, tuple[Channel, set[str]]] = {
    sink.__name__: (replace(CHANNEL, sink=sink), {f"test_{name}" for name in names})
    for sink, names in {
        sinks.ChangesItsMind: {"sink_declares_what_it_can"},
        sinks.SendsNothing: {"sends_once_and_says_where"},
        sinks.EscapesTheText: {"text_arrives_as_it_was_written"},
        sinks.RetriesByItself: {"refused_for_now_is_transient"},
        sinks.SendsAgainAfterATimeOut: {"time_out_after_taking_is_unknown", "failure_after_taking_is_unknown"},
        sinks.IgnoresTheCarriedKey: {
            "same_carried_id_twice_is_one_message",
            "sent_again_after_a_time_out_is_one_message",
            "looks_up_what_was_sent",
            "looks_up_what_was_taken_without_an_answer",
        },
        sinks.SendsTooLongText: {"too_long_is_refused_before_any_call"},
        sinks.CutsTooLongText: {"too_long_is_refused_before_any_call"},
        sinks.CountsBytesAsCharacters: {"longest_text_goes_out"},
        sinks.TakesATimeOutForARefusal: {"time_out_after_taking_is_unknown", "nonsense_is_unknown"},
        sinks.TakesAFailureForSuccess: {"failure_after_taking_is_unknown", "time_out_after_taking_is_unknown"},
        sinks.TakesARefusalForAPause: {"refused_for_good_is_permanent"},
        sinks.TakesAbsenceForATimeOut: {"nobody_there_is_transient", "refused_for_now_is_transient"},
        sinks.ForgetsTheWishForAPause: {"refused_for_now_is_transient"},
        sinks.QuotesTheTextInItsErrors: {"refused_for_good_is_permanent", "nothing_shows_words_addresses_or_secrets"},
        sinks.LogsTheAddress: {"nothing_shows_words_addresses_or_secrets"},
        sinks.GuessesAbsence: {"look_up_does_not_guess"},
        sinks.FindsWhatIsNotThere: {"looks_up_that_nothing_was_sent"},
        sinks.SwallowsCancellation: {"cancelled_send_ends_and_leaves_a_working_sink"},
        sinks.MixesAnswers: {"sends_at_the_same_time_do_not_mix"},
        sinks.CannotBeClosedTwice: {"closing_twice_does_no_harm"},
    }.items()
} | {
    "CarriesAnotherIdEachTime": (
        replace(CHANNEL, carried=lambda account, delivery: str(uuid4())),
        {"test_carried_id_is_decided_before_the_call"},
    )
}

SOURCES: dict[str, tuple[Channel, set[str]]] = {
    source.__name__: (replace(CHANNEL, source=source), {f"test_{name}" for name in names})
    for source, names in {
        sources.ReadsOnlyWhatWaits: {"hands_over_everything", "comes_back_when_the_peer_does"},
        sources.NamesAnotherAccount: {"messages_are_as_intake_takes_them"},
        sources.MarksBeforeReceipt: {"nothing_is_marked_before_its_receipt"},
        sources.MarksOnTheWayOut: {"nothing_is_marked_before_its_receipt"},
        sources.LosesPatienceWithIntake: {"goes_on_after_a_receipt_that_came_late"},
        sources.ForgetsTheCursor: {"restart_goes_on_from_the_cursor"},
        sources.NamesMessagesByChance: {"lost_cursor_loses_nothing_and_repeats_are_the_same"},
        sources.NumbersRepeats: {"lost_cursor_loses_nothing_and_repeats_are_the_same"},
        sources.OvertakesInAThread: {"order_within_a_thread"},
        sources.LeavesATaskBehind: {"cancelling_is_clean"},
        sources.DropsMalformedInput: {"malformed_input_stops_nothing_and_is_kept"},
        sources.StopsAtMalformedInput: {"malformed_input_stops_nothing_and_is_kept"},
        sources.CutsWithoutAFile: {"long_text_is_cut_and_comes_whole_as_a_file"},
        sources.EndsWhenThePeerIsAway: {"comes_back_when_the_peer_does", "starts_while_the_peer_is_away"},
        sources.TriesAWrongTokenForEver: {"settings_that_cannot_work_are_permanent"},
        sources.LogsWhatIsWritten: {"nothing_shows_words_addresses_or_secrets"},
    }.items()
}


async def red(suite: SinkConformance | SourceConformance, names: Iterable[str]) -> set[str]:
    """The names of those tests of the suite that fail."""
    found = set()
    for name in sorted(names):
        try:
            await getattr(suite, name)()
        except SkipTest:
            continue
        except Exception:
            found.add(name)
    return found


def rules_of(suite: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(suite, inspect.iscoroutinefunction) if name.startswith("test_")}


@pytest.mark.parametrize(("channel", "expected"), SINKS.values(), ids=SINKS)
async def test_a_bad_sink_is_seen(papan: PapanPeer, channel: Channel, expected: set[str]) -> None:
    suite = PapanSinkSuite()
    suite.peer, suite.account, suite.channel = papan, papan.account(timeout=0.3), channel
    suite.patience = 1.0
    assert await red(suite, expected) == expected


@pytest.mark.parametrize(("channel", "expected"), SOURCES.values(), ids=SOURCES)
async def test_a_bad_source_is_seen(papan: PapanPeer, channel: Channel, expected: set[str]) -> None:
    suite = PapanSourceSuite()
    suite.peer, suite.account, suite.channel = papan, papan.account(wait=0.1), channel
    suite.patience = 1.0
    assert await red(suite, expected) == expected


async def test_a_good_channel_is_green_in_the_same_way(papan: PapanPeer) -> None:
    sink, source = PapanSinkSuite(), PapanSourceSuite()
    sink.peer, sink.account = papan, papan.account(timeout=1.0)
    source.peer, source.account = papan, papan.account()
    assert await red(sink, rules_of(SinkConformance)) == set()
    assert await red(source, rules_of(SourceConformance)) == set()


def test_every_rule_has_been_seen_broken() -> None:
    """A conformance test that no bad channel turns red might be one that can't."""
    for suite, variants in ((SinkConformance, SINKS), (SourceConformance, SOURCES)):
        assert set().union(*(expected for _, expected in variants.values())) == rules_of(suite)
