-- Law 1. Every row's balance after is the one before plus what the row moved, and instants never go back within a fund.
with moves as (
  select customer_id, fund_id, id, 0 as side, -amount_minor as moved, debit_balance_after as after, posted_at from ledger_transfer where debit = 30
  union all
  select customer_id, coalesce(credit_fund_id, fund_id), id, 1, amount_minor, credit_balance_after, posted_at from ledger_transfer where credit = 30
), chained as (
  select customer_id, fund_id, id, moved, after, posted_at, lag(after, 1, 0::bigint) over fund as before, lag(posted_at) over fund as earlier
    from moves window fund as (partition by customer_id, fund_id order by id, side)
)
select customer_id, format('journal row %s', id), format('balance %s after moving %s from %s in fund %s', after, moved, before, fund_id)
  from chained where after is distinct from before + moved or posted_at < earlier
