-- The way nearly every batch goes: all divisions open and without a spending fuse, all covered by movable funds, no key or order seen before. The unique indexes prove the
-- last two while they are written; whatever does not hold raises, undoes it all and lets the exact way answer.
-- p_customer and p_division name each division once, sorted; p_at says for every element which of them it is about.
-- The answer is one row of arrays, an element each; where outcomes is empty all were accepted, and fund_ids and posted_ats are by division.
create function funds_debit(p_customer bigint[], p_division bigint[], p_at integer[], p_amount bigint[], p_key text[], p_order text[], p_line text[],
  p_note text[], p_hold uuid[]) returns table (outcomes text[], transfer_ids bigint[], balances_after bigint[], fund_ids bigint[],
  posted_ats timestamptz[], available bigint[], credit_limits bigint[], used_by_others bigint[])
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  v_rank integer[]; v_holder bigint[]; v_open boolean; v_fused boolean; v_funds integer; v_r integer; v_totals bigint[]; v_helds bigint[]; v_running bigint[];
  v_befores bigint[]; v_ats timestamptz[]; v_ids bigint[]; v_after bigint[];
  v_direct boolean := array_length(p_division, 1) > 100; -- so many mostly serve themselves: taken for granted first, and proved by the update
  v_now timestamptz := ledger_now();
begin
  loop begin
    -- The funds that serve the divisions, and the rank of each in the order of locking.
    if v_direct then
      v_holder := p_division;
      v_rank := array(select generate_series(1, array_length(p_division, 1)));
    else
      select array_agg(d.rank order by d.n), array_agg(d.holder_id order by d.n), coalesce(bool_and(d.is_open), false), bool_or(d.is_fused)
        into v_rank, v_holder, v_open, v_fused
        from (select u.n, f.holder_id, f.is_open, f.is_fused, dense_rank() over (order by f.customer_id, f.holder_id)::integer as rank
                from (select * from unnest(p_customer, p_division) with ordinality u(customer_id, division_id, n) order by 1, 2) u
                join funds_fund f on f.customer_id = u.customer_id and f.id = u.division_id) d;
      if not v_open or v_fused or array_length(v_holder, 1) <> array_length(p_division, 1) then
        raise exception using errcode = 'TS001';
      end if;
    end if;
    -- What each fund gives, and how much of it up to each element: a loop over plain numbers is quicker here than groups and windows.
    select max(u.r) into v_funds from unnest(v_rank) u(r);
    v_totals := array_fill(0::bigint, array[v_funds]);
    v_helds := v_totals;
    v_running := array_fill(0::bigint, array[array_length(p_at, 1)]);
    for i in 1 .. array_length(p_at, 1) loop
      v_r := v_rank[p_at[i]];
      v_totals[v_r] := v_totals[v_r] + p_amount[i];
      v_running[i] := v_totals[v_r];
    end loop;
    for i in 1 .. coalesce(array_length(p_hold, 1), 0) loop
      if p_hold[i] is not null then
        v_r := v_rank[p_at[i]];
        v_helds[v_r] := v_helds[v_r] + p_amount[i];
      end if;
    end loop;
    -- Update first: the lock, the check and the change in one statement. The funds come sorted and are met one by one through the primary key,
    -- so that the rows are locked in the order that everybody keeps.
    with sums as (
      select distinct on (u.rank) u.rank, p_customer[u.n] as customer_id, u.holder_id, v_totals[u.rank] as total, v_helds[u.rank] as held
        from unnest(v_rank, v_holder) with ordinality u(rank, holder_id, n) order by u.rank
    ), fitted as (
      update funds_fund f set balance_minor = f.balance_minor - s.total, held_minor = f.held_minor + s.held, last_posted_at = greatest(v_now, f.last_posted_at)
        from sums s
       where f.customer_id = s.customer_id and f.id = s.holder_id and f.holder_id = f.id and (f.is_open and not f.is_fused or not v_direct)
         and s.total <= funds_movable(funds_net(f.balance_minor, f.unpaid_funding_minor, f.unpaid_owed_minor, f.counts_funding), f.shortfall_minor)
      returning s.rank, old.balance_minor as balance, f.last_posted_at as at
    )
    select array_agg(balance order by rank), array_agg(at order by rank) into v_befores, v_ats from fitted;
    if coalesce(array_length(v_befores, 1), 0) <> v_funds then
      raise exception using errcode = 'TS001';
    end if;
    -- Each element gets its number in the order of the elements; the rows are written fund by fund, which the index of histories likes.
    select array_agg(nextval('ledger_transfer_number')), array_agg(v_befores[v_rank[u.at]] - u.running) into v_ids, v_after
      from unnest(p_at, v_running) u(at, running);
    insert into ledger_transfer (customer_id, id, entry_id, kind, debit, credit, amount_minor, fund_id, division_id, debit_balance_after, posted_at,
        order_id, line_reference, idempotency_key, note, hold_id)
      select p_customer[r.at], r.id, r.id, case when r.hold_id is null then 1 else 3 end, 30, case when r.hold_id is null then 40 else 31 end, r.amount,
             v_holder[r.at], p_division[r.at], r.after, v_ats[v_rank[r.at]], r.order_id, coalesce(r.line, ''), r.key, nullif(r.note, ''), r.hold_id
        from unnest(v_ids, v_after, p_at, p_amount, p_key, p_order, p_line, p_note, p_hold) r(id, after, at, amount, key, order_id, line, note, hold_id)
       order by v_rank[r.at];
    return query select null::text[], v_ids, v_after, v_holder, (select array_agg(v_ats[r.rank] order by r.n) from unnest(v_rank) with ordinality r(rank, n)),
      null::bigint[], null::bigint[], null::bigint[];
    return;
  exception -- everything of this block is undone, and the exact way begins anew, or first the look at which funds serve
    when unique_violation then
      exit;
    when sqlstate 'TS001' then
      exit when not v_direct;
      v_direct := false;
  end; end loop;
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
