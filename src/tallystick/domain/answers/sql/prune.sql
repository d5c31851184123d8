-- Forget answers whose time is over: at most so many at once, of whatever customers.
create function answers_prune(p_now timestamptz, p_limit integer) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v_count integer;
begin
  with over as (
    select customer_id, id from answers_answer where kept_until < p_now order by kept_until limit p_limit for update skip locked
  ), gone as (
    delete from answers_answer a using over o where a.customer_id = o.customer_id and a.id = o.id returning 1
  )
  select count(*) into v_count from gone;
  return v_count;
end $$;
revoke execute on function answers_prune(timestamptz, integer) from public;
grant execute on function answers_prune(timestamptz, integer) to tallystick_worker;
grant select, update, delete on answers_answer to tallystick_door;
create policy door on answers_answer to tallystick_door using (true);
alter function answers_prune(timestamptz, integer) owner to tallystick_door;
