-- The foreign keys, checked once for all rows: row by row they would take longer than the rows. Then the
-- statistics, so that estimates are good from the first moment.

ALTER TABLE staff ADD FOREIGN KEY (department_id) REFERENCES department;
ALTER TABLE counterparty ADD FOREIGN KEY (legal_address_id) REFERENCES address;

ALTER TABLE sales_order
    ADD FOREIGN KEY (design_id) REFERENCES design,
    ADD FOREIGN KEY (staff_id) REFERENCES staff,
    ADD FOREIGN KEY (counterparty_id) REFERENCES counterparty,
    ADD FOREIGN KEY (currency_id) REFERENCES currency,
    ADD FOREIGN KEY (agreed_delivery_location_id) REFERENCES address;

ALTER TABLE purchase_order
    ADD FOREIGN KEY (staff_id) REFERENCES staff,
    ADD FOREIGN KEY (counterparty_id) REFERENCES counterparty,
    ADD FOREIGN KEY (currency_id) REFERENCES currency,
    ADD FOREIGN KEY (agreed_delivery_location_id) REFERENCES address;

ALTER TABLE transaction
    ADD FOREIGN KEY (sales_order_id) REFERENCES sales_order,
    ADD FOREIGN KEY (purchase_order_id) REFERENCES purchase_order;

ALTER TABLE payment
    ADD FOREIGN KEY (transaction_id) REFERENCES transaction,
    ADD FOREIGN KEY (counterparty_id) REFERENCES counterparty,
    ADD FOREIGN KEY (currency_id) REFERENCES currency,
    ADD FOREIGN KEY (payment_type_id) REFERENCES payment_type;

ANALYZE currency, payment_type, department, staff, address, counterparty, design, sales_order, purchase_order, transaction, payment;
