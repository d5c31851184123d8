-- The way nearly every batch goes: all divisions open, all covered by movable funds, no key or order seen before. The unique indexes prove the
-- last two while they are written; whatever does not hold raises, undoes it all and lets the exact way answer.
-- p_customer and p_division name each division once; p_at says for every element which of them it is about.
-- The answer is one row of arrays, an element each; where outcomes is empty all were accepted, and fund_ids and posted_ats are by division.
create function funds_debit(p_customer bigint[], p_division bigint[], p_at integer[], p_amount bigint[], p_key text[], p_order text[], p_line text[],
  p_note text[], p_hold uuid[]) returns table (outcomes text[], transfer_ids bigint[], balances_after bigint[], fund_ids bigint[],
  posted_ats timestamptz[], available bigint[], credit_limits bigint[], used_by_others bigint[])
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  v_rank integer[]; v_holder bigint[]; v_open boolean; v_befores bigint[]; v_ats timestamptz[];
  v_now timestamptz := ledger_now();
begin
  begin
    -- The funds that serve the divisions (looked up in the order of the index), and the rank of each in the order of locking.
    select array_agg(d.rank order by d.n), array_agg(d.holder_id order by d.n), coalesce(bool_and(d.is_open), false) into v_rank, v_holder, v_open
      from (select u.n, f.holder_id, f.is_open, dense_rank() over (order by f.customer_id, f.holder_id)::integer as rank
              from (select * from unnest(p_customer, p_division) with ordinality u(customer_id, division_id, n) order by 1, 2) u
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
    -- Each element gets its number in the order of the elements; the rows are written fund by fund, as the running sums come and as the
    -- index of histories likes it, and gathered by number.
    return query
    with written as (
      insert into ledger_transfer (customer_id, id, entry_id, kind, debit, credit, amount_minor, fund_id, division_id, debit_balance_after, posted_at,
        order_id, line_reference, idempotency_key, note, hold_id)
      select p_customer[r.at], r.id, r.id, case when r.hold_id is null then 1 else 3 end, 30, case when r.hold_id is null then 40 else 31 end, r.amount,
             v_holder[r.at], p_division[r.at], v_befores[r.rank] - sum(r.amount) over (partition by r.rank order by r.id rows unbounded preceding)::bigint,
             v_ats[r.rank], r.order_id, coalesce(r.line, ''), r.key, nullif(r.note, ''), r.hold_id
        from (select u.*, v_rank[u.at] as rank, nextval('ledger_transfer_number') as id
                from unnest(p_at, p_amount, p_key, p_order, p_line, p_note, p_hold) u(at, amount, key, order_id, line, note, hold_id)) r
      returning id, debit_balance_after
    )
    select null::text[], array_agg(w.id order by w.id), array_agg(w.debit_balance_after order by w.id), v_holder, (select array_agg(v_ats[r.rank] order by r.n)
        from unnest(v_rank) with ordinality r(rank, n)), null::bigint[], null::bigint[], null::bigint[] from written w;
    return;
  exception when unique_violation or sqlstate 'TS001' then
    null; -- everything of this block is undone; the exact way begins anew
  end;
  return query
  select array_agg(x.outcome order by x.place), array_agg(x.transfer_id order by x.place), array_agg(x.balance_after order by x.place),
         array_agg(x.fund_id order by x.place), array_agg(x.posted_at order by x.place), array_agg(x.available order by x.place),
         array_agg(x.credit_limit order by x.place), array_agg(x.used_by_others order by x.place)
    from (select array_agg(p_customer[u.at] order by u.n) as customers, array_agg(p_division[u.at] order by u.n) as divisions
            from unnest(p_at) with ordinality u(at, n)) every
    cross join lateral funds_debit_exactly(every.customers, every.divisions, p_amount, p_key, p_order, p_line, p_note, p_hold) x;
end $$;
revoke execute on function funds_debit(bigint[], bigint[], integer[], bigint[], text[], text[], text[], text[], uuid[]) from public;
grant execute on function funds_debit(bigint[], bigint[], integer[], bigint[], text[], text[], text[], text[], uuid[]) to tallystick_web, tallystick_operator, tallystick_worker;
grant select, update on funds_fund, funds_credit to tallystick_door;
grant select, insert on ledger_transfer to tallystick_door;
create policy door on funds_fund to tallystick_door using (true) with check (true);
create policy door on funds_credit to tallystick_door using (true) with check (true);
create policy door on ledger_transfer to tallystick_door using (true) with check (true);
alter function funds_debit(bigint[], bigint[], integer[], bigint[], text[], text[], text[], text[], uuid[]) owner to tallystick_door;
