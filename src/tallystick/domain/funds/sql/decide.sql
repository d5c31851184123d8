-- Decide, in order, the elements of one customer whose funds are not covered by movable funds alone, or whose division has a spending fuse; the
-- caller holds the fund locks. Gives back the places that pass, and negated those that a fuse refuses. The credit row is locked here, after the
-- funds, and carries the credit in use from one to the next; then the fuses, by id: what passes counts, and what would go beyond opens the fuse.
-- The first refusal for want of funds is noted on the credit row, for the worker to tell (alerts.sql); those after it write nothing.
create function funds_decide(p_customer bigint, p_place integer[], p_fund bigint[], p_amount bigint[], p_division bigint[], p_now timestamptz) returns integer[]
language plpgsql as $$
declare
  v_limit bigint; v_in_use bigint; v_start bigint; v_net bigint; v_at integer; v_passed integer[] := '{}';
  v_funds bigint[]; v_nets bigint[]; v_fuse integer; v_reached boolean; v_refused integer;
  v_fuses bigint[]; v_most bigint[]; v_count integer[]; v_started timestamptz[]; v_spent bigint[]; v_counted integer[]; v_opened boolean[]; v_opens boolean[];
begin
  select c.limit_minor, c.in_use_minor, c.reached_at is not null into v_limit, v_in_use, v_reached from funds_credit c where c.customer_id = p_customer for no key update;
  v_start := v_in_use;
  select array_agg(f.id), array_agg(funds_net(f.balance_minor, f.unpaid_funding_minor, f.unpaid_owed_minor, f.counts_funding))
    into v_funds, v_nets from funds_fund f where f.customer_id = p_customer and f.id = any(p_fund);
  perform 1 from funds_fuse z where z.customer_id = p_customer and z.id = any(p_division) order by z.id for no key update;
  -- an hour begins with the first charge that passes; when it is over, all is counted anew
  select array_agg(z.id), array_agg(z.amount_minor), array_agg(z.count), array_agg(case when h.is_on then z.started_at else p_now end),
         array_agg(case when h.is_on then z.spent_minor else 0 end), array_agg(case when h.is_on then z.counted else 0 end),
         array_agg(z.opened_at is not null), array_agg(false)
    into v_fuses, v_most, v_count, v_started, v_spent, v_counted, v_opened, v_opens
    from funds_fuse z cross join lateral (select coalesce(z.counted > 0 and p_now < z.started_at + interval '1 hour', false) as is_on) h
   where z.customer_id = p_customer and z.id = any(p_division) and (z.amount_minor is not null or z.count is not null);
  for i in 1 .. array_length(p_place, 1) loop
    v_at := array_position(v_funds, p_fund[i]);
    v_net := v_nets[v_at];
    v_fuse := array_position(v_fuses, p_division[i]);
    if v_fuse is not null and v_opened[v_fuse] then
      v_passed := v_passed || -p_place[i];
    elsif v_limit is null or p_amount[i] <= funds_available(v_net, v_limit, v_in_use) then
      if v_fuse is not null then
        if v_spent[v_fuse] + p_amount[i] > v_most[v_fuse] or v_counted[v_fuse] + 1 > v_count[v_fuse] then
          v_opened[v_fuse] := true;
          v_opens[v_fuse] := true;
          v_passed := v_passed || -p_place[i];
          continue;
        end if;
        v_spent[v_fuse] := v_spent[v_fuse] + p_amount[i];
        v_counted[v_fuse] := v_counted[v_fuse] + 1;
      end if;
      v_in_use := v_in_use + greatest(0, p_amount[i] - v_net) - greatest(0, -v_net);
      v_nets[v_at] := v_net - p_amount[i];
      v_passed := v_passed || p_place[i];
    else
      v_refused := coalesce(v_refused, i);
    end if;
  end loop;
  if v_refused is not null and not v_reached then
    update funds_credit set reached_at = p_now, reached_division_id = p_division[v_refused], reached_required_minor = p_amount[v_refused]
     where customer_id = p_customer;
  end if;
  if v_in_use <> v_start then
    update funds_credit set in_use_minor = v_in_use where customer_id = p_customer;
  end if;
  if v_fuses is not null then
    perform funds_keep_fuses(p_customer, v_fuses, v_started, v_spent, v_counted, v_opens, p_now);
  end if;
  return v_passed;
end $$;
revoke execute on function funds_decide(bigint, integer[], bigint[], bigint[], bigint[], timestamptz) from public;
alter function funds_decide(bigint, integer[], bigint[], bigint[], bigint[], timestamptz) owner to tallystick_door;
