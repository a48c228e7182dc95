"""The counts of truths.json against an independent reading of the written files."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest
from demo_reader import BERLIN, Event, Reading, count_sessions, monday, read_demo


@pytest.fixture(scope="module")
def reading(small) -> Reading:
    home, _, _ = small
    return read_demo(home.root)


def test_counts_of_every_file(small, reading):
    _, _, truths = small
    events = Counter(event.path for event in reading.events)
    files = truths["counts"]["files"]
    assert set(files) == set(reading.records)
    for path, file in files.items():
        assert file["records"] == reading.records[path], path
        assert file["rejected"] == reading.rejected[path], path
        assert file["duplicate"] == reading.duplicates[path], path
        assert file["excluded"] == reading.excluded[path], path
        assert file["events"] == events[path], path
        assert file["records"] == file["accepted"] + file["duplicate"] + file["rejected"]
    assert truths["counts"]["events"] == len(reading.events)


def test_events_by_name_and_range(small, reading):
    _, _, truths = small
    found = Counter(event.name for event in reading.events)
    assert {name: count for name, count in truths["events_by_name"].items() if count} == found
    last = max(event.at for event in reading.events)
    assert truths["last_event_at"] == last.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_people(small, reading):
    _, _, truths = small
    people = {event.person for event in reading.events}
    assert truths["users"]["people"] == len(people)
    assert truths["users"]["identified"] == sum(not who.startswith("device:") for who in people)
    assert truths["users"]["devices"] == len({e.device for e in reading.events if e.device})


def test_days(small, reading):
    _, _, truths = small
    who: dict[date, set[str]] = defaultdict(set)
    for event in reading.events:
        who[event.person_day].add(event.person)
    seen: set[str] = set()
    for row in truths["daily"]:
        day = date.fromisoformat(row["date"])
        recent = [who.get(day - timedelta(days=back), set()) for back in range(28)]
        assert row["daily_active_users"] == len(recent[0])
        assert row["weekly_active_users"] == len(set().union(*recent[:7]))
        assert row["monthly_active_users"] == len(set().union(*recent))
        assert row["new_users"] == len(recent[0] - seen)
        seen |= recent[0]
    assert sum(row["events"] for row in truths["daily"]) == len(reading.events)
    assert sum(row["sessions"] for row in truths["daily"]) == count_sessions(reading.events)


def test_weeks_and_features(small, reading):
    _, _, truths = small
    who: dict[date, set[str]] = defaultdict(set)
    users: dict[tuple[str, date], set[str]] = defaultdict(set)
    for event in reading.events:
        week = monday(event.person_day)
        who[week].add(event.person)
        users[event.name, week].add(event.person)
    seen: set[str] = set()
    before: set[str] = set()
    last_day = date.fromisoformat(truths["daily"][-1]["date"])
    for row in truths["weekly"]:
        now = who[date.fromisoformat(row["week_start"])]
        assert row["active_users"] == len(now)
        assert row["new_users"] == len(now - seen)
        assert row["retained_users"] == len(now & before)
        assert row["resurrected_users"] == len((now & seen) - before)
        # Who has left is known when the week is over, of a week that began before the sample too.
        is_over = date.fromisoformat(row["week_start"]) + timedelta(days=6) <= last_day
        assert row["churned_users"] == (len(before - now) if is_over else None)
        seen |= now
        before = now
    for feature in truths["features"].values():
        for row in feature["weekly"]:
            week = date.fromisoformat(row["week_start"])
            found = set().union(*(users[name, week] for name in feature["events"]))
            assert row["users"] == len(found)


def test_answers_of_surveys(small, reading):
    """By month everybody's last answer: who gives 9 or 10 less who gives 6 or less."""
    _, _, truths = small
    latest: dict[str, dict[str, int]] = defaultdict(dict)
    for event in sorted(reading.events, key=lambda each: each.at):
        if event.name == "survey_answered":
            latest[f"{event.person_day:%Y-%m-01}"][event.person] = int(event.properties["score"])
    assert latest
    found = truths["surveys"]["recommendation"]
    assert [row["period_start"] for row in found] == sorted(latest)
    for row in found:
        scores = list(latest[row["period_start"]].values())
        points = sum(score >= 9 for score in scores) - sum(score <= 6 for score in scores)
        assert row["answers"] == len(scores)
        assert row["net_promoter_score"] == pytest.approx(100 * points / len(scores))


def test_observed_outcomes_of_experiments(small, reading):
    _, _, truths = small
    for name, truth in truths["experiments"].items():
        exposures: dict[str, list[Event]] = defaultdict(list)
        for event in sorted(reading.events, key=lambda each: each.at):
            if event.properties.get("experiment") == name:
                exposures[event.person].append(event)
        start = datetime.fromisoformat(truth["start"]).replace(tzinfo=BERLIN)
        units = {who: mine for who, mine in exposures.items() if mine[0].at >= start}
        observed = truth["observed"]
        assert observed["exposed_before_start"] == len(exposures) - len(units)
        arms: dict[str, list[int]] = defaultdict(list)
        switchers = 0
        for who, mine in units.items():
            if len({event.properties["variant"] for event in mine}) > 1:
                switchers += 1
                continue
            begin, end = mine[0].at, mine[0].at + timedelta(days=14)
            songs = sum(
                event.person == who and event.name == "song_played" and begin <= event.at < end
                for event in reading.events
            )
            arms[mine[0].properties["variant"]].append(songs)
        assert observed["switchers"] == switchers
        for variant, count in observed["default"]["units"].items():
            assert count == len(arms[variant])
            mean = observed["default"]["songs"]["means"][variant]
            if count:
                assert mean == pytest.approx(sum(arms[variant]) / count, abs=1e-6)
            else:
                assert mean is None


def test_shares_of_faults(sample):
    _, _, truths = sample
    counts = truths["counts"]
    assert 0.003 < counts["rejected"] / counts["records"] < 0.01
    assert 0.015 < counts["duplicate"] / counts["records"] < 0.05
    assert len(counts["rejected_by_reason"]) == 9
    assert counts["sent_again_with_other_properties"] > 100
    assert counts["excluded"] > 100


def test_nothing_lies_in_the_future_of_the_sample(small, reading):
    _, _, truths = small
    as_of = datetime.fromisoformat(truths["as_of_date"]).replace(tzinfo=BERLIN)
    assert all(event.at < as_of.astimezone(UTC) for event in reading.events)
