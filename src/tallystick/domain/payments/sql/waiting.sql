-- Find, across all customers, what the worker has to look after; ids only, and the worker then opens each customer's own scope.
create function payments_unresolved(p_before timestamptz, p_limit integer) returns table (customer_id bigint, payment_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select p.customer_id, p.id from payments_payment p
   where p.state = 'started' and p.method = 'card' and p.started_at < p_before order by p.started_at limit p_limit
$$;

create function payments_lapsed_deposits(p_now timestamptz, p_limit integer) returns table (customer_id bigint, deposit_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select d.customer_id, d.id from payments_deposit d where d.state = 'open' and d.lapses_at <= p_now order by d.lapses_at limit p_limit
$$;

revoke execute on function payments_unresolved(timestamptz, integer), payments_lapsed_deposits(timestamptz, integer) from public;
grant execute on function payments_unresolved(timestamptz, integer), payments_lapsed_deposits(timestamptz, integer) to tallystick_worker;
grant select on payments_payment, payments_deposit to tallystick_door;
create policy door on payments_payment for select to tallystick_door using (true);
create policy door on payments_deposit for select to tallystick_door using (true);
alter function payments_unresolved(timestamptz, integer) owner to tallystick_door;
alter function payments_lapsed_deposits(timestamptz, integer) owner to tallystick_door;
