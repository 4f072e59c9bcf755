-- A sale is billed.
INSERT INTO invoice (sales_order_id, net_amount, vat_amount, due_date, created_at, last_updated)
SELECT sales_order_id, net, round(net * 0.2, 2), now()::date + 30, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
FROM (SELECT sales_order_id, round(units_sold * unit_price, 2) AS net FROM sales_order ORDER BY sales_order_id DESC LIMIT 1) AS sold
