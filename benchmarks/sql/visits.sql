-- Macros and the one table of the generator. Every attribute is a hash of a number, a word and the
-- seed, so that any slice of the events can be made alone and is the same each time.
-- Variables: seed, users, days, events, first_day.
create or replace macro uniform(number, word) as
    hash(number, word, getvariable('seed')) / 18446744073709551616.0;

-- 24 events after each other are 6 visits of 1 to 8 events.
create or replace macro visit_of(event) as
    (event // 24) * 6 + case
        when event % 24 < 1 then 0 when event % 24 < 3 then 1 when event % 24 < 6 then 2
        when event % 24 < 10 then 3 when event % 24 < 16 then 4 else 5
    end;

create or replace macro place_in_visit(event) as
    event % 24 - case
        when event % 24 < 1 then 0 when event % 24 < 3 then 1 when event % 24 < 6 then 3
        when event % 24 < 10 then 6 when event % 24 < 16 then 10 else 16
    end;

-- As many events every day, most of them around noon; some visits pass midnight.
create or replace macro visit_started(visit) as
    getvariable('first_day')
    + to_days(cast(((visit // 6) * 24 * getvariable('days')) // getvariable('events') as integer))
    + to_milliseconds(cast(
        43200000 * (uniform(visit, 'start') + uniform(visit, 'start again')) as bigint
    ));

-- The square makes a few people many visits, and most people few.
create or replace macro visit_user(visit) as
    cast(floor(getvariable('users') * uniform(visit, 'user') ** 2) as bigint);

create or replace macro visit_device(visit) as
    visit_user(visit) * 2 + cast(uniform(visit, 'device') < 0.15 as bigint);
