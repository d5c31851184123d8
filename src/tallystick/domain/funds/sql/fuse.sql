-- A division's id as the outside knows it (lib/ids.py): base 32, thirteen letters.
create function funds_division_name(p_division bigint) returns text language sql immutable as $$
  select 'div_' || string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', (p_division >> (5 * p.place) & 31)::integer + 1, 1), '' order by p.place desc)
    from generate_series(0, 12) p(place)
$$;

-- Keep what the fuses of one customer counted, and record each that opens: the event is written with the change, by whoever charges.
create function funds_keep_fuses(p_customer bigint, p_fuse bigint[], p_started timestamptz[], p_spent bigint[], p_counted integer[], p_opens boolean[],
  p_now timestamptz) returns void language plpgsql as $$
declare
  v_fuse record;
  v_event uuid;
begin
  update funds_fuse z set started_at = u.started, spent_minor = u.spent, counted = u.counted, opened_at = case when u.opens then p_now else z.opened_at end
    from unnest(p_fuse, p_started, p_spent, p_counted, p_opens) u(id, started, spent, counted, opens)
   where z.customer_id = p_customer and z.id = u.id;
  for v_fuse in
    select z.id, z.amount_minor, z.count, u.spent, u.counted
      from unnest(p_fuse, p_spent, p_counted, p_opens) u(id, spent, counted, opens)
      join funds_fuse z on z.customer_id = p_customer and z.id = u.id where u.opens
  loop
    v_event := uuidv7();
    insert into events_event (customer_id, id, kind, subject_id, facts, viewer_kind, viewer_name) values (p_customer, v_event, 'spending_fuse.opened',
      funds_division_name(v_fuse.id), jsonb_build_object('amount_minor', v_fuse.amount_minor, 'count', v_fuse.count, 'spent_minor', v_fuse.spent,
      'counted', v_fuse.counted), 'system', 'Tallystick');
    insert into events_unnumbered (event_id, customer_id, kind) values (v_event, p_customer, 'spending_fuse.opened');
  end loop;
end $$;
revoke execute on function funds_keep_fuses(bigint, bigint[], timestamptz[], bigint[], integer[], boolean[], timestamptz) from public;
alter function funds_keep_fuses(bigint, bigint[], timestamptz[], bigint[], integer[], boolean[], timestamptz) owner to tallystick_door;
grant select, update on funds_fuse to tallystick_door;
grant insert on events_event, events_unnumbered to tallystick_door;
create policy door on funds_fuse to tallystick_door using (true) with check (true);
create policy door on events_event for insert to tallystick_door with check (true);
