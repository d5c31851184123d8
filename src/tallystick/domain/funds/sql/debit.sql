-- Charge or hold, one or thousands at once, of one customer or many, each answered by itself and in order (money.md section 5).
-- The decision about the limit is made here and nowhere else. p_hold names the hold an element reserves for; empty means a charge.
-- Locks: all funds of the batch in (customer, id) order, then the credit rows of those customers whose own funds do not cover it.
create type funds_asked as (
  place integer, customer_id bigint, division_id bigint, amount bigint, key text, order_id text, line text, note text, hold_id uuid,
  fund_id bigint, outcome text, transfer_id bigint, balance_after bigint, posted_at timestamptz, same_as integer);

-- Decide, in order, the elements of one customer whose funds are not covered by movable funds alone; the caller holds the fund locks.
-- Gives back the places that pass. The credit row is locked here, after the funds, and carries the credit in use from one to the next.
create function funds_decide(p_customer bigint, p_place integer[], p_fund bigint[], p_amount bigint[]) returns integer[]
language plpgsql as $$
declare
  v_limit bigint; v_in_use bigint; v_start bigint; v_net bigint; v_at integer; v_passed integer[] := '{}';
  v_funds bigint[]; v_nets bigint[];
begin
  select c.limit_minor, c.in_use_minor into v_limit, v_in_use from funds_credit c where c.customer_id = p_customer for no key update;
  v_start := v_in_use;
  select array_agg(f.id), array_agg(funds_net(f.balance_minor, f.unpaid_funding_minor, f.unpaid_owed_minor, f.counts_funding))
    into v_funds, v_nets from funds_fund f where f.customer_id = p_customer and f.id = any(p_fund);
  for i in 1 .. array_length(p_place, 1) loop
    v_at := array_position(v_funds, p_fund[i]);
    v_net := v_nets[v_at];
    if v_limit is null or p_amount[i] <= funds_available(v_net, v_limit, v_in_use) then
      v_in_use := v_in_use + greatest(0, p_amount[i] - v_net) - greatest(0, -v_net);
      v_nets[v_at] := v_net - p_amount[i];
      v_passed := v_passed || p_place[i];
    end if;
  end loop;
  if v_in_use <> v_start then
    update funds_credit set in_use_minor = v_in_use where customer_id = p_customer;
  end if;
  return v_passed;
end $$;

create function funds_debit_exactly(p_customer bigint[], p_division bigint[], p_amount bigint[], p_key text[], p_order text[], p_line text[], p_note text[],
  p_hold uuid[]) returns table (place integer, outcome text, transfer_id bigint, fund_id bigint, balance_after bigint, posted_at timestamptz,
  available bigint, credit_limit bigint, used_by_others bigint)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  v_asked funds_asked[];
  v_before funds_asked[] := '{}'; -- a fund each: fund_id, and its balance before as balance_after
  v_passed integer[];
  v_now timestamptz;
  v_customer record;
begin
  -- 1. The locks, in order. What is read below is read by later statements, so it is what the holders before us left.
  perform 1 from funds_fund f
    where (f.customer_id, f.id) in (select d.customer_id, d.holder_id from unnest(p_customer, p_division) u(c, d)
                                      join funds_fund d on d.customer_id = u.c and d.id = u.d)
    order by f.customer_id, f.id for no key update;

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
      from unnest(v_asked) a where a.outcome is null group by 1, 2
  ), fitted as (
    update funds_fund f set balance_minor = f.balance_minor - s.total, held_minor = f.held_minor + s.held, last_posted_at = greatest(v_now, f.last_posted_at)
      from sums s
     where f.customer_id = s.customer_id and f.id = s.fund_id
       and s.total <= funds_movable(funds_net(f.balance_minor, f.unpaid_funding_minor, f.unpaid_owed_minor, f.counts_funding), f.shortfall_minor)
    returning f.customer_id, f.id, old.balance_minor as balance, f.last_posted_at as at
  )
  select coalesce(array_agg((null, customer_id, null, null, null, null, null, null, null, id, null, null, balance, at, null)::funds_asked), '{}')
    into v_before from fitted;

  -- 4. The others one by one, per customer under its credit row. Only what passes changes anything.
  for v_customer in
    select a.customer_id as id, array_agg(a.place order by a.place) as places, array_agg(a.fund_id order by a.place) as funds,
           array_agg(a.amount order by a.place) as amounts
      from unnest(v_asked) a
     where a.outcome is null and not exists (select 1 from unnest(v_before) b where b.customer_id = a.customer_id and b.fund_id = a.fund_id)
     group by a.customer_id order by a.customer_id
  loop
    v_passed := funds_decide(v_customer.id, v_customer.places, v_customer.funds, v_customer.amounts);
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
        then (a.place, a.customer_id, a.division_id, a.amount, a.key, a.order_id, a.line, a.note, a.hold_id, a.fund_id, 'insufficient_funds',
              null, null, null, a.same_as)::funds_asked
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

-- The way nearly every batch goes: all divisions open, all covered by movable funds, no key or order seen before. The unique indexes prove the
-- last two while they are written; whatever does not hold raises, undoes it all and lets the exact way answer.
-- p_customer and p_division name each division once; p_at says for every element which of them it is about.
create function funds_debit(p_customer bigint[], p_division bigint[], p_at integer[], p_amount bigint[], p_key text[], p_order text[], p_line text[],
  p_note text[], p_hold uuid[]) returns table (place integer, outcome text, transfer_id bigint, fund_id bigint, balance_after bigint,
  posted_at timestamptz, available bigint, credit_limit bigint, used_by_others bigint)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  v_rank integer[]; v_holder bigint[]; v_open boolean; v_befores bigint[]; v_ats timestamptz[];
  v_now timestamptz := ledger_now();
begin
  begin
    -- The funds that serve the divisions, and the rank of each in the order of locking.
    select array_agg(d.rank order by d.n), array_agg(d.holder_id order by d.n), coalesce(bool_and(d.is_open), false) into v_rank, v_holder, v_open
      from (select u.n, f.holder_id, f.is_open, dense_rank() over (order by f.customer_id, f.holder_id)::integer as rank
              from unnest(p_customer, p_division) with ordinality u(customer_id, division_id, n)
              join funds_fund f on f.customer_id = u.customer_id and f.id = u.division_id) d;
    if not v_open or array_length(v_holder, 1) <> array_length(p_division, 1) then
      raise exception using errcode = 'TS001';
    end if;
    -- Update first: the lock, the check and the change in one statement. The sums are sorted and met one by one through the primary key,
    -- so that the rows are locked in the order that everybody keeps.
    with sums as (
      select v_rank[u.at] as rank, min(p_customer[u.at]) as customer_id, min(v_holder[u.at]) as holder_id, sum(u.amount) as total,
             coalesce(sum(u.amount) filter (where u.hold_id is not null), 0) as held
        from unnest(p_at, p_amount, p_hold) u(at, amount, hold_id) group by 1 order by 1
    ), fitted as (
      update funds_fund f set balance_minor = f.balance_minor - s.total, held_minor = f.held_minor + s.held, last_posted_at = greatest(v_now, f.last_posted_at)
        from sums s
       where f.customer_id = s.customer_id and f.id = s.holder_id and f.holder_id = f.id
         and s.total <= funds_movable(funds_net(f.balance_minor, f.unpaid_funding_minor, f.unpaid_owed_minor, f.counts_funding), f.shortfall_minor)
      returning s.rank, old.balance_minor as balance, f.last_posted_at as at
    )
    select array_agg(balance order by rank), array_agg(at order by rank) into v_befores, v_ats from fitted;
    if coalesce(array_length(v_befores, 1), 0) <> (select max(r) from unnest(v_rank) r) then
      raise exception using errcode = 'TS001';
    end if;
    -- The rows are written, and so returned, in the order of the elements; their place is left to the caller to count.
    return query
    insert into ledger_transfer (customer_id, id, entry_id, kind, debit, credit, amount_minor, fund_id, division_id, debit_balance_after, posted_at,
      order_id, line_reference, idempotency_key, note, hold_id)
    select p_customer[r.at], r.id, r.id, case when r.hold_id is null then 1 else 3 end, 30, case when r.hold_id is null then 40 else 31 end, r.amount,
           v_holder[r.at], p_division[r.at], v_befores[v_rank[r.at]] - r.running, v_ats[v_rank[r.at]], r.order_id, r.line, r.key, r.note, r.hold_id
      from (select u.*, sum(u.amount) over (partition by v_rank[u.at] order by u.n rows unbounded preceding)::bigint as running,
                   nextval('ledger_transfer_number') as id
              from unnest(p_at, p_amount, p_key, p_order, p_line, p_note, p_hold) with ordinality u(at, amount, key, order_id, line, note, hold_id, n)) r
     order by r.n
    returning null::integer, 'accepted', id, fund_id, debit_balance_after, posted_at, null::bigint, null::bigint, null::bigint;
    return;
  exception when unique_violation or sqlstate 'TS001' then
    null; -- everything of this block is undone; the exact way begins anew
  end;
  return query
  select x.* from (select array_agg(p_customer[u.at] order by u.n) as customers, array_agg(p_division[u.at] order by u.n) as divisions
                     from unnest(p_at) with ordinality u(at, n)) every
    cross join lateral funds_debit_exactly(every.customers, every.divisions, p_amount, p_key, p_order, p_line, p_note, p_hold) x;
end $$;
alter function funds_debit(bigint[], bigint[], integer[], bigint[], text[], text[], text[], text[], uuid[]) owner to tallystick_door;
alter function funds_debit_exactly(bigint[], bigint[], bigint[], text[], text[], text[], text[], uuid[]) owner to tallystick_door;
revoke execute on function funds_debit_exactly(bigint[], bigint[], bigint[], text[], text[], text[], text[], uuid[]) from public;
alter function funds_decide(bigint, integer[], bigint[], bigint[]) owner to tallystick_door;
revoke execute on function funds_debit(bigint[], bigint[], integer[], bigint[], text[], text[], text[], text[], uuid[]) from public;
grant execute on function funds_debit(bigint[], bigint[], integer[], bigint[], text[], text[], text[], text[], uuid[]) to tallystick_web, tallystick_operator, tallystick_worker;
revoke execute on function funds_decide(bigint, integer[], bigint[], bigint[]) from public;
grant select, update on funds_fund, funds_credit to tallystick_door;
grant select, insert on ledger_transfer to tallystick_door;
create policy door on funds_fund to tallystick_door using (true) with check (true);
create policy door on funds_credit to tallystick_door using (true) with check (true);
create policy door on ledger_transfer to tallystick_door using (true) with check (true);
