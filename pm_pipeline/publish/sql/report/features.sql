-- Weekly active people of the features that had most of them lately, oldest week first.
with ranked as (
    select
        subject_name,
        row_number() over (
            order by arg_max(active_users, period_start) desc, subject_name
        ) as position
    from growth.accounting
    where subject_kind = 'feature' and interval = 'week' and is_complete
    group by subject_name
),

features as (
    select distinct accounting.subject_name, ranked.position
    from growth.accounting
    left join ranked on accounting.subject_name = ranked.subject_name
    where accounting.subject_kind = 'feature' and accounting.interval = 'week'
)

select
    accounting.subject_name as feature_name,
    accounting.period_start,
    accounting.active_users,
    accounting.is_complete,
    (select count(*) from features) as features_count
from growth.accounting
inner join features on accounting.subject_name = features.subject_name
where
    accounting.subject_kind = 'feature'
    and accounting.interval = 'week'
qualify
    dense_rank() over (
        order by features.position nulls last, accounting.subject_name
    ) <= $shown
order by features.position nulls last, accounting.subject_name, accounting.period_start;
