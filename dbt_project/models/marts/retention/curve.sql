with cohorts as (

    select * from {{ ref('cohorts') }}

),

once as (

    -- Who is in one cohort only can be added up.
    select
        cohorts.retention_name,
        cohorts.segment_name,
        cohorts.segment_value,
        cohorts.period_index,
        sum(cohorts.cohort_users) filter (where cohorts.is_complete) as eligible_users,
        sum(cohorts.retained_users) filter (where cohorts.is_complete) as retained_users,
        sum(cohorts.retained_on_or_after_users) filter (where cohorts.is_complete)
            as retained_on_or_after_users,
        any_value(cohorts.interval) as interval,
        any_value(retentions.is_first_time) as is_first_time
    from cohorts
    inner join {{ definitions_table('retentions') }} as retentions
        on cohorts.retention_name = retentions.retention_name
    group by all

),

pooled as (

    select
        once.retention_name,
        once.segment_name,
        once.segment_value,
        once.period_index,
        once.interval,
        once.is_first_time,
        case
            when once.is_first_time then once.eligible_users else several.eligible_users
        end as eligible_users,
        case
            when once.is_first_time then once.retained_users else several.retained_users
        end as retained_users,
        case
            when once.is_first_time then once.retained_on_or_after_users
            else several.retained_on_or_after_users
        end as retained_on_or_after_users
    from once
    left join {{ ref('int_retention_recurring_curve') }} as several
        on once.retention_name = several.retention_name
        and once.segment_name = several.segment_name
        and once.segment_value = several.segment_value
        and once.period_index = several.period_index

),

final as (

    select
        retention_name,
        segment_name,
        segment_value,
        period_index,
        interval,
        is_first_time,
        cast(coalesce(eligible_users, 0) as bigint) as eligible_users,
        cast(coalesce(retained_users, 0) as bigint) as retained_users,
        cast(retained_users / nullif(eligible_users, 0) as double) as retained_rate,
        cast(coalesce(retained_on_or_after_users, 0) as bigint) as retained_on_or_after_users,
        retained_on_or_after_users / nullif(eligible_users, 0) as retained_on_or_after_rate
    from pooled

)

select * from final
