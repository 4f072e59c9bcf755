-- A customer orders; the sale is booked and its receipt expected.
WITH moment AS (
    SELECT (now() AT TIME ZONE 'UTC')::timestamp(3) AS at
), ordered AS (
    INSERT INTO sales_order (design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id, status,
        agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id, created_at, last_updated)
    SELECT d.design_id, s.staff_id, c.counterparty_id, 50 + floor(random() * 9950), 1.99 + round((random() * 2)::numeric, 2),
           1 + floor(random() * 3), 'confirmed', at::date + 3 + floor(random() * 5)::integer, at::date + 4, c.legal_address_id, at, at
    FROM moment,
         (SELECT design_id FROM design ORDER BY random() LIMIT 1) AS d,
         (SELECT staff_id FROM staff ORDER BY random() LIMIT 1) AS s,
         (SELECT counterparty_id, legal_address_id FROM counterparty ORDER BY random() LIMIT 1) AS c
    RETURNING *
), booked AS (
    INSERT INTO transaction (transaction_type, sales_order_id, created_at, last_updated)
    SELECT 'SALE', sales_order_id, created_at, created_at FROM ordered
    RETURNING transaction_id, sales_order_id
)
INSERT INTO payment (transaction_id, counterparty_id, payment_amount, currency_id, payment_type_id, paid, payment_date,
    company_ac_number, counterparty_ac_number, created_at, last_updated)
SELECT transaction_id, counterparty_id, units_sold * unit_price, currency_id, 1, false, agreed_payment_date,
       67305075 + floor(random() * 9999), 31622269 + floor(random() * 60000000), created_at, created_at
FROM booked JOIN ordered USING (sales_order_id)
