//! How a story measures up to the figures published of a real one (CollegeMsg, UC Irvine 2004; SNAP).

use super::{Kind, Story, local_offset};
use std::collections::{BTreeMap, BTreeSet};

/// The measures of `reference/providers.md` that do not depend on how long one looks.
#[derive(Clone, Copy, Debug)]
pub struct Measures {
    /// Share of all messages that the busiest hundredth and tenth send.
    pub top_1: f64,
    pub top_10: f64,
    /// Directed pairs that also exist the other way.
    pub reciprocity: f64,
    /// (sigma - mu) / (sigma + mu) of the times between one person's messages.
    pub burstiness: f64,
    pub median_gap_s: f64,
    pub never_send: f64,
    /// Share of messages from 05 to 08 and from 23 to 01 local time.
    pub night: f64,
    pub evening: f64,
    /// Share of a weekend day.
    pub weekend_day: f64,
}

pub fn measure(story: &Story) -> Measures {
    let mut sent: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    let mut pairs: BTreeSet<(&str, &str)> = BTreeSet::new();
    for row in &story.rows {
        if let Kind::Message { sender, recipients, sent: true, .. } = &row.kind {
            sent.entry(sender).or_default().push(row.event_ms);
            pairs.extend(recipients.iter().map(|to| (sender.as_str(), to.as_str())));
        }
    }
    let all: usize = sent.values().map(Vec::len).sum();
    let mut counts: Vec<usize> = sent.values().map(Vec::len).collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let people = story.accounts.len();
    let share = |of: usize| counts.iter().take(people.div_ceil(of)).sum::<usize>() as f64 / all as f64;
    let gaps = gaps(&mut sent);
    let both = pairs.iter().filter(|(from, to)| pairs.contains(&(*to, *from))).count();
    let local: Vec<u64> = sent.values().flatten().map(|ms| ms / 1_000 + local_offset(ms / 1_000)).collect();
    let part = |test: &dyn Fn(u64) -> bool| local.iter().filter(|time| test(**time)).count() as f64 / all as f64;
    let hour = |time: u64| time % 86_400 / 3_600;
    let weekend = |time: u64| (time / 86_400 + 3) % 7 >= 5;
    Measures {
        top_1: share(100),
        top_10: share(10),
        reciprocity: both as f64 / pairs.len() as f64,
        burstiness: burstiness(&gaps),
        median_gap_s: gaps[gaps.len() / 2],
        never_send: (people - counts.len()) as f64 / people as f64,
        night: part(&|time| (5..8).contains(&hour(time))),
        evening: part(&|time| hour(time) == 23 || hour(time) == 0),
        weekend_day: part(&weekend) / 2.0,
    }
}

/// Seconds between one person's messages, all persons together, ascending.
fn gaps(sent: &mut BTreeMap<&str, Vec<u64>>) -> Vec<f64> {
    let mut gaps = Vec::new();
    for times in sent.values_mut() {
        times.sort_unstable();
        gaps.extend(times.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / 1_000.0));
    }
    gaps.sort_by(f64::total_cmp);
    gaps
}

fn burstiness(gaps: &[f64]) -> f64 {
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
    (variance.sqrt() - mean) / (variance.sqrt() + mean)
}
