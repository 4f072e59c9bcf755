//! User-defined types, and their edge values as text.

/// The types that [`VALUES`] names.
pub const TYPES: &str = r#"
CREATE TYPE mood AS ENUM ('sad', 'ok', 'very "happy"', 'back\slash', 'é 🦀');
CREATE TYPE plain_cast AS ENUM ('one', 'two');
CREATE FUNCTION cast_to_json(plain_cast) RETURNS json LANGUAGE sql IMMUTABLE
    AS $$ SELECT json_build_object('label', $1::text) $$;
CREATE CAST (plain_cast AS json) WITH FUNCTION cast_to_json(plain_cast);
CREATE FUNCTION to_json(mood) RETURNS json LANGUAGE sql AS $$ SELECT '"overload"'::json $$;
CREATE TYPE pair AS (name text, amount numeric(10,2), at timestamptz, moods mood[]);
CREATE TYPE nested AS (first pair, rest pair[], document json);
CREATE DOMAIN positive AS int8 CHECK (VALUE > 0);
CREATE DOMAIN small AS positive CHECK (VALUE < 100);
CREATE DOMAIN day AS date;
CREATE DOMAIN feeling AS mood;
CREATE DOMAIN spoken AS plain_cast;
CREATE DOMAIN note AS varchar(10);
CREATE DOMAIN document AS jsonb;
CREATE DOMAIN several AS int[];
CREATE DOMAIN couple AS pair;
CREATE DOMAIN span AS interval;
CREATE TYPE float_range AS RANGE (subtype = float8);
CREATE DOMAIN feelings AS feeling[];
CREATE TYPE vacant AS ();
CREATE TYPE lasting AS (span interval, spans interval[]);
CREATE TYPE aged AS (gone int, "a ""b"" \ c" text, "é 🦀" feeling);
ALTER TYPE aged DROP ATTRIBUTE gone;
ALTER TYPE aged ADD ATTRIBUTE late float8;
CREATE TYPE located AS (place point, since date);
CREATE TYPE dialog AS (said spoken, answered spoken[]);
CREATE TYPE unheard AS (amount int);
CREATE FUNCTION cast_to_json(unheard) RETURNS json LANGUAGE sql IMMUTABLE AS $$ SELECT '"cast"'::json $$;
CREATE CAST (unheard AS json) WITH FUNCTION cast_to_json(unheard);
CREATE TABLE drawer (dropped int, paper pair, notes note[]);
ALTER TABLE drawer DROP COLUMN dropped;
CREATE TYPE deep AS (couples couple[], drawers drawer[], feelings feelings, spans numrange[], ids int2vector);
"#;

/// Types and their values. NULL belongs to each without being listed.
pub const VALUES: &[(&str, &[&str])] = &[
    (
        "mood",
        &["sad", "ok", "very \"happy\"", "back\\slash", "é 🦀"],
    ),
    ("plain_cast", &["one", "two"]),
    ("positive", &["1", "9223372036854775807"]),
    ("small", &["1", "99"]),
    ("day", &["2024-05-16", "0044-03-15 BC", "infinity"]),
    ("feeling", &["sad", "very \"happy\""]),
    ("spoken", &["one"]),
    ("note", &["", "\"\\\n"]),
    ("document", &["{\"a\": [1]}"]),
    ("several", &["{}", "{1,NULL,3}"]),
    ("couple", &["(a,1.5,2024-05-16 10:00+00,)"]),
    ("span", &["1 year 2 days"]),
    (
        "pair",
        &["(,,,)", "(\"a \"\"b\"\" \\\\\",-1,infinity,\"{sad,NULL}\")"],
    ),
    (
        "nested",
        &[
            "(,,)",
            "(\"(a,1,,{ok})\",\"{\"\"(b,2,,)\"\",NULL}\",\"{\n}\")",
        ],
    ),
    ("mood[]", &["{sad,\"very \\\"happy\\\"\"}"]),
    ("pair[]", &["{\"(a,1,,)\",NULL}"]),
    ("positive[]", &["{1,2}"]),
    (
        "feelings",
        &["{sad,NULL}", "{}", "{{ok},{\"back\\\\slash\"}}"],
    ),
    ("spoken[]", &["{one}"]),
    ("vacant", &["()"]),
    ("vacant[]", &["{(),NULL}"]),
    (
        "aged",
        &[
            "(,,)",
            "(\"a \"\"b\"\" \\\\ c\",sad,-0.1)",
            "(\"\",\"é 🦀\",NaN)",
        ],
    ),
    ("located", &["(\"(0,1.5)\",2024-05-16)", "(,infinity)"]),
    ("dialog", &["(one,\"{two,NULL}\")"]),
    ("unheard", &["(7)"]),
    ("unheard[]", &["{(7),(8)}"]),
    (
        "drawer",
        &["(,)", "(\"(a,1.00,2024-05-16 10:00+05:30,)\",\"{x,NULL}\")"],
    ),
    (
        "deep",
        &[
            "(\"{\"\"(a,1,,)\"\",NULL}\",\"{\"\"(,{y})\"\"}\",\"{sad}\",\"{empty}\",\"1 2\")",
            "(,,,,)",
        ],
    ),
    ("deep[]", &["{{\"(,,,,)\"},{NULL}}"]),
    ("float_range", &["[0.1,1e23]"]),
];

/// Types made of something whose text only the server knows.
pub const OF_THE_SERVER: [&str; 6] = [
    "plain_cast",
    "spoken",
    "spoken[]",
    "located",
    "dialog",
    "float_range",
];
