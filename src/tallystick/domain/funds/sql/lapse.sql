-- Which customers have holds whose time is over? The worker asks across customers, then goes to each as its viewer.
create function funds_lapsing(p_limit integer) returns table (customer_id bigint, hold_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select h.customer_id, h.id from funds_hold h where h.state = 'open' and h.lapses_at < ledger_now() order by h.lapses_at limit p_limit
$$;
revoke execute on function funds_lapsing(integer) from public;
grant execute on function funds_lapsing(integer) to tallystick_worker;
grant select on funds_hold to tallystick_door;
create policy door on funds_hold for select to tallystick_door using (true);
alter function funds_lapsing(integer) owner to tallystick_door;
