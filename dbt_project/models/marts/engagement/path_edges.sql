{#- The share and the completeness depend on as-of: they are made anew in every run. -#}
select
    path_name,
    period_start,
    step_index,
    from_event,
    to_event,
    users_count,
    transitions_count,
    path_users,
    users_count / cast(path_users as double) as users_rate,
    sees_until < {{ product_date(as_of()) }} as is_complete
from {{ ref('int_path_edges') }}
