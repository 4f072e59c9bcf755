INSERT INTO shipment (sales_order_id, carrier, parcels, created_at, last_updated)
SELECT sales_order_id, 'warehouse', 1 + sales_order_id % 9, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
FROM (SELECT sales_order_id FROM sales_order ORDER BY sales_order_id DESC LIMIT 25) AS sold
