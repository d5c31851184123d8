-- Charge or hold, one or thousands at once, of one customer or many, each answered by itself and in order (money.md section 5).
-- The decision about the limit is made here and nowhere else. p_hold names the hold an element reserves for; empty means a charge.
-- Locks: all funds of the batch in (customer, id) order, then the credit rows of those customers whose own funds do not cover it, then fuses.
create type funds_asked as (
  place integer, customer_id bigint, division_id bigint, amount bigint, key text, order_id text, line text, note text, hold_id uuid,
  fund_id bigint, outcome text, transfer_id bigint, balance_after bigint, posted_at timestamptz, same_as integer);

create function funds_debit_exactly(p_customer bigint[], p_division bigint[], p_amount bigint[], p_key text[], p_order text[], p_line text[], p_note text[],
  p_hold uuid[]) returns table (place integer, outcome text, transfer_id bigint, fund_id bigint, balance_after bigint, posted_at timestamptz,
  available bigint, credit_limit bigint, used_by_others bigint)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  v_asked funds_asked[];
  v_before funds_asked[] := '{}'; -- a fund each: fund_id, and its balance before as balance_after
  v_holder bigint[];
  v_fused bigint[]; -- the funds of which a division has a spending fuse: theirs are decided one by one
  v_passed integer[];
  v_now timestamptz;
  v_customer record;
begin
  -- 1. The locks, in order. What is read below is read by later statements, so it is what the holders before us left.
  -- Where separate funds were switched while we waited, other funds serve now than we locked: the caller asks again.
  select array_agg(d.holder_id order by u.n) into v_holder from unnest(p_customer, p_division) with ordinality u(c, d, n)
    left join funds_fund d on d.customer_id = u.c and d.id = u.d;
  perform 1 from funds_fund f
    where (f.customer_id, f.id) in (select d.customer_id, d.holder_id from unnest(p_customer, p_division) u(c, d)
                                      join funds_fund d on d.customer_id = u.c and d.id = u.d)
    order by f.customer_id, f.id for no key update;
  if v_holder is distinct from (select array_agg(d.holder_id order by u.n) from unnest(p_customer, p_division) with ordinality u(c, d, n)
                                  left join funds_fund d on d.customer_id = u.c and d.id = u.d) then
    raise exception using errcode = '40001', message = 'the funds of these divisions were joined or separated meanwhile';
  end if;

  select coalesce(array_agg(distinct d.holder_id), '{}') into v_fused
    from unnest(p_customer, p_division) u(c, d) join funds_fund d on d.customer_id = u.c and d.id = u.d and d.is_fused;

  -- 2. Say of each element what can be said without its amount: unknown, closed, known key, order charged before.
  with asked as (
    select u.n::integer as place, u.customer_id, u.division_id, u.amount, u.key, u.order_id, coalesce(u.line, '') as line, coalesce(u.note, '') as note,
           u.hold_id, d.holder_id, d.is_open
      from unnest(p_customer, p_division, p_amount, p_key, p_order, p_line, p_note, p_hold)
           with ordinality as u(customer_id, division_id, amount, key, order_id, line, note, hold_id, n)
      left join funds_fund d on d.customer_id = u.customer_id and d.id = u.division_id
  ), known as ( -- a key seen before, here or in an earlier element of this very batch
    select a.*, min(a.place) over (partition by a.customer_id, a.key) as first_place,
           row_number() over (partition by a.customer_id, a.order_id, a.line, a.hold_id is null order by a.place) as order_turn,
           t.id as seen_id, t.debit_balance_after as seen_after, t.posted_at as seen_at,
           (t.division_id, t.amount_minor, t.order_id, coalesce(t.line_reference, ''), coalesce(t.note, ''), t.kind)
             is not distinct from (a.division_id, a.amount, a.order_id, a.line, a.note, case when a.hold_id is null then 1 else 3 end::smallint) as seen_same
      from asked a left join ledger_transfer t on t.customer_id = a.customer_id and t.idempotency_key = a.key
  )
  select array_agg((k.place, k.customer_id, k.division_id, k.amount, k.key, k.order_id, k.line, k.note, k.hold_id, k.holder_id,
           case when k.seen_id is not null then case when k.seen_same then 'replayed' else 'key_reused' end
                when k.holder_id is null then 'unknown_division'
                when k.first_place < k.place then 'same'
                when not k.is_open then 'division_closed'
                when k.order_id is not null and k.hold_id is null and (k.order_turn > 1 or exists (select 1 from ledger_transfer o
                  where o.customer_id = k.customer_id and o.order_id = k.order_id and o.line_reference = k.line and o.kind = 1)) then 'order_charged'
           end, k.seen_id, k.seen_after, k.seen_at, k.first_place)::funds_asked order by k.place)
    into v_asked from known k;

  -- 3. Update first: funds whose movable funds cover all their elements. This is the check and the change in one statement.
  v_now := ledger_now();
  with sums as (
    select a.customer_id, a.fund_id, sum(a.amount) as total, coalesce(sum(a.amount) filter (where a.hold_id is not null), 0) as held
      from unnest(v_asked) a where a.outcome is null and a.fund_id <> all (v_fused) group by 1, 2
  ), fitted as (
    update funds_fund f set balance_minor = f.balance_minor - s.total, held_minor = f.held_minor + s.held, last_posted_at = greatest(v_now, f.last_posted_at)
      from sums s
     where f.customer_id = s.customer_id and f.id = s.fund_id
       and s.total <= funds_movable(funds_net(f.balance_minor, f.unpaid_funding_minor, f.unpaid_owed_minor, f.counts_funding), f.shortfall_minor)
    returning f.customer_id, f.id, old.balance_minor as balance, f.last_posted_at as at
  )
  select coalesce(array_agg((null, customer_id, null, null, null, null, null, null, null, id, null, null, balance, at, null)::funds_asked), '{}')
    into v_before from fitted;

  -- 4. The others one by one, per customer under its credit row. Only what passes changes anything, but for a fuse that opens.
  for v_customer in
    select a.customer_id as id, array_agg(a.place order by a.place) as places, array_agg(a.fund_id order by a.place) as funds,
           array_agg(a.amount order by a.place) as amounts, array_agg(a.division_id order by a.place) as divisions
      from unnest(v_asked) a
     where a.outcome is null and not exists (select 1 from unnest(v_before) b where b.customer_id = a.customer_id and b.fund_id = a.fund_id)
     group by a.customer_id order by a.customer_id
  loop
    v_passed := funds_decide(v_customer.id, v_customer.places, v_customer.funds, v_customer.amounts, v_customer.divisions, v_now);
    with sums as (
      select a.fund_id, sum(a.amount) as total, coalesce(sum(a.amount) filter (where a.hold_id is not null), 0) as held
        from unnest(v_asked) a join unnest(v_passed) p(place) on p.place = a.place group by 1
    ), moved as (
      update funds_fund f set balance_minor = f.balance_minor - s.total, held_minor = f.held_minor + s.held,
             last_posted_at = greatest(v_now, f.last_posted_at)
        from sums s where f.customer_id = v_customer.id and f.id = s.fund_id
      returning f.id, old.balance_minor as balance, f.last_posted_at as at
    )
    select v_before || coalesce(array_agg((null, v_customer.id, null, null, null, null, null, null, null, id, null, null, balance, at, null)::funds_asked), '{}')
      into v_before from moved;
    select array_agg(case when c.place is not null and p.place is null
        then (a.place, a.customer_id, a.division_id, a.amount, a.key, a.order_id, a.line, a.note, a.hold_id, a.fund_id,
              case when -a.place = any (v_passed) then 'spending_fuse_open' else 'insufficient_funds' end, null, null, null, a.same_as)::funds_asked
        else (a.place, a.customer_id, a.division_id, a.amount, a.key, a.order_id, a.line, a.note, a.hold_id, a.fund_id, a.outcome,
              a.transfer_id, a.balance_after, a.posted_at, a.same_as)::funds_asked end order by a.place)
      into v_asked
      from unnest(v_asked) a left join unnest(v_customer.places) c(place) on c.place = a.place left join unnest(v_passed) p(place) on p.place = a.place;
  end loop;

  -- 5. Write the journal of what passed, with the running balance, and answer every element in its place.
  return query
  with asked as materialized (
    select * from unnest(v_asked)
  ), numbered as materialized (
    select a.place, a.customer_id, a.fund_id, a.division_id, a.amount, a.key, a.order_id, a.line, a.note, a.hold_id, b.posted_at,
           (b.balance_after - sum(a.amount) over (partition by a.customer_id, a.fund_id order by a.place))::bigint as after,
           nextval('ledger_transfer_number') as id
      from (select * from asked where asked.outcome is null order by asked.place) a
      join unnest(v_before) b on b.customer_id = a.customer_id and b.fund_id = a.fund_id
  ), written as (
    insert into ledger_transfer (customer_id, id, entry_id, kind, debit, credit, amount_minor, fund_id, division_id, debit_balance_after, posted_at,
      order_id, line_reference, idempotency_key, note, hold_id)
    select n.customer_id, n.id, n.id, case when n.hold_id is null then 1 else 3 end, 30, case when n.hold_id is null then 40 else 31 end, n.amount,
           n.fund_id, n.division_id, n.after, n.posted_at, n.order_id, n.line, n.key, nullif(n.note, ''), n.hold_id
      from numbered n order by n.place
  )
  select n.place, 'accepted', n.id, n.fund_id, n.after, n.posted_at, null::bigint, null::bigint, null::bigint from numbered n
  union all
  select a.place,
         case when a.outcome <> 'same' then a.outcome
              when (f.division_id, f.amount, f.order_id, f.line, f.note, f.hold_id is null)
                is distinct from (a.division_id, a.amount, a.order_id, a.line, a.note, a.hold_id is null) then 'key_reused'
              when fn.id is not null then 'replayed' else f.outcome end,
         coalesce(fn.id, a.transfer_id), a.fund_id, coalesce(fn.after, a.balance_after), coalesce(fn.posted_at, a.posted_at),
         r.available, r.credit_limit, r.used_by_others
    from asked a
    left join asked f on a.outcome = 'same' and f.place = a.same_as
    left join numbered fn on a.outcome = 'same' and fn.place = a.same_as
    left join lateral ( -- what a refusal shows: the figures after this batch
      select funds_available(g.net, c.limit_minor, c.in_use_minor) as available, c.limit_minor as credit_limit, c.in_use_minor - greatest(0, -g.net) as used_by_others
        from (select funds_net(h.balance_minor, h.unpaid_funding_minor, h.unpaid_owed_minor, h.counts_funding) as net
                from funds_fund h where h.customer_id = a.customer_id and h.id = a.fund_id) g
        join funds_credit c on c.customer_id = a.customer_id) r on a.outcome = 'insufficient_funds'
   where a.outcome is not null
   order by 1;
end $$;
revoke execute on function funds_debit_exactly(bigint[], bigint[], bigint[], text[], text[], text[], text[], uuid[]) from public;
alter function funds_debit_exactly(bigint[], bigint[], bigint[], text[], text[], text[], text[], uuid[]) owner to tallystick_door;
