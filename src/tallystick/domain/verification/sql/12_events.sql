-- Events have no gap in their numbers, and none is lost between the change and its number.
select customer_id, 'events', format('%s numbers, the last is %s', count(*), max(id)) from events_number group by customer_id having count(*) <> max(id)
union all
select e.customer_id, format('event %s', e.id), 'has neither a number nor a place in the queue'
  from events_event e
 where not exists (select 1 from events_number n where n.customer_id = e.customer_id and n.event_id = e.id)
   and not exists (select 1 from events_unnumbered u where u.event_id = e.id)
