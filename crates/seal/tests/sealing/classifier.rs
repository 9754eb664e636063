//! A thief who learns: shown many worlds of each kind, asked about others. Also used for the leaves of ORDERS (`harness`).

/// Share of right answers of a nearest-centroid classifier over standardised features: even trials teach, odd ones ask.
pub fn right_answers(worlds: &[Vec<Vec<f64>>; 2]) -> f64 {
    let taught = |world: &[Vec<f64>]| world.iter().step_by(2).cloned().collect::<Vec<_>>();
    let column = |rows: &[Vec<f64>], at: usize| rows.iter().map(|row| row[at]).sum::<f64>() / rows.len() as f64;
    let (one, other) = (taught(&worlds[0]), taught(&worlds[1]));
    let both: Vec<Vec<f64>> = one.iter().chain(&other).cloned().collect();
    let spread = |at: usize| {
        let mean = column(&both, at);
        (both.iter().map(|row| (row[at] - mean).powi(2)).sum::<f64>() / both.len() as f64).sqrt()
    };
    let width = both[0].len();
    let scale: Vec<f64> = (0..width).map(spread).collect();
    let far = |row: &[f64], rows: &[Vec<f64>]| -> f64 {
        (0..width).filter(|at| 0.0 < scale[*at]).map(|at| ((row[at] - column(rows, at)) / scale[at]).powi(2)).sum()
    };
    let asked = |world: usize| worlds[world].iter().skip(1).step_by(2).map(move |row| (world, row));
    let answers: Vec<bool> = asked(0).chain(asked(1)).map(|(world, row)| (far(row, &other) < far(row, &one)) == (world == 1)).collect();
    answers.iter().filter(|right| **right).count() as f64 / answers.len() as f64
}
