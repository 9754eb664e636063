//! `cargo bench`: every figure at its smallest size. For the real ones: `bench/run.sh`.

fn main() {
    let figures = bench::measure(&bench::Wanted { size: bench::Size::Quick, only: Vec::new() });
    print!("{}", bench::figure::table(&figures, bench::Size::Quick));
}
