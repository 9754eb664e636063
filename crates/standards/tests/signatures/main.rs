//! Signatures on incoming orders: cases made by foreign programs (interop/signatures.sh), and hostile documents.

mod competence;
mod intake;
mod rules;
mod shapes;
mod table;
mod verdicts;
