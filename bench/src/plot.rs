//! Bars as SVG, made by the command that measured.

use crate::figure::{Bar, Figure, number};

const LEFT: f64 = 460.0;
const WIDTH: f64 = 900.0;
const ROW: f64 = 34.0;

/// One drawing: the figures of one unit under each other, on a logarithmic scale, each with a mark at its bar.
pub fn bars(title: &str, figures: &[&Figure]) -> String {
    let bar_of = |figure: &Figure| match figure.bar {
        Bar::AtLeast(bar) | Bar::AtMost(bar) => Some(bar),
        Bar::Beside => None,
    };
    let all = || figures.iter().flat_map(|figure| [Some(figure.value), bar_of(figure)]).flatten().filter(|value| 0.0 < *value);
    let low = all().fold(f64::MAX, f64::min).log10().floor();
    let high = all().fold(f64::MIN, f64::max).log10().ceil().max(low + 1.0);
    let x = |value: f64| LEFT + (value.max(1e-12).log10() - low).max(0.0) / (high - low) * (WIDTH - LEFT - 110.0);
    let height = 60.0 + ROW * figures.len() as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"12\" y=\"26\" font-size=\"16\">{}</text>\n",
        escaped(title)
    );
    for (row, figure) in figures.iter().enumerate() {
        let y = 46.0 + ROW * row as f64;
        let (end, color) = (x(figure.value), if matches!(figure.bar, Bar::Beside) { "#9aa5b1" } else { "#2b6cb0" });
        out.push_str(&format!("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", LEFT - 10.0, y + 15.0, escaped(&figure.what)));
        out.push_str(&format!("<rect x=\"{LEFT}\" y=\"{y}\" width=\"{:.1}\" height=\"20\" fill=\"{color}\"/>\n", (end - LEFT).max(1.0)));
        let label = format!("{} {}", number(figure.value), figure.unit);
        out.push_str(&format!("<text x=\"{:.1}\" y=\"{}\">{}</text>\n", end + 6.0, y + 15.0, escaped(&label)));
        if let Some(bar) = bar_of(figure) {
            let at = x(bar);
            let (top, bottom) = (y - 4.0, y + 24.0);
            out.push_str(&format!(
                "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"#c53030\" stroke-width=\"2\"/>\n"
            ));
        }
    }
    out.push_str("</svg>\n");
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
