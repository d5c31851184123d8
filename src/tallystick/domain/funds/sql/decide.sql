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
revoke execute on function funds_decide(bigint, integer[], bigint[], bigint[]) from public;
alter function funds_decide(bigint, integer[], bigint[], bigint[]) owner to tallystick_door;
