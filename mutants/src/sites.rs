//! Finds the checks of a file: every place where a condition decides whether something is refused.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, BinOp, Block, Expr, ImplItemFn, ItemFn, ItemImpl, ItemMod, Pat, ReturnType, Stmt};

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
    let mut finder = Finder { path, text, first, found, function: String::new(), covered: false };
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
    /// The expression that is visited next is already the condition of a check.
    covered: bool,
}

impl Finder<'_> {
    fn add(&mut self, removal: Removal, code: Span, start: usize, end: usize, open: &str, close: &str) {
        let id = self.first + self.found.sites.len();
        let switch = format!("seal::cut({id})");
        let words: Vec<&str> = self.text[code.byte_range()].split_whitespace().collect();
        let mut code_text = words.join(" ");
        if let Some((at, _)) = code_text.char_indices().nth(110) {
            code_text.truncate(at);
            code_text.push('…');
        }
        let same = |site: &&Site| site.function == self.function && site.removal == removal && site.code == code_text;
        let occurrence = self.found.sites.iter().filter(same).count();
        self.found.wraps.push(Wrap { start, end, open: open.replace("CUT", &switch), close: close.to_owned() });
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

    /// Around an expression: `neutral` says what it is when it is taken away.
    fn around(&mut self, removal: Removal, expr: &Expr, counts_as: bool) {
        let range = expr.span().byte_range();
        let open = if counts_as { "(CUT || (" } else { "(!CUT && (" };
        self.add(removal, expr.span(), range.start, range.end, open, "))");
    }

    fn condition(&mut self, cond: &Expr, removal: Removal, counts_as: bool) {
        match cond {
            // The sides are taken away one at a time; `let` has no value to put in its place.
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) && removal == Removal::NeverRefuse => {
                if has_let(cond) {
                    let start = cond.span().byte_range().start;
                    self.add(removal, cond.span(), start, start, "!CUT && ", "");
                } else {
                    self.around(removal, cond, counts_as);
                }
            }
            Expr::Binary(binary) if matches!(binary.op, BinOp::Or(_)) && removal == Removal::NeverRefuse => {}
            Expr::Let(_) if removal == Removal::NeverRefuse => {
                let start = cond.span().byte_range().start;
                self.add(removal, cond.span(), start, start, "!CUT && ", "");
            }
            Expr::Let(_) => {}
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {}
            _ => self.around(removal, cond, counts_as),
        }
    }

    fn in_function(&mut self, name: String, output: &ReturnType, is_const: bool, block: &Block) {
        if is_const {
            return;
        }
        let outer = std::mem::replace(&mut self.function, name);
        let body = block.span().byte_range().start + 1;
        let head = block.stmts.first().map_or(block.span(), Spanned::span);
        // A body that is nothing but a comparison is covered below.
        let is_comparison = matches!(block.stmts.as_slice(), [Stmt::Expr(Expr::Binary(binary), None)] if is_comparison(&binary.op));
        match answer_of(output) {
            Answer::Bool if !is_comparison => {
                self.add(Removal::SaysYes, head, body, body, " if CUT { return true; } ", "");
                self.add(Removal::SaysNo, head, body, body, " if CUT { return false; } ", "");
            }
            Answer::Unit(value) => self.add(Removal::SaysYes, head, body, body, &format!(" if CUT {{ return {value}; }} "), ""),
            _ => {}
        }
        visit::visit_block(self, block);
        self.function = outer;
    }
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

/// Whether a value is a refusal: `Err(..)`, `None`, `false`, or leaving with one.
fn refuses(expr: &Expr) -> bool {
    match expr {
        Expr::Return(back) => back.expr.as_ref().is_none_or(|value| refuses(value)),
        Expr::Continue(_) | Expr::Break(_) => true,
        Expr::Call(call) => matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Err")),
        Expr::Path(path) => path.path.is_ident("None"),
        Expr::Lit(lit) => matches!(&lit.lit, syn::Lit::Bool(value) if !value.value),
        Expr::Block(block) => block_refuses(&block.block),
        _ => false,
    }
}

fn block_refuses(block: &Block) -> bool {
    match block.stmts.last() {
        Some(Stmt::Expr(expr, _)) => refuses(expr),
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

    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test(&item.attrs) {
            self.in_function(item.sig.ident.to_string(), &item.sig.output, item.sig.constness.is_some(), &item.block);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !is_test(&item.attrs) {
            self.in_function(item.sig.ident.to_string(), &item.sig.output, item.sig.constness.is_some(), &item.block);
        }
    }

    fn visit_expr_if(&mut self, expr: &'ast syn::ExprIf) {
        let other_refuses = expr.else_branch.as_ref().is_some_and(|(_, other)| refuses(other));
        if block_refuses(&expr.then_branch) && !other_refuses {
            self.condition(&expr.cond, Removal::NeverRefuse, false);
        } else if other_refuses {
            self.condition(&expr.cond, Removal::AlwaysGoOn, true);
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
                for (removal, open) in [(Removal::IsTrue, "(CUT || ("), (Removal::IsFalse, "(!CUT && (")] {
                    self.add(removal, binary.span(), whole.start, whole.end, open, "))");
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
            let (start, end) = (check.span().byte_range().start, semicolon.span().byte_range().end);
            self.add(Removal::CheckLeftOut, check.span(), start, end, "if !CUT { ", " }");
        }
        visit::visit_stmt(self, stmt);
        self.covered = false;
    }

    fn visit_expr_match(&mut self, expr: &'ast syn::ExprMatch) {
        let last = expr.arms.last();
        let has_rest = last.is_some_and(|arm| takes_all(&arm.pat) && arm.guard.is_none());
        let rest_words = last.map(|arm| &self.text[arm.body.span().byte_range()]);
        for (number, arm) in expr.arms.iter().enumerate() {
            let refuses = refuses(&arm.body);
            match &arm.guard {
                Some((_, guard)) if refuses => {
                    let range = guard.span().byte_range();
                    self.add(Removal::RefusingArm, guard.span(), range.start, range.end, "!CUT && (", ")");
                }
                Some((_, guard)) if !has_let(guard) => self.around(Removal::GuardHolds, guard, true),
                None if refuses
                    && has_rest
                    && number + 1 < expr.arms.len()
                    && Some(&self.text[arm.body.span().byte_range()]) != rest_words =>
                {
                    let end = arm.pat.span().byte_range().end;
                    self.add(Removal::RefusingArm, arm.span(), end, end, " if !CUT", "");
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
