"""Carry every resource of /api/v1 the same way: who asks, may they, is it the same request again, is it still what they looked at.

A resource is a module in `interfaces/api/resources`, listed in `interfaces/api/door.py`. It says in words of its own what `Shape`s go in and out
and which operation of the domain is called; it holds no rule of business.

    orders = resource.Resource("purchase_orders", tag="Purchase orders", prefix="/purchase-orders")

    @orders.reading("", answers=shapes.Listed[OrderShape])
    def list_orders(request: HttpRequest, asked: Query[OrdersAsked]) -> Told: ...

    @orders.writing("/{purchase_order_id}/approval", answers=InvoiceShape, status=201, key=resource.Need.REQUIRED, match=resource.Need.REQUIRED)
    def approve_order(request: HttpRequest, purchase_order_id: str, dry_run: bool = False) -> Act: ...

- `Resource(name)` takes the scope's name from `customers.rules.RESOURCES`; `reading` asks for its `read`, `writing` for its `write`. A customer's key
  and an operator's key both come in; the operation called decides what each may do. `callers.of(request)` is who asks.
- A reading runs in one scope and returns `Told(shape, etag=...)`; a list returns `paging.told(...)`.
- A writing is called outside of any transaction: it reads what it needs and returns an `Act`, a function without parameters that calls the operation
  and returns `Told`. The framework runs it in one transaction together with its Idempotency-Key, so that both are there or neither is. Where the
  operation calls a gateway between two transactions, say `in_steps=True`: the key is claimed before, kept after, and 409 while the first runs.
- An act that reads what its operation has just changed calls `scope.write_gathered()` in between: operations leave some rows to the commit.
- An answer with a secret that is shown once has `Told(..., repeated=...)`: the same without it, which is what is kept for repeats.
- `match` REQUIRED or OPTIONAL documents If-Match; the act compares by `conditions.require(request, etag)` with what it sees: 412, or 428 without.
- `dry_run: bool = False` as a parameter of a writing: nothing is remembered, and what the act wrote is taken back when it has answered
  (`resources/rehearsed.py` adds the figures before and after). It runs inside one scope, so it must call no gateway.
- Amounts: `shapes.Money`; read them by `shapes.minor(asked, currency)`, show them by `shapes.money(minor, currency)`. Ids: `ids.public`, `ids.parse`.
- A customer named by the operator: `customer` in lists, `callers.customer_id(request, asked.customer)`.
- Refusals of the domain are raised through: `problem.py` is the one table of kinds and statuses. Unknown parameters and fields are refused here.
"""
