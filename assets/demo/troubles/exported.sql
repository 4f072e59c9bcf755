-- The rows that another program exported as the next object of invoice, as it prints them.
SELECT row_to_json(invoice)::text FROM invoice
WHERE invoice_id IN (SELECT invoice_id FROM invoice ORDER BY invoice_id OFFSET 640 LIMIT 48)
ORDER BY last_updated, invoice_id
