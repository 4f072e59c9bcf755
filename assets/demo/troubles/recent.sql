-- The last ninety minutes. The first 48 invoices are those that the other program wrote before it
-- crashed (see exported.sql).

SELECT pg_temp.invoice(pg_temp.present() - interval '90 minutes', pg_temp.present() - interval '50 minutes', 48);
SELECT pg_temp.invoice(pg_temp.present() - interval '45 minutes', pg_temp.present() - interval '30 seconds', 37);
SELECT pg_temp.refund(pg_temp.present() - interval '90 minutes', pg_temp.present() - interval '30 seconds', 19);
SELECT pg_temp.supplier(pg_temp.present() - interval '90 minutes', pg_temp.present() - interval '30 seconds', 14);
SELECT pg_temp.shipment(pg_temp.present() - interval '90 minutes', pg_temp.present() - interval '30 seconds', 42);
SELECT pg_temp.stock_count(pg_temp.present() - interval '90 minutes', pg_temp.present() - interval '30 seconds', 26);

-- Scanners that leave the time empty, that never forget, and one whose clock was never set.
INSERT INTO stock_count (design_id, warehouse, units, created_at, last_updated)
SELECT 1 + pg_temp.pick('scanned' || n, 120), 'Leeds 2', pg_temp.pick('scan' || n, 900), pg_temp.present() - n * interval '1 minute',
       (ARRAY[NULL, 'infinity', '2099-12-31 23:59:59'])[1 + n % 3]::timestamp(3)
FROM generate_series(1, 9) AS n;

ANALYZE invoice, refund, supplier, shipment, stock_count;
