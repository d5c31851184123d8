-- Write a document's number: 'INV-{year}-{number:05}' of 2026 and 7 is INV-2026-00007; more digits than asked for are kept.
create function invoicing_number_text(p_pattern text, p_year integer, p_number bigint) returns text
language sql immutable set search_path = public, pg_temp as $$
  select replace(replace(
    regexp_replace(p_pattern, '\{number:\d+\}', lpad(p_number::text,
      greatest(length(p_number::text), coalesce(substring(p_pattern from '\{number:(\d+)\}')::integer, 1)), '0')),
    '{number}', p_number::text), '{year}', p_year::text)
$$;

-- Tell the place a document of this year would get: a pattern with a year starts anew with a later year, and never goes back.
create function invoicing_next(p_series invoicing_series, p_year integer, out year integer, out number bigint)
language sql immutable set search_path = public, pg_temp as $$
  select case when starts_anew then p_year else (p_series).year end, case when starts_anew then 1 else (p_series).next_number end
    from (select (p_series).pattern like '%{year}%' and p_year > (p_series).year as starts_anew) s
$$;

-- Hand out the next number of a series, last in its transaction: the row stays locked until that commits, so no number is ever lost.
-- The series belongs to all customers of the legal entity, so the door role owns this; the directory row proves the number.
create function invoicing_take_number(p_legal_entity_id bigint, p_kind text, p_year integer, p_customer_id bigint, p_document_id uuid)
returns text language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v_series invoicing_series;
  v_year integer;
  v_number bigint;
  v_text text;
begin
  if p_customer_id is distinct from coalesce(nullif(current_setting('tallystick.customer_id', true), '')::bigint, p_customer_id) then
    raise exception 'a number is taken for the customer of the scope' using errcode = 'insufficient_privilege';
  end if;
  select * into v_series from invoicing_series where legal_entity_id = p_legal_entity_id and kind = p_kind for no key update;
  if not found then
    return null;
  end if;
  select n.year, n.number into v_year, v_number from invoicing_next(v_series, p_year) n;
  v_text := invoicing_number_text(v_series.pattern, v_year, v_number);
  update invoicing_series set year = v_year, next_number = v_number + 1 where id = v_series.id;
  insert into invoicing_issuednumber (series_id, year, number, text, customer_id, document_id)
  values (v_series.id, v_year, v_number, v_text, p_customer_id, p_document_id);
  return v_text;
end $$;
revoke execute on function invoicing_take_number(bigint, text, integer, bigint, uuid) from public;
grant execute on function invoicing_take_number(bigint, text, integer, bigint, uuid) to tallystick_web, tallystick_operator, tallystick_worker;
-- given away last: only an owner can revoke what everybody may do
alter function invoicing_take_number(bigint, text, integer, bigint, uuid) owner to tallystick_door;
grant select, update on invoicing_series to tallystick_door;
grant select, insert on invoicing_issuednumber to tallystick_door;
grant usage on sequence invoicing_issuednumber_id_seq to tallystick_door;
