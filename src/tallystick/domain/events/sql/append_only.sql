-- Refuse every change of a posted row, whoever asks. The missing rights come first; this holds against the owner too.
create function events_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: correct it by a new row', tg_table_name using errcode = 'restrict_violation';
end $$;
