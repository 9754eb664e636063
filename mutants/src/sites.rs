//! Finds the checks of a file: every place where a condition decides whether something is refused.

use proc_macro2::{Span, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, BinOp, Block, Expr, ImplItemFn, ItemFn, ItemImpl, ItemMod, Pat, ReturnType, Signature, Stmt};

use crate::wrap::Wrap;

/// How a check is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// `if COND { refuse }`: never taken.
    NeverRefuse,
    /// `if COND { go on } else { refuse }`: always taken.
    AlwaysGoOn,
    /// One side of `&&` counts as true.
    OneOfAll,
    /// One side of `||` counts as false.
    OneOfAny,
    /// The statement `check()?;` is left out.
    CheckLeftOut,
    /// A match arm that refuses is never taken.
    RefusingArm,
    /// The guard of a match arm always holds.
    GuardHolds,
    /// What a filter, search or quantifier asks of each item always holds.
    EveryItem,
    /// The function says yes, or that all is well, at once.
    SaysYes,
    /// The function says no at once.
    SaysNo,
    /// A comparison that is kept as a value, or given away, is true.
    IsTrue,
    /// The same, false.
    IsFalse,
    /// A gate that objects says that it passes.
    Passes,
}

impl Removal {
    pub fn name(self) -> &'static str {
        match self {
            Removal::NeverRefuse => "never refuse",
            Removal::AlwaysGoOn => "always go on",
            Removal::OneOfAll => "one of all",
            Removal::OneOfAny => "one of any",
            Removal::CheckLeftOut => "check left out",
            Removal::RefusingArm => "refusing arm",
            Removal::GuardHolds => "guard holds",
            Removal::EveryItem => "every item",
            Removal::SaysYes => "says yes",
            Removal::SaysNo => "says no",
            Removal::IsTrue => "is true",
            Removal::IsFalse => "is false",
            Removal::Passes => "passes",
        }
    }
}

/// One check that can be taken away.
#[derive(Debug)]
pub struct Site {
    pub id: usize,
    pub file: String,
    pub line: usize,
    pub function: String,
    pub removal: Removal,
    /// The check itself, on one line.
    pub code: String,
    /// Which of several with the same words in the same function.
    pub occurrence: usize,
}

pub struct Found {
    pub sites: Vec<Site>,
    pub wraps: Vec<Wrap>,
}

/// All checks of a file, numbered from `first`.
pub fn find(path: &str, text: &str, first: usize) -> syn::Result<Found> {
    let file = syn::parse_file(text)?;
    let found = Found { sites: Vec::new(), wraps: Vec::new() };
    let is_law = path.starts_with("crates/law/");
    let mut finder = Finder { path, text, first, found, function: String::new(), is_law, covered: false, objecting: false };
    finder.visit_file(&file);
    Ok(finder.found)
}

/// What the function around gives back, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Bool,
    Unit(&'static str),
    Other,
}

struct Finder<'t> {
    path: &'t str,
    text: &'t str,
    first: usize,
    found: Found,
    function: String,
    is_law: bool,
    /// The expression that is visited next is already the condition of a check.
    covered: bool,
    /// Inside of an objection that can be taken away as a whole.
    objecting: bool,
}

impl Finder<'_> {
    /// `open` and `close` stand around the text from `start` to `end`; `ID` in them is the check's number.
    fn add(&mut self, removal: Removal, code: Span, (start, end): (usize, usize), open: &str, close: &str) {
        let id = self.first + self.found.sites.len();
        let numbered = |text: &str| text.replace("ID", &id.to_string());
        let words: Vec<&str> = self.text[code.byte_range()].split_whitespace().collect();
        let mut code_text = words.join(" ");
        if let Some((at, _)) = code_text.char_indices().nth(110) {
            code_text.truncate(at);
            code_text.push('…');
        }
        let same = |site: &&Site| site.function == self.function && site.removal == removal && site.code == code_text;
        let occurrence = self.found.sites.iter().filter(same).count();
        self.found.wraps.push(Wrap { start, end, open: numbered(open), close: numbered(close) });
        self.found.sites.push(Site {
            id,
            file: self.path.to_owned(),
            line: code.start().line,
            function: self.function.clone(),
            removal,
            code: code_text,
            occurrence,
        });
    }

    /// Around an expression: `counts_as` says what it is when it is taken away.
    fn around(&mut self, removal: Removal, expr: &Expr, counts_as: bool) {
        let open = if counts_as { "::seal::cut::holds(ID, " } else { "::seal::cut::never(ID, " };
        self.add(removal, expr.span(), extent(expr), open, ")");
    }

    fn condition(&mut self, cond: &Expr, removal: Removal, counts_as: bool) {
        match cond {
            // The sides of `||` and, where all must hold to go on, of `&&` are taken away one at a time.
            Expr::Binary(binary) if matches!(binary.op, BinOp::Or(_)) && removal == Removal::NeverRefuse => {}
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) && removal != Removal::NeverRefuse => {}
            // `let` has no value to put in its place: the whole is asked at its end.
            _ if has_let(cond) && removal == Removal::NeverRefuse => {
                let (_, end) = extent(cond);
                self.add(removal, cond.span(), (end, end), "", " && !::seal::cut::away(ID)");
            }
            _ if has_let(cond) => {}
            _ => self.around(removal, cond, counts_as),
        }
    }

    /// An answer without a value is given all the same; what the function does besides, it does. Where it may change something,
    /// it is not called at all: whether that matters does not show in its answer.
    fn in_function(&mut self, sig: &Signature, block: &Block) {
        if sig.constness.is_some() {
            return;
        }
        let outer = std::mem::replace(&mut self.function, sig.ident.to_string());
        let body = (block.span().byte_range().start + 1, block.span().byte_range().end - 1);
        let head = block.stmts.first().map_or(block.span(), Spanned::span);
        // A body that is nothing but a comparison is covered below.
        let is_comparison = matches!(block.stmts.as_slice(), [Stmt::Expr(Expr::Binary(binary), None)] if is_comparison(&binary.op));
        // A member keeps files; elsewhere only what is lent to be changed is changed.
        let may_change = self.is_lent(sig);
        let may_keep = may_change || self.path.starts_with("crates/trustee/");
        let at_head = |value: &str| format!(" if ::seal::cut::away(ID) {{ return {value}; }} ");
        let output = match &sig.output {
            ReturnType::Type(_, kind) => &self.text[kind.span().byte_range()],
            ReturnType::Default => "()",
        };
        let asked = |ask: &str| (format!(" {ask}(|| -> {output} {{"), "})()) ");
        match answer_of(&sig.output) {
            Answer::Bool if is_comparison => {}
            Answer::Bool if may_change => {
                for (removal, value) in [(Removal::SaysYes, "true"), (Removal::SaysNo, "false")] {
                    self.add(removal, head, (body.0, body.0), &at_head(value), "");
                }
            }
            Answer::Bool => {
                for (removal, ask) in [(Removal::SaysYes, "::seal::cut::holds(ID, "), (Removal::SaysNo, "::seal::cut::never(ID, ")] {
                    let (open, close) = asked(ask);
                    self.add(removal, head, body, &open, close);
                }
            }
            Answer::Unit(value) if may_keep => self.add(Removal::SaysYes, head, (body.0, body.0), &at_head(value), ""),
            Answer::Unit(value) => {
                let (open, close) = asked(&format!("::seal::cut::well(ID, {value}, "));
                self.add(Removal::SaysYes, head, body, &open, close);
            }
            Answer::Other => {}
        }
        visit::visit_block(self, block);
        self.function = outer;
    }

    fn is_lent(&self, sig: &Signature) -> bool {
        let texts = sig.inputs.iter().map(|input| &self.text[input.span().byte_range()]);
        texts.into_iter().any(|text| text.contains("mut ") || text.contains("FnMut"))
    }

    fn leaves(&self, expr: &Expr) -> bool {
        leaves(expr, self.is_law)
    }

    fn block_leaves(&self, block: &Block) -> bool {
        matches!(block.stmts.last(), Some(Stmt::Expr(expr, _)) if self.leaves(expr))
    }
}

fn extent(expr: &Expr) -> (usize, usize) {
    let range = expr.span().byte_range();
    (range.start, range.end)
}

fn answer_of(output: &ReturnType) -> Answer {
    let ReturnType::Type(_, kind) = output else { return Answer::Other };
    let syn::Type::Path(path) = &**kind else { return Answer::Other };
    let Some(last) = path.path.segments.last() else { return Answer::Other };
    let first_is_unit = match &last.arguments {
        syn::PathArguments::AngleBracketed(args) => {
            matches!(args.args.first(), Some(syn::GenericArgument::Type(syn::Type::Tuple(tuple))) if tuple.elems.is_empty())
        }
        _ => false,
    };
    match last.ident.to_string().as_str() {
        "bool" => Answer::Bool,
        "Result" if first_is_unit => Answer::Unit("Ok(())"),
        "Option" if first_is_unit => Answer::Unit("Some(())"),
        _ => Answer::Other,
    }
}

fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// Whether a value is a refusal: `Err(..)`, `None`, `false`, or leaving with one. In `law` leaving early with anything is: what a gate
/// passes early it does not look at further.
fn leaves(expr: &Expr, is_law: bool) -> bool {
    match expr {
        Expr::Return(_) if is_law => true,
        Expr::Return(back) => back.expr.as_ref().is_none_or(|value| leaves(value, is_law)),
        Expr::Continue(_) | Expr::Break(_) => true,
        Expr::Call(call) if matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Err")) => true,
        Expr::Call(call) => objects(expr) || call.args.iter().any(objects),
        Expr::MethodCall(_) => objects(expr),
        Expr::Path(path) => path.path.is_ident("None"),
        Expr::Lit(lit) => matches!(&lit.lit, syn::Lit::Bool(value) if !value.value),
        Expr::Block(block) => matches!(block.block.stmts.last(), Some(Stmt::Expr(expr, _)) if leaves(expr, is_law)),
        _ => false,
    }
}

/// `Finds::fail(..)` and the like, with what is said about it.
fn objects(expr: &Expr) -> bool {
    match expr {
        Expr::MethodCall(call) => {
            ["mend", "at", "at_if", "ground", "article"].iter().any(|name| call.method == name) && objects(&call.receiver)
        }
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return false };
            let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
            names.next().is_some_and(|name| ["fail", "person", "hold"].contains(&name.as_str())) && names.next().as_deref() == Some("Finds")
        }
        _ => false,
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|a| a.path().is_ident("test") || (a.path().is_ident("cfg") && quote_of(a).contains("test")))
}

fn quote_of(attribute: &Attribute) -> String {
    match &attribute.meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        _ => String::new(),
    }
}

fn is_comparison(op: &BinOp) -> bool {
    matches!(op, BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_))
}

/// `_` or a name; `None` and constants look like names, but are not.
fn takes_all(pat: &Pat) -> bool {
    match pat {
        Pat::Wild(_) => true,
        Pat::Ident(name) => name.ident.to_string().starts_with(|c: char| c.is_lowercase()),
        _ => false,
    }
}

/// `then_some(value)` and `then(|| value)` of a truth value; other things have a `then` as well.
fn is_then(call: &syn::ExprMethodCall) -> bool {
    match call.args.first() {
        Some(Expr::Closure(closure)) => call.method == "then" && closure.inputs.is_empty(),
        Some(_) => call.method == "then_some",
        None => false,
    }
}

/// Methods whose closure asks something of each item.
const ASKS: &[&str] = &[
    "filter",
    "find",
    "position",
    "all",
    "any",
    "is_some_and",
    "is_none_or",
    "is_ok_and",
    "take_while",
    "skip_while",
    "retain",
    "partition_point",
];

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        // What a thing looks like to people is no check.
        let shows =
            item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last()).is_some_and(|s| s.ident == "Display" || s.ident == "Debug");
        if !shows && !is_test(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    /// `from_each! { States => item }` of `law::life` gives several states the same steps: those are code like any other.
    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        let mut tokens =
            item.mac.tokens.clone().into_iter().skip_while(|token| !matches!(token, TokenTree::Punct(p) if p.as_char() == '>'));
        if item.mac.path.is_ident("from_each")
            && tokens.next().is_some()
            && let Ok(inner) = syn::parse2::<syn::Item>(tokens.collect())
        {
            // Borrowed for as long as the file around it; the program ends soon.
            self.visit_item(Box::leak(Box::new(inner)));
        }
    }

    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test(&item.attrs) {
            self.in_function(&item.sig, &item.block);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !is_test(&item.attrs) {
            self.in_function(&item.sig, &item.block);
        }
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let is_whole = self.is_law && !self.objecting && objects(expr);
        if is_whole {
            let open = "(if ::seal::cut::away(ID) { crate::gates::Finds::pass(\"cut\", \"cut\") } else { ";
            self.add(Removal::Passes, expr.span(), extent(expr), open, " })");
            self.objecting = true;
        }
        visit::visit_expr(self, expr);
        self.objecting &= !is_whole;
    }

    fn visit_expr_if(&mut self, expr: &'ast syn::ExprIf) {
        let other_leaves = expr.else_branch.as_ref().is_some_and(|(_, other)| self.leaves(other));
        let is_chain = matches!(&*expr.cond, Expr::Binary(binary) if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)));
        if self.block_leaves(&expr.then_branch) && !other_leaves {
            self.condition(&expr.cond, Removal::NeverRefuse, false);
        } else if other_leaves {
            self.condition(&expr.cond, Removal::AlwaysGoOn, true);
        } else if self.is_law && !is_chain && !has_let(&expr.cond) {
            self.around(Removal::IsTrue, &expr.cond, true);
            self.around(Removal::IsFalse, &expr.cond, false);
        }
        self.covered = true;
        self.visit_expr(&expr.cond);
        self.covered = false;
        self.visit_block(&expr.then_branch);
        if let Some((_, other)) = &expr.else_branch {
            self.visit_expr(other);
        }
    }

    fn visit_expr_while(&mut self, expr: &'ast syn::ExprWhile) {
        self.covered = true;
        self.visit_expr(&expr.cond);
        self.covered = false;
        self.visit_block(&expr.body);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let covered = std::mem::replace(&mut self.covered, false);
        let (removal, counts_as) = match binary.op {
            BinOp::And(_) => (Removal::OneOfAll, true),
            BinOp::Or(_) => (Removal::OneOfAny, false),
            ref op if is_comparison(op) && !covered => {
                let whole = binary.span().byte_range();
                for (removal, open) in [(Removal::IsTrue, "::seal::cut::holds(ID, "), (Removal::IsFalse, "::seal::cut::never(ID, ")] {
                    self.add(removal, binary.span(), (whole.start, whole.end), open, ")");
                }
                return visit::visit_expr_binary(self, binary);
            }
            _ => return visit::visit_expr_binary(self, binary),
        };
        for side in [&*binary.left, &*binary.right] {
            let same_chain = matches!(side, Expr::Binary(inner) if std::mem::discriminant(&inner.op) == std::mem::discriminant(&binary.op));
            if !same_chain && !matches!(side, Expr::Let(_)) {
                self.around(removal, side, counts_as);
            }
            self.covered = true;
            self.visit_expr(side);
            self.covered = false;
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        self.covered = false;
        visit::visit_expr_call(self, call);
    }

    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        self.covered = false;
        if let Stmt::Expr(Expr::Try(check), Some(semicolon)) = stmt {
            let (inner, _) = extent(&check.expr);
            let mark = (check.question_token.span().byte_range().start, semicolon.span().byte_range().end);
            debug_assert!(self.text[mark.0..].starts_with('?'));
            self.add(Removal::CheckLeftOut, check.span(), (inner, mark.0), "if let Some(heeded) = ::seal::cut::heed(ID, ", ") { heeded");
            self.found.wraps.push(Wrap { start: mark.1, end: mark.1, open: String::new(), close: " }".to_owned() });
        }
        visit::visit_stmt(self, stmt);
        self.covered = false;
    }

    fn visit_expr_match(&mut self, expr: &'ast syn::ExprMatch) {
        let last = expr.arms.last();
        let has_rest = last.is_some_and(|arm| takes_all(&arm.pat) && arm.guard.is_none());
        let rest_words = last.map(|arm| &self.text[arm.body.span().byte_range()]);
        for (number, arm) in expr.arms.iter().enumerate() {
            let refuses = self.leaves(&arm.body);
            match &arm.guard {
                Some((_, guard)) if refuses => {
                    self.condition(guard, Removal::NeverRefuse, false);
                }
                Some((_, guard)) if !has_let(guard) => self.around(Removal::GuardHolds, guard, true),
                None if refuses
                    && has_rest
                    && number + 1 < expr.arms.len()
                    && Some(&self.text[arm.body.span().byte_range()]) != rest_words =>
                {
                    let end = arm.pat.span().byte_range().end;
                    self.add(Removal::RefusingArm, arm.span(), (end, end), " if !::seal::cut::away(ID)", "");
                }
                _ => {}
            }
        }
        self.visit_expr(&expr.expr);
        for arm in &expr.arms {
            if let Some((_, guard)) = &arm.guard {
                self.covered = true;
                self.visit_expr(guard);
                self.covered = false;
            }
            self.visit_expr(&arm.body);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.covered = false;
        let asks = ASKS.contains(&call.method.to_string().as_str()) && call.args.len() == 1;
        if is_then(call) {
            let inside = match &*call.receiver {
                Expr::Paren(paren) => &*paren.expr,
                other => other,
            };
            if !matches!(inside, Expr::Binary(_)) {
                self.around(Removal::AlwaysGoOn, inside, true);
            }
        }
        self.visit_expr(&call.receiver);
        for arg in &call.args {
            if let (true, Expr::Closure(closure)) = (asks, arg) {
                let is_chain = matches!(&*closure.body, Expr::Binary(b) if matches!(b.op, BinOp::And(_)));
                if !is_chain {
                    self.around(Removal::EveryItem, &closure.body, true);
                }
                self.covered = true;
                self.visit_expr(&closure.body);
                self.covered = false;
            } else {
                self.visit_expr(arg);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wrap;

    fn mutated(path: &str, text: &str) -> (Vec<&'static str>, String) {
        let found = find(path, text, 7).unwrap();
        let text = wrap::apply(text, &found.wraps);
        syn::parse_file(&text).expect("what comes out is Rust");
        (found.sites.iter().map(|site| site.removal.name()).collect(), text)
    }

    #[test]
    fn a_statement_that_checks_is_asked_and_not_heeded() {
        let (removals, text) = mutated("crates/verify/src/a.rs", "fn a() -> Option<u8> { b()?; Some(1) }");
        assert_eq!(removals, ["check left out"]);
        assert_eq!(text, "fn a() -> Option<u8> { if let Some(heeded) = ::seal::cut::heed(7, b()) { heeded?; } Some(1) }");
    }

    #[test]
    fn conditions_are_asked_where_their_answer_would_differ() {
        let (removals, text) = mutated("crates/verify/src/a.rs", "fn a() -> Option<u8> { if let Some(b) = c && b < 2 { return None; } d }");
        assert_eq!(removals, ["never refuse", "one of all"]);
        assert!(text.contains("if let Some(b) = c && ::seal::cut::holds(8, b < 2) && !::seal::cut::away(7) {"), "{text}");
        let (removals, text) = mutated("crates/verify/src/a.rs", "fn a(b: u8) -> Result<(), E> { c(b) }");
        assert_eq!(removals, ["says yes"]);
        assert!(text.contains("{ ::seal::cut::well(7, Ok(()), (|| -> Result<(), E> { c(b) })()) }"), "{text}");
        // Whoever is lent something to change does not change it.
        let (_, text) = mutated("crates/verify/src/a.rs", "fn a(b: &mut u8) -> Result<(), E> { c(b) }");
        assert!(text.contains("{ if ::seal::cut::away(7) { return Ok(()); }  c(b) }"), "{text}");
    }

    #[test]
    fn a_gate_that_objects_passes() {
        let gate =
            "fn a() -> Finds { if b { return Finds::fail(1, 2).at(c); } match d { 1 => Finds::person(1, 2), _ => Finds::pass(1, 2) } }";
        let (removals, text) = mutated("crates/law/src/gates/a.rs", gate);
        assert_eq!(removals, ["never refuse", "passes", "refusing arm", "passes"]);
        assert!(
            text.contains(
                "return (if ::seal::cut::away(8) { crate::gates::Finds::pass(\"cut\", \"cut\") } else { Finds::fail(1, 2).at(c) });"
            ),
            "{text}"
        );
        let (removals, _) = mutated("crates/verify/src/a.rs", gate);
        assert_eq!(removals, ["never refuse", "refusing arm"]);
        let (removals, text) =
            mutated("crates/law/src/life/a.rs", "from_each! { A, B => impl At<Here> { fn a(&self) -> bool { b(&self) } } }");
        assert_eq!(removals, ["says yes", "says no"]);
        assert!(
            text.contains("{ ::seal::cut::holds(7, (|| -> bool { ::seal::cut::never(8, (|| -> bool { b(&self) })()) })()) }"),
            "{text}"
        );
    }
}
