-- The numbering step of number.sql, which now also queues what a customer's listeners want of every event. The door role owns it.
set local role tallystick_door;
create or replace function events_number_next(p_limit integer, p_reactions jsonb) returns integer
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
  ), wanted as (
    select jsonb_array_elements_text(coalesce(p_reactions -> t.kind, '[]'::jsonb)) as reaction, t.customer_id, t.event_id from taken t
    union all
    select l.id, t.customer_id, t.event_id from taken t join events_listener l using (customer_id)
  ), queued as (
    insert into events_job (reaction, customer_id, event_id) select reaction, customer_id, event_id from wanted order by event_id
  )
  select count(*) into v_count from taken;
  return v_count;
end $$;
reset role;
