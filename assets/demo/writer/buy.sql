-- Parts are ordered from a supplier; the purchase is booked and its payment planned.
WITH moment AS (
    SELECT (now() AT TIME ZONE 'UTC')::timestamp(3) AS at
), ordered AS (
    INSERT INTO purchase_order (staff_id, counterparty_id, item_code, item_quantity, item_unit_price, currency_id, status,
        agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id, created_at, last_updated)
    SELECT s.staff_id, c.counterparty_id, upper(substr(md5(random()::text), 1, 7)), 10 + floor(random() * 990),
           0.99 + round((random() * 900)::numeric, 2), 1 + floor(random() * 3), 'confirmed',
           at::date + 4 + floor(random() * 6)::integer, at::date + 7, a.address_id, at, at
    FROM moment,
         (SELECT staff_id FROM staff ORDER BY random() LIMIT 1) AS s,
         (SELECT counterparty_id FROM counterparty ORDER BY random() LIMIT 1) AS c,
         (SELECT address_id FROM address ORDER BY random() LIMIT 1) AS a
    RETURNING *
), booked AS (
    INSERT INTO transaction (transaction_type, purchase_order_id, created_at, last_updated)
    SELECT 'PURCHASE', purchase_order_id, created_at, created_at FROM ordered
    RETURNING transaction_id, purchase_order_id
)
INSERT INTO payment (transaction_id, counterparty_id, payment_amount, currency_id, payment_type_id, paid, payment_date,
    company_ac_number, counterparty_ac_number, created_at, last_updated)
SELECT transaction_id, counterparty_id, item_quantity * item_unit_price, currency_id, 3, false, agreed_payment_date,
       67305075 + floor(random() * 9999), 31622269 + floor(random() * 60000000), created_at, created_at
FROM booked JOIN ordered USING (purchase_order_id)
