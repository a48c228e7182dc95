{#- The published columns of the state, which also keeps what it was made by. -#}
select
    feature_name,
    period_start,
    users_count,
    exclusive_users,
    cast(exclusive_users as double) / users_count as exclusive_users_rate
from {{ ref('int_feature_exclusive_users') }}
