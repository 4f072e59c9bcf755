-- What the five tables are filled with, as functions of the session.

-- A moment in [since, until), the n-th of a number of them, oldest first.
CREATE OR REPLACE FUNCTION pg_temp.moment(since timestamp, until timestamp, n integer, number integer)
RETURNS timestamp(3) LANGUAGE sql IMMUTABLE AS
$$ SELECT (since + (until - since) * ((n - 1 + pg_temp.pick('moment' || n, 1000) / 1000.0) / number))::timestamp(3) $$;

CREATE OR REPLACE FUNCTION pg_temp.invoice(since timestamp, until timestamp, number integer)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO invoice (sales_order_id, net_amount, vat_amount, due_date, created_at, last_updated)
    SELECT sales_order_id, net, round(net * 0.2, 2), at::date + 30, at, at
    FROM (SELECT n, pg_temp.moment(since, until, n, number) AS at, 1 + pg_temp.pick('billed' || since || n, 4000) AS sales_order_id
          FROM generate_series(1, number) AS n) AS bills
    JOIN (SELECT sales_order_id, round(units_sold * unit_price, 2) AS net FROM sales_order) AS sold USING (sales_order_id)
    ORDER BY n;
$$;

CREATE OR REPLACE FUNCTION pg_temp.refund(since timestamp, until timestamp, number integer)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO refund (payment_id, refund_amount, reason, created_at, last_updated)
    SELECT 1 + pg_temp.pick('refunded' || since || n, 5000), (500 + pg_temp.pick('back' || n, 40000)) / 100.0,
           pg_temp.word('why' || n, ARRAY['damaged in transit', 'wrong colour', 'arrived late', 'ordered twice', 'kein Grund angegeben']), at, at
    FROM (SELECT n, pg_temp.moment(since, until, n, number) AS at FROM generate_series(1, number) AS n) AS refunds
    ORDER BY n;
$$;

CREATE OR REPLACE FUNCTION pg_temp.supplier(since timestamp, until timestamp, number integer)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO supplier (counterparty_id, lead_time_days, payment_terms, created_at, last_updated)
    SELECT 1 + pg_temp.pick('supplies' || since || n, 200), 2 + pg_temp.pick('lead' || n, 40),
           pg_temp.word('terms' || n, ARRAY['30 days net', '14 days, 2 %', 'in advance', 'end of month']), at, at
    FROM (SELECT n, pg_temp.moment(since, until, n, number) AS at FROM generate_series(1, number) AS n) AS signed
    ORDER BY n;
$$;

CREATE OR REPLACE FUNCTION pg_temp.shipment(since timestamp, until timestamp, number integer)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO shipment (sales_order_id, carrier, parcels, created_at, last_updated)
    SELECT 1 + pg_temp.pick('shipped' || since || n, 4000), pg_temp.word('by' || n, ARRAY['DHL', 'DPD', 'Royal Mail', 'Seur', 'ヤマト運輸']),
           1 + pg_temp.pick('parcels' || n, 12), at, at
    FROM (SELECT n, pg_temp.moment(since, until, n, number) AS at FROM generate_series(1, number) AS n) AS shipped
    ORDER BY n;
$$;

CREATE OR REPLACE FUNCTION pg_temp.stock_count(since timestamp, until timestamp, number integer)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO stock_count (design_id, warehouse, units, created_at, last_updated)
    SELECT 1 + pg_temp.pick('counted' || since || n, 120), pg_temp.word('where' || n, ARRAY['Leeds 1', 'Leeds 2', 'Manchester']),
           pg_temp.pick('units' || n, 900), at, at
    FROM (SELECT n, pg_temp.moment(since, until, n, number) AS at FROM generate_series(1, number) AS n) AS counts
    ORDER BY n;
$$;
