-- The oldest confirmed sale leaves the house.
UPDATE sales_order SET status = 'dispatched', last_updated = now() AT TIME ZONE 'UTC'
WHERE sales_order_id = (SELECT min(sales_order_id) FROM sales_order WHERE status = 'confirmed')
