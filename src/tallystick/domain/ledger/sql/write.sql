-- Write the transfers of whole journal entries, in order; the caller holds the locks of the funds and gives the balances before.
-- p_transfers: [{entry, kind, debit, credit, amount, fund, credit_fund, division, ...}]; p_before: {"fund id": balance of its funds account}.
-- Account 30 is funds: only its rows carry the balance after, which is what balance history shows.
-- The file is loaded twice: where the database is new, first of all before the journal has its latest column (migration 0004).
set local check_function_bodies = off;
create or replace function ledger_write(p_customer bigint, p_posted_at timestamptz, p_transfers jsonb, p_before jsonb)
returns table (place integer, entry integer, transfer_id bigint)
language sql as $$
  with asked as (
    select t.n::integer as place, (t.body ->> 'entry')::integer as entry, nextval('ledger_transfer_number') as id,
           (t.body ->> 'debit')::smallint as debit, (t.body ->> 'credit')::smallint as credit,
           (t.body ->> 'amount')::bigint as amount, (t.body ->> 'fund')::bigint as fund,
           coalesce((t.body ->> 'credit_fund')::bigint, (t.body ->> 'fund')::bigint) as credit_side, t.body
      from jsonb_array_elements(p_transfers) with ordinality as t(body, n) order by t.n
  ), moves as ( -- what each transfer does to a funds account; a credit raises it
    select place, 'd' as side, fund, -amount as delta from asked where debit = 30
    union all
    select place, 'c', credit_side, amount from asked where credit = 30
  ), balances as (
    select place, side, coalesce((p_before ->> fund::text)::bigint, 0) + sum(delta) over (partition by fund order by place, side) as after from moves
  ), written as (
    insert into ledger_transfer (customer_id, id, entry_id, kind, debit, credit, amount_minor, fund_id, credit_fund_id, division_id,
      debit_balance_after, credit_balance_after, posted_at, effective_date, reverses_id, invoice_id, credit_note_id, payment_id, hold_id,
      order_id, line_reference, idempotency_key, note, takes_rest)
    select p_customer, a.id, first_value(a.id) over (partition by a.entry order by a.place), (a.body ->> 'kind')::smallint, a.debit, a.credit,
           a.amount, a.fund, (a.body ->> 'credit_fund')::bigint, (a.body ->> 'division')::bigint,
           (select after from balances b where b.place = a.place and b.side = 'd'),
           (select after from balances b where b.place = a.place and b.side = 'c'),
           p_posted_at, (a.body ->> 'effective_date')::date, (a.body ->> 'reverses')::bigint, (a.body ->> 'invoice')::uuid,
           (a.body ->> 'credit_note')::uuid, (a.body ->> 'payment')::uuid, (a.body ->> 'hold')::uuid, a.body ->> 'order',
           a.body ->> 'line', a.body ->> 'key', a.body ->> 'note', (a.body ->> 'rest')::boolean
      from asked a order by a.place
  )
  select place, entry, id from asked order by place
$$;
