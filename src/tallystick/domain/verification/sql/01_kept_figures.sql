-- Law 11. The figures kept on every fund are what re-adding the journal gives.
with sides as (
  select customer_id, fund_id, debit as account, -amount_minor as credit from ledger_transfer where debit in (10, 11, 30, 31, 32)
  union all
  select customer_id, coalesce(credit_fund_id, fund_id), credit, amount_minor from ledger_transfer where credit in (10, 11, 30, 31, 32)
), added as (
  select customer_id, fund_id, coalesce(sum(credit) filter (where account = 30), 0) as balance, coalesce(sum(credit) filter (where account = 31), 0) as held,
         coalesce(-sum(credit) filter (where account = 10), 0) as funding, coalesce(-sum(credit) filter (where account = 11), 0) as owed,
         coalesce(sum(credit) filter (where account = 32), 0) as unapplied
    from sides group by customer_id, fund_id
)
select coalesce(f.customer_id, a.customer_id), format('division %s', coalesce(f.id, a.fund_id)),
       format('kept balance %s, held %s, unpaid %s and %s, unapplied %s; the journal gives %s, %s, %s and %s, %s', f.balance_minor, f.held_minor,
         f.unpaid_funding_minor, f.unpaid_owed_minor, f.unapplied_minor, a.balance, a.held, a.funding, a.owed, a.unapplied)
  from funds_fund f full join added a on a.customer_id = f.customer_id and a.fund_id = f.id
 where (coalesce(f.balance_minor, 0), coalesce(f.held_minor, 0), coalesce(f.unpaid_funding_minor, 0), coalesce(f.unpaid_owed_minor, 0), coalesce(f.unapplied_minor, 0))
    is distinct from (coalesce(a.balance, 0), coalesce(a.held, 0), coalesce(a.funding, 0), coalesce(a.owed, 0), coalesce(a.unapplied, 0))
