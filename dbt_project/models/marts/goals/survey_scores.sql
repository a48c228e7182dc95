{#- Scores by period and by who answered, as they were when they answered. -#}
with surveys as (

    select * from {{ definitions_table('surveys') }}

),

last_answers as (

    -- Of a person the last answer of a period counts.
    select
        answers.*,
        surveys.kind,
        surveys.period,
        case surveys.period
            when 'week' then {{ period_start('week', 'answers.activity_date') }}
            else {{ period_start('month', 'answers.activity_date') }}
        end as period_start
    from {{ ref('int_survey_answers') }} as answers
    inner join surveys on answers.survey_name = surveys.survey_name
    qualify
        row_number() over (
            partition by answers.survey_name, answers.user_id, period_start
            order by answers.answered_at desc, answers.event_id desc
        ) = 1

),

answers as (

    select
        last_answers.*,
        persons.person_key
    from last_answers
    left join {{ ref('int_persons') }} as persons on last_answers.user_id = persons.user_id

),

staged as (

    select
        answers.survey_name,
        answers.event_id,
        case
            when activity.person_key is null then '(none)'
            else {{ user_stage('activity', 'answers.activity_date') }}
        end as stage
    from answers
    asof left join {{ ref('int_user_activity') }} as activity
        on
        answers.person_key = activity.person_key
        and answers.activity_date >= activity.activity_date

),

featured as (

    select distinct
        answers.survey_name,
        answers.event_id,
        days.feature_name
    from answers
    inner join {{ ref('int_feature_person_days') }} as days
        on
        answers.person_key = days.person_key
        and days.activity_date > answers.activity_date - 28
        and days.activity_date <= answers.activity_date

),

broken_down as (

    select
        *,
        'all' as segment_name,
        'all' as segment_value
    from answers

    union all

    select
        answers.*,
        'persona' as segment_name,
        coalesce(personas.persona, '(none)') as segment_value
    from answers
    asof left join {{ ref('int_user_personas') }} as personas
        on answers.user_id = personas.user_id and answers.answered_at >= personas.valid_from

    union all

    select
        answers.*,
        'stage' as segment_name,
        staged.stage as segment_value
    from answers
    inner join staged
        on answers.survey_name = staged.survey_name and answers.event_id = staged.event_id

    union all

    select
        answers.*,
        'feature' as segment_name,
        coalesce(featured.feature_name, '(none)') as segment_value
    from answers
    left join featured
        on answers.survey_name = featured.survey_name and answers.event_id = featured.event_id

),

counts as (

    select
        survey_name,
        kind,
        period,
        period_start,
        segment_name,
        segment_value,
        count(*) as answers_count,
        count(*) filter (where {{ is_happy('kind', 'score') }}) as happy_count,
        count(*) filter (where {{ is_unhappy('kind', 'score') }}) as unhappy_count
    from broken_down
    group by survey_name, kind, period, period_start, segment_name, segment_value

),

adjusted as (

    -- Wilson's interval is centred on a share with z squared more answers, half of them happy.
    select
        *,
        answers_count >= {{ least_answers() }} as is_enough,
        (happy_count + {{ pseudo_answers().happy }})
        / (answers_count + {{ pseudo_answers().all }}) as happy_share,
        (unhappy_count + {{ pseudo_answers().unhappy }})
        / (answers_count + {{ pseudo_answers().all }}) as unhappy_share,
        (happy_count + {{ normal_quantile() }} * {{ normal_quantile() }} / 2)
        / (answers_count + {{ normal_quantile() }} * {{ normal_quantile() }}) as wilson_middle,
        {{ normal_quantile() }} * sqrt(
            happy_count * (answers_count - happy_count) / answers_count
            + {{ normal_quantile() }} * {{ normal_quantile() }} / 4
        ) / (answers_count + {{ normal_quantile() }} * {{ normal_quantile() }}) as wilson_reach
    from counts

),

spread as (

    select
        *,
        happy_share - unhappy_share as nps_middle,
        {{ normal_quantile() }} * sqrt(
            (
                happy_share + unhappy_share
                - (happy_share - unhappy_share) * (happy_share - unhappy_share)
            ) / (answers_count + {{ pseudo_answers().all }})
        ) as nps_reach
    from adjusted

),

intervals as (

    select
        *,
        case kind when 'nps' then nps_middle else wilson_middle end as middle,
        case kind when 'nps' then nps_reach else wilson_reach end as reach
    from spread

),

final as (

    select
        survey_name,
        period_start,
        segment_name,
        segment_value,
        kind,
        answers_count,
        happy_count,
        unhappy_count,
        case when is_enough then 100.0 * (happy_count - unhappy_count) / answers_count end as score,
        case when is_enough then 100.0 * greatest(middle - reach, -1) end as score_low,
        case when is_enough then 100.0 * least(middle + reach, 1) end as score_high,
        case period
            when 'week' then {{ next_period_start('week', 'period_start') }}
            else {{ next_period_start('month', 'period_start') }}
        end <= {{ last_date() }} + 1 as is_complete
    from intervals

)

select * from final
