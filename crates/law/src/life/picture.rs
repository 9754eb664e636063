//! The picture of the machine, from the table that the compiler holds the steps to (LIF-13).

use std::fmt::Write;

use super::machine::{STATES, edges};

/// The page docs/order-life.md.
pub fn page() -> String {
    let mut out = String::from(
        "# The life of an order\n\n\
         Made from `law::life` by `WAARBORG_BLESS=1 cargo test -p law --test life`; the test fails when the code has moved on.\n\
         States with a double border keep everything that the order names preserved.\n\n\
         ```mermaid\nflowchart TD\n",
    );
    for (name, preserves, _) in STATES {
        let (open, close) = if *preserves { ("[[", "]]") } else { ("(", ")") };
        let _ = writeln!(out, "  {name}{open}{name}{close}");
    }
    for edge in edges() {
        let _ = writeln!(out, "  {} -->|{}| {}", edge.from, edge.step, edge.to);
    }
    out.push_str("```\n\n| step | from | to | when | in Dutch |\n|---|---|---|---|---|\n");
    for edge in edges() {
        let _ = writeln!(out, "| {} | {} | {} | {} | {} |", edge.step, edge.from, edge.to, edge.en, edge.nl);
    }
    let ends: Vec<_> = STATES.iter().filter(|(_, _, end)| *end).map(|(name, ..)| *name).collect();
    let _ = writeln!(out, "\nEnds: {}. A refused order may still be sent for enforcement, an answered one recalled.", ends.join(", "));
    out
}
