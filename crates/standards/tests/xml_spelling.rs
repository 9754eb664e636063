//! What is read from XML and written again means the same, whatever prefixes the sender chose (docs/spec/standards-in.md, section 1).

use standards::tree::{read_xml, write_xml};

const XSI: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

fn means_the_same(text: &str) {
    let root = read_xml(text.as_bytes()).unwrap_or_else(|refusal| panic!("{text}: {refusal:?}"));
    let written = write_xml(&root, &[]);
    let again = read_xml(written.as_bytes()).unwrap_or_else(|refusal| panic!("{text}\nwas written as\n{written}\n{refusal:?}"));
    assert_eq!(again, root, "{text}\nwas written as\n{written}");
}

#[test]
fn a_prefix_of_ours_is_never_one_of_theirs() {
    means_the_same(&format!("<r xmlns='A' {XSI} xmlns:ns1='B' ns1:a='' xsi:type='x'/>"));
    means_the_same(&format!("<r xmlns='A' {XSI} xmlns:ns1='B' ns1:a=''><b xsi:type='x' ns1:c=''/></r>"));
    means_the_same(&format!("<r xmlns='A' {XSI} xmlns:ns1='B'><b xsi:type='x'><ns1:c xsi:type='y'/></b></r>"));
}

#[test]
fn a_namespace_may_have_braces() {
    means_the_same(&format!("<r {XSI} xmlns:p='a}}b' xsi:type='p:x'/>"));
    means_the_same(&format!("<r {XSI} xmlns:p='{{a' xsi:type='p:x'/>"));
}

#[test]
fn no_namespace_is_said_in_one_way() {
    for text in [
        format!("<r {XSI} xmlns='' xsi:type='x'/>"),
        format!("<r {XSI} xmlns='A'><b xmlns='' xsi:type='x'><c xmlns='A' xsi:type='x'/></b></r>"),
        "<r xmlns=''><a xmlns='A'><b xmlns=''/></a></r>".to_owned(),
        "<p:r xmlns:p='A'><b a='' p:a=''/></p:r>".to_owned(),
        format!("<r {XSI} xsi:type='{{x}}y'/>"),
        format!("<r {XSI} xsi:type='&#9;x'/>"),
    ] {
        means_the_same(&text);
    }
}

/// Every way to name three namespaces by four prefixes on three levels, with names and types that use them.
#[test]
fn whatever_prefixes_they_choose_it_is_written_so_that_it_means_the_same() {
    let spaces = ["A", "B", "{C}", ""];
    let prefixes = ["", "ns1", "ns2", "p"];
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut read = 0;
    for _ in 0..20_000 {
        let mut text = String::new();
        let mut close = String::new();
        for level in 0..3 {
            let mut declared: Vec<String> = if level == 0 { vec![XSI.to_owned()] } else { Vec::new() };
            for prefix in prefixes {
                let space = spaces[next(4)];
                if next(3) == 0 && (prefix.is_empty() || !space.is_empty()) {
                    declared.push(if prefix.is_empty() { format!("xmlns='{space}'") } else { format!("xmlns:{prefix}='{space}'") });
                }
            }
            let mut name = |local: &str| match prefixes[next(4)] {
                "" => local.to_owned(),
                prefix => format!("{prefix}:{local}"),
            };
            let (element, attribute, kind) = (name("e"), name("a"), name("t"));
            text = format!("{text}<{element} {} {attribute}='v' xsi:type='{kind}'>", declared.join(" "));
            close = format!("</{element}>{close}");
        }
        let text = format!("{text}{close}");
        // An undeclared prefix is refused, as it should be.
        if read_xml(text.as_bytes()).is_ok() {
            means_the_same(&text);
            read += 1;
        }
    }
    assert!(1_000 < read, "{read}");
}
