-- Forget messages that ended long ago, with their tries; the events that they told stay. At most so many at once, of whatever customers.
-- Tries were append-only by a trigger; now it is by rights: nobody may change one, and only this function takes them away.
drop trigger webhooks_attempt_append_only on webhooks_attempt;
drop trigger webhooks_attempt_no_truncate on webhooks_attempt;
create function webhooks_prune(p_before timestamptz, p_limit integer) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v_ids uuid[];
  v_customers bigint[];
begin
  select array_agg(d.id), array_agg(d.customer_id) into v_ids, v_customers
    from (select id, customer_id from webhooks_delivery where ended_at < p_before order by ended_at limit p_limit for update skip locked) d;
  delete from webhooks_attempt a using unnest(v_customers, v_ids) u(customer_id, id) where a.customer_id = u.customer_id and a.delivery_id = u.id;
  delete from webhooks_delivery d using unnest(v_customers, v_ids) u(customer_id, id) where d.customer_id = u.customer_id and d.id = u.id;
  return coalesce(array_length(v_ids, 1), 0);
end $$;
revoke execute on function webhooks_prune(timestamptz, integer) from public;
grant execute on function webhooks_prune(timestamptz, integer) to tallystick_worker;
grant select, update, delete on webhooks_delivery to tallystick_door;
grant select, delete on webhooks_attempt to tallystick_door;
create policy door on webhooks_delivery to tallystick_door using (true);
create policy door on webhooks_attempt to tallystick_door using (true);
alter function webhooks_prune(timestamptz, integer) owner to tallystick_door;
