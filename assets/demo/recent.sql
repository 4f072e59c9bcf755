-- The last ninety minutes: what nobody has ingested yet.

SELECT pg_temp.trade(pg_temp.present() - interval '90 minutes', pg_temp.present() - interval '30 seconds', 140, 55);

UPDATE payment
SET paid = true, last_updated = pg_temp.present() - interval '1 minute' * (1 + pg_temp.pick('settled' || payment_id, 85))
WHERE NOT paid AND payment_id % 11 = 0;

UPDATE sales_order
SET status = 'dispatched',
    last_updated = pg_temp.present() - interval '1 minute' * (1 + pg_temp.pick('sent' || sales_order_id, 85))
WHERE status = 'confirmed' AND sales_order_id % 13 = 0;

UPDATE counterparty
SET delivery_contact = 'Rosa Iglesias',
    last_updated = pg_temp.present() - interval '1 minute' * (1 + pg_temp.pick('contact' || counterparty_id, 85))
WHERE counterparty_id % 29 = 0;

UPDATE address
SET phone = '0' || 1000 + pg_temp.pick('new area' || address_id, 900) || ' ' || 100000 + pg_temp.pick('new phone' || address_id, 899999),
    last_updated = pg_temp.present() - interval '1 minute' * (1 + pg_temp.pick('call' || address_id, 85))
WHERE address_id % 31 = 0;

ANALYZE sales_order, purchase_order, transaction, payment;
