//! Edge values of every built-in type, as text.

mod arrays;
mod bytes;
mod documents;
mod numbers;
mod ranges;
mod shapes;
mod system;
mod texts;
mod times;

/// Built-in types whose input function rejects every text; the catalog's own tables contain values
/// of them.
pub const WITHOUT_INPUT: [&str; 7] = [
    "gtsvector",
    "pg_brin_bloom_summary",
    "pg_brin_minmax_multi_summary",
    "pg_dependencies",
    "pg_mcv_list",
    "pg_ndistinct",
    "pg_node_tree",
];

/// A type and its values. NULL belongs to each without being listed.
pub type Values = (&'static str, &'static [&'static str]);

/// Every built-in type that accepts text.
pub fn values() -> impl Iterator<Item = &'static Values> {
    let groups = [
        numbers::VALUES,
        texts::VALUES,
        times::VALUES,
        bytes::VALUES,
        documents::VALUES,
        arrays::VALUES,
        ranges::VALUES,
        shapes::VALUES,
        system::VALUES,
    ];
    groups.into_iter().flatten()
}
