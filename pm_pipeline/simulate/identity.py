"""Who each event belongs to by the documented rule, worked out from the simulation's own people.

Belongs here: the rule of duplicates and the rule of identity, written down a second time and
independently of the pipeline. Does not belong here: counting.
"""

from __future__ import annotations

import numpy as np

from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.events import NONE, Events
from pm_pipeline.simulate.records import PARTNER, WEB, Records


def kept_records(records: Records, sha256: list[str]) -> np.ndarray:
    """Tell for each record whether it is the kept copy of its event (a mask).

    Copies of one key are ordered by receipt, else by event time; the first opens a window of
    seven days in which the others are duplicates. Without an id the key is the content with its
    ordinal among the equal records of the same file. ``sha256`` of the files breaks ties.
    """
    events, event = records.events, records.event
    sources = np.array([file.source for file in records.files])[records.file]
    by_hash = np.argsort(np.argsort(np.array(sha256)))[records.file]
    at_partner = sources == PARTNER
    # Web files carry no time of receipt, so nothing but the event's time can order them.
    told = np.where(np.isin(sources, [WEB, PARTNER]), events.at_ms[event], records.received_ms)
    space = np.where(at_partner, 2, np.where(sources == WEB, 1, 0))
    key = np.where(at_partner, events.person[event], records.number[event])
    moment = np.where(at_partner, events.at_ms[event], 0)
    ordinal = np.zeros(len(event), dtype=np.int64)
    order = np.lexsort((records.file, moment, key, space))
    previous, repeats = (-1, -1, -1), 0
    for at in order[at_partner[order]].tolist():
        content = (int(key[at]), int(moment[at]), int(records.file[at]))
        repeats = repeats + 1 if content == previous else 0
        ordinal[at], previous = repeats, content

    order = np.lexsort((by_hash, told, ordinal, moment, key, space))
    columns = np.stack([space, key, moment, ordinal])[:, order]
    is_new = np.concatenate([[True], (np.diff(columns) != 0).any(axis=0)])
    kept = np.zeros(len(event), dtype=bool)
    kept[order[is_new]] = True
    window = plan.DUPLICATE_WINDOW_DAYS * plan.DAY_MS
    opened = 0
    for at, new in zip(order.tolist(), is_new.tolist(), strict=True):
        if new or told[at] - opened > window:
            kept[at] = True
            opened = int(told[at])
    return kept


def resolve(events: Events, people_count: int) -> np.ndarray:
    """Return the person of each event as a number: an account, or ``people_count`` + device.

    An event without a user belongs to the user last seen on its device, before the first
    sign-in to that first user if it is at most the anonymous window older, else to the device.
    """
    person = np.where(events.signed, events.person, NONE)
    order = np.lexsort((events.at_ms, events.device))
    device, at, user = events.device[order], events.at_ms[order], person[order]
    signed = user != NONE
    position = np.arange(len(order))
    starts = np.concatenate([[True], device[1:] != device[:-1]])[: len(order)]
    begin = np.maximum.accumulate(np.where(starts, position, 0))
    last = np.maximum.accumulate(np.where(signed, position, -1))
    has_last = last >= begin
    following = np.where(signed, position, len(order))
    following = np.minimum.accumulate(following[::-1])[::-1]
    reachable = following < len(order)
    following = np.minimum(following, len(order) - 1)
    window = plan.ANONYMOUS_WINDOW_DAYS * plan.DAY_MS
    claimed = reachable & (device[following] == device) & (at[following] - at <= window)
    resolved = np.where(
        has_last, user[last], np.where(claimed, user[following], people_count + device)
    )
    result = np.empty(len(order), dtype=np.int64)
    result[order] = resolved
    return np.where(events.signed, events.person, result)
