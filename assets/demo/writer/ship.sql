-- A sale is handed to a carrier.
INSERT INTO shipment (sales_order_id, carrier, parcels, created_at, last_updated)
SELECT max(sales_order_id), (ARRAY['DHL', 'DPD', 'Royal Mail', 'Seur'])[1 + floor(random() * 4)::integer], 1 + floor(random() * 12),
       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
FROM sales_order WHERE status <> 'cancelled'
