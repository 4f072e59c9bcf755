-- What seeding is made of, as functions of the session: they are gone when it ends, so that a
-- newer program never runs an older one's.

-- The present in UTC, to the millisecond, as the tables store it.
CREATE OR REPLACE FUNCTION pg_temp.present() RETURNS timestamp(3) LANGUAGE sql STABLE AS
$$ SELECT (now() AT TIME ZONE 'UTC')::timestamp(3) $$;

-- A number from 0 to n - 1 that looks random and is the same each time (hashtext takes a tenth of
-- the time of md5, and this is called 50,000 times).
CREATE OR REPLACE FUNCTION pg_temp.pick(seed text, n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashtext(seed) & 2147483647) % n $$;

-- One of the words, chosen the same way.
CREATE OR REPLACE FUNCTION pg_temp.word(seed text, words text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT words[1 + pg_temp.pick(seed, cardinality(words))] $$;

-- Orders taken and placed evenly over [since, until), oldest first. Their state follows from their
-- age; the change of state is their last update.
CREATE OR REPLACE FUNCTION pg_temp.trade(since timestamp, until timestamp, sales integer, purchases integer)
RETURNS void LANGUAGE sql AS $$
    WITH numbered AS (
        SELECT (SELECT coalesce(max(sales_order_id), 0) FROM sales_order) + i AS n,
               since + (until - since) * ((i - 1 + pg_temp.pick('sale at' || i, 1000) / 1000.0) / sales) AS at
        FROM generate_series(1, sales) AS i
    ), aged AS (
        SELECT n, at::timestamp(3) AS at,
               CASE WHEN until - at < interval '2 days' THEN 'confirmed'
                    WHEN until - at < interval '5 days' THEN 'dispatched'
                    WHEN pg_temp.pick('sale end' || n, 25) = 0 THEN 'cancelled'
                    ELSE 'delivered' END::order_status AS status
        FROM numbered
    )
    INSERT INTO sales_order (design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id,
        status, agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id, created_at, last_updated)
    SELECT 1 + pg_temp.pick('sale design' || n, 120), 1 + pg_temp.pick('sale staff' || n, 40),
           1 + pg_temp.pick('sale party' || n, 200), 50 + pg_temp.pick('sale units' || n, 9950),
           (199 + pg_temp.pick('sale price' || n, 201)) / 100.0, 1 + pg_temp.pick('sale currency' || n, 3),
           status, at::date + 3 + pg_temp.pick('sale due' || n, 5), at::date + 2 + pg_temp.pick('sale pay' || n, 6),
           1 + pg_temp.pick('sale to' || n, 260), at,
           at + CASE status WHEN 'confirmed' THEN interval '0'
                            WHEN 'dispatched' THEN pg_temp.pick('sale sent' || n, 1900) * interval '1 day' / 1000
                            ELSE pg_temp.pick('sale sent' || n, 4900) * interval '1 day' / 1000 END
    FROM aged ORDER BY n;

    WITH numbered AS (
        SELECT (SELECT coalesce(max(purchase_order_id), 0) FROM purchase_order) + i AS n,
               since + (until - since) * ((i - 1 + pg_temp.pick('purchase at' || i, 1000) / 1000.0) / purchases) AS at
        FROM generate_series(1, purchases) AS i
    )
    INSERT INTO purchase_order (staff_id, counterparty_id, item_code, item_quantity, item_unit_price, currency_id,
        status, agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id, created_at, last_updated)
    SELECT 1 + pg_temp.pick('purchase staff' || n, 40), 1 + pg_temp.pick('purchase party' || n, 200),
           upper(substr(md5('item' || n), 1, 7)), 10 + pg_temp.pick('purchase units' || n, 990),
           (99 + pg_temp.pick('purchase price' || n, 90000)) / 100.0, 1 + pg_temp.pick('purchase currency' || n, 3),
           CASE WHEN until - at < interval '4 days' THEN 'confirmed' ELSE 'delivered' END::order_status,
           at::date + 4 + pg_temp.pick('purchase due' || n, 6), at::date + 7, 1 + pg_temp.pick('purchase to' || n, 260),
           at::timestamp(3),
           (at + CASE WHEN until - at < interval '4 days' THEN interval '0'
                      ELSE pg_temp.pick('purchase got' || n, 3900) * interval '1 day' / 1000 END)::timestamp(3)
    FROM numbered ORDER BY n;

    INSERT INTO transaction (transaction_type, sales_order_id, purchase_order_id, created_at, last_updated)
    SELECT kind::transaction_type, sale, purchase, at, at FROM (
        SELECT 'SALE', sales_order_id, NULL::integer, created_at FROM sales_order WHERE created_at >= since
        UNION ALL
        SELECT 'PURCHASE', NULL, purchase_order_id, created_at FROM purchase_order WHERE created_at >= since
    ) AS trades (kind, sale, purchase, at) ORDER BY at, sale;

    INSERT INTO payment (transaction_id, counterparty_id, payment_amount, currency_id, payment_type_id, paid,
        payment_date, company_ac_number, counterparty_ac_number, created_at, last_updated)
    SELECT t.transaction_id, coalesce(s.counterparty_id, p.counterparty_id),
           coalesce(s.units_sold * s.unit_price, p.item_quantity * p.item_unit_price),
           coalesce(s.currency_id, p.currency_id), CASE WHEN s.status = 'cancelled' THEN 2 WHEN s IS NULL THEN 3 ELSE 1 END,
           until - t.created_at > interval '3 days', coalesce(s.agreed_payment_date, p.agreed_payment_date),
           67305075 + pg_temp.pick('ours' || t.transaction_id % 7, 9999),
           31622269 + pg_temp.pick('theirs' || coalesce(s.counterparty_id, p.counterparty_id), 60000000), t.created_at,
           t.created_at + CASE WHEN until - t.created_at > interval '3 days'
                               THEN pg_temp.pick('paid' || t.transaction_id, 2900) * interval '1 day' / 1000
                               ELSE interval '0' END
    FROM transaction t
    LEFT JOIN sales_order s USING (sales_order_id)
    LEFT JOIN purchase_order p USING (purchase_order_id)
    WHERE t.created_at >= since ORDER BY t.transaction_id;
$$;
