-- Their month up to two hours ago: what highwater has ingested before anything went wrong.

SELECT pg_temp.invoice(pg_temp.present() - interval '30 days', pg_temp.present() - interval '2 hours', 640);
SELECT pg_temp.refund(pg_temp.present() - interval '30 days', pg_temp.present() - interval '2 hours', 260);
SELECT pg_temp.supplier(pg_temp.present() - interval '30 days', pg_temp.present() - interval '2 hours', 220);
SELECT pg_temp.shipment(pg_temp.present() - interval '30 days', pg_temp.present() - interval '2 hours', 580);
SELECT pg_temp.stock_count(pg_temp.present() - interval '30 days', pg_temp.present() - interval '2 hours', 360);

ANALYZE invoice, refund, supplier, shipment, stock_count;
