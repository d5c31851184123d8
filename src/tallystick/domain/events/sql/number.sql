-- Give the committed events their numbers, per customer without a gap, and queue the reactions they call for.
-- One step at a time: the advisory lock is what makes max + 1 safe. It runs for all customers, so the door role owns it.
create function events_number_next(p_limit integer, p_reactions jsonb) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v_count integer;
begin
  perform pg_advisory_xact_lock(hashtext('events_number_next'));
  with taken as (
    delete from events_unnumbered where event_id in (select event_id from events_unnumbered order by event_id limit p_limit)
    returning event_id, customer_id, kind
  ), last as (
    select customer_id, coalesce((select max(n.id) from events_number n where n.customer_id = c.customer_id), 0) as number
      from (select distinct customer_id from taken) c
  ), numbered as (
    insert into events_number (customer_id, id, event_id)
    select t.customer_id, l.number + row_number() over (partition by t.customer_id order by t.event_id), t.event_id
      from taken t join last l using (customer_id)
  ), queued as (
    insert into events_job (reaction, customer_id, event_id)
    select r.reaction, t.customer_id, t.event_id
      from taken t cross join lateral jsonb_array_elements_text(coalesce(p_reactions -> t.kind, '[]'::jsonb)) as r(reaction)
     order by t.event_id
  )
  select count(*) into v_count from taken;
  return v_count;
end $$;
revoke execute on function events_number_next(integer, jsonb) from public;
grant execute on function events_number_next(integer, jsonb) to tallystick_worker;
grant select, delete on events_unnumbered to tallystick_door;
grant select, insert on events_number to tallystick_door;
grant insert on events_job to tallystick_door;
grant usage on sequence events_job_id_seq to tallystick_door, tallystick_worker, tallystick_web, tallystick_operator;
create policy door on events_number to tallystick_door using (true) with check (true);
alter function events_number_next(integer, jsonb) owner to tallystick_door;
