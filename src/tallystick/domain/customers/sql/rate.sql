-- How often each key asked, summed over all processes that answer. Unlogged: a crash forgets it, and it is nobody's money.
-- A row counts a tenth of a rolling window; `seconds` is the window's length.
create unlogged table customers_ratecount (
  key_id uuid, seconds smallint, bucket timestamptz, count integer not null, primary key (key_id, seconds, bucket));
grant select, insert, update, delete on customers_ratecount to tallystick_web;

-- Add what one process counted since it last asked (nothing, for a mere look), and give the sums of each key and window.
-- `oldest` is the start of the oldest tenth that still counts. Keys come sorted, so that two processes never wait for each other in a circle.
create function customers_count_requests(p_keys uuid[], p_counts integer[], p_seconds smallint[], p_now timestamptz)
returns table (key_id uuid, seconds smallint, total integer, oldest timestamptz)
language plpgsql set search_path = public, pg_temp as $$
#variable_conflict use_column
begin
  insert into customers_ratecount as r (key_id, seconds, bucket, count)
    select k.key_id, s.seconds, date_bin(make_interval(secs => s.seconds / 10.0), p_now, timestamptz '2020-01-01 00:00:00+00'), k.count
      from unnest(p_keys, p_counts) k(key_id, count) cross join unnest(p_seconds) s(seconds)
     where k.count > 0 order by k.key_id, s.seconds
    on conflict (key_id, seconds, bucket) do update set count = r.count + excluded.count;
  return query
    select k.key_id, s.seconds, coalesce(c.total, 0)::integer, c.oldest
      from unnest(p_keys) k(key_id) cross join unnest(p_seconds) s(seconds)
      left join lateral (select sum(r.count) as total, min(r.bucket) as oldest from customers_ratecount r
        where r.key_id = k.key_id and r.seconds = s.seconds and r.bucket > p_now - make_interval(secs => s.seconds * 1.1)) c on true;
end $$;

-- Forget the tenths that no window reaches any more.
create function customers_forget_requests(p_now timestamptz) returns void language sql set search_path = public, pg_temp as $$
  delete from customers_ratecount where bucket < p_now - make_interval(secs => seconds * 2)
$$;
