-- A month of trading, up to two hours ago.

INSERT INTO currency (currency_code, created_at, last_updated)
SELECT code, pg_temp.present() - interval '30 days', pg_temp.present() - interval '30 days'
FROM unnest(ARRAY['GBP', 'USD', 'EUR']) AS code;

INSERT INTO payment_type (payment_type_name, created_at, last_updated)
SELECT name, pg_temp.present() - interval '30 days', pg_temp.present() - interval '30 days'
FROM unnest(ARRAY['SALES_RECEIPT', 'SALES_REFUND', 'PURCHASE_PAYMENT', 'PURCHASE_REFUND']) AS name;

INSERT INTO department (department_name, location, manager, created_at, last_updated)
SELECT name, place, manager, pg_temp.present() - interval '30 days', pg_temp.present() - interval '30 days'
FROM (VALUES ('Sales', 'Manchester', 'Ffion Pritchard'), ('Purchasing', 'Manchester', 'Tomasz Zieliński'),
             ('Production', 'Leeds', 'Chidi Okafor'), ('Dispatch', 'Leeds', 'Maren Lindqvist'),
             ('Finance', 'Manchester', 'José Almeida'), ('Facilities', 'Manchester', NULL),
             ('Communications', 'Leeds', 'Aoife Byrne'), ('HR', NULL, 'Priya Raman')) AS d (name, place, manager);

INSERT INTO staff (first_name, last_name, department_id, email_address, created_at, last_updated)
SELECT first, last, 1 + (n - 1) % 8,
       translate(lower(first || '.' || last), 'áéíóúñöåüłø''', 'aeiounoaulo') || '@northgatehome.example', at, at
FROM (SELECT n,
             (ARRAY['Ada', 'Björn', 'Chiara', 'Dilnoza', 'Efua', 'Farid', 'Gwen', 'Hiro', 'Inés', 'Jonas'])[1 + (n * 7) % 10] AS first,
             (ARRAY['Okonkwo', 'García', 'O''Neill', 'Nakamura', 'Kowalska', 'Åberg', 'Haddad', 'Whitfield'])[1 + (n * 3) % 8] AS last,
             pg_temp.present() - interval '30 days' + pg_temp.pick('hired' || n, 20000) * interval '1 minute' AS at
      FROM generate_series(1, 40) AS n) AS people
ORDER BY n;

INSERT INTO address (address_line_1, address_line_2, district, city, postal_code, country, phone, created_at, last_updated)
SELECT 1 + pg_temp.pick('house' || n, 240) || ' '
           || pg_temp.word('street' || n, ARRAY['Tannery', 'Canal', 'Alder', 'Mill', 'Foundry', 'Orchard', 'Weaver', 'Quay']) || ' '
           || pg_temp.word('kind' || n, ARRAY['Street', 'Road', 'Lane', 'Court', 'Way']),
       CASE WHEN n % 4 = 0 THEN 'Unit ' || 1 + pg_temp.pick('unit' || n, 60) END,
       CASE WHEN n % 3 = 0 THEN pg_temp.word('district' || n, ARRAY['Northfield', 'Old Town', 'Harbourside', 'Westgate']) END,
       place[1], (10000 + pg_temp.pick('zip' || n, 89999))::text,
       place[2], '0' || 1000 + pg_temp.pick('area' || n, 900) || ' ' || 100000 + pg_temp.pick('phone' || n, 899999), at, at
FROM (SELECT n, string_to_array(pg_temp.word('city' || n, ARRAY['Leeds|United Kingdom', 'Málaga|Spain', 'Gdańsk|Poland',
                 'Lyon|France', 'Sapporo|Japan', 'Accra|Ghana', 'Porto|Portugal', 'Galway|Ireland', 'Malmö|Sweden', 'Tampa|United States']), '|') AS place,
             pg_temp.present() - interval '30 days' + pg_temp.pick('moved' || n, 38000) * interval '1 minute' AS at
      FROM generate_series(1, 260) AS n) AS places
ORDER BY n;

INSERT INTO counterparty (counterparty_legal_name, legal_address_id, commercial_contact, delivery_contact, created_at, last_updated)
SELECT pg_temp.word('name' || n, ARRAY['Ashdown', 'Bramble', 'Calder', 'Dunmore', 'Ebury', 'Fairlight', 'Greyfriars', 'Holloway', 'Iverson', 'Juniper'])
           || CASE n % 3 WHEN 0 THEN ' & ' || pg_temp.word('partner' || n, ARRAY['Sons', 'Daughters', 'Pereira', 'Nakagawa', 'Löfgren']) ELSE '' END || ' '
           || pg_temp.word('trade' || n, ARRAY['Interiors', 'Trading', 'Lighting', 'Ceramics', 'Timber', 'Textiles']) || ' '
           || pg_temp.word('form' || n, ARRAY['Ltd', 'GmbH', 'S.A.', 'LLC', 'AB', '株式会社']),
       n, pg_temp.word('buyer' || n, ARRAY['Micheal Toy', 'Melba Sanford', 'Jean Hane III', 'Yusuf Demir', 'Ngozi Eze']),
       CASE WHEN n % 5 > 0 THEN pg_temp.word('door' || n, ARRAY['Mrs. Lucy Runolfsdottir', 'Pablo Ruiz', 'Anna Håkansson', 'Kofi Mensah']) END, at, at
FROM (SELECT n, pg_temp.present() - interval '30 days' + pg_temp.pick('signed' || n, 38000) * interval '1 minute' AS at
      FROM generate_series(1, 200) AS n) AS parties
ORDER BY n;

INSERT INTO design (design_name, file_location, file_name, created_at, last_updated)
SELECT name, '/' || pg_temp.word('disk' || n, ARRAY['usr', 'opt', 'srv', 'home']) || '/designs/' || extract(year FROM at)::integer,
       lower(name) || '-' || to_char(at, 'YYYYMMDD') || '-' || substr(md5('file' || n), 1, 4) || '.json', at, at
FROM (SELECT n, pg_temp.word('make' || n, ARRAY['Wooden', 'Steel', 'Bronze', 'Granite', 'Cotton', 'Rattan', 'Ceramic', 'Marble'])
                || '-' || pg_temp.word('thing' || n, ARRAY['Lamp', 'Table', 'Bowl', 'Chair', 'Shelf', 'Rug', 'Mirror', 'Clock']) AS name,
             pg_temp.present() - interval '30 days' + pg_temp.pick('drawn' || n, 38000) * interval '1 minute' AS at
      FROM generate_series(1, 120) AS n) AS drawings
ORDER BY at;

SELECT pg_temp.trade(pg_temp.present() - interval '30 days', pg_temp.present() - interval '2 hours', 4000, 1600);
