//! What the figures were taken on. Linux tells; elsewhere the lines stay empty.

use std::time::Instant;

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The value of the first line that begins with `key`.
fn field(text: &str, key: &str) -> String {
    let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
    line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

pub fn describe() -> Vec<(&'static str, String)> {
    let (cpu, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let kib: f64 = field(&memory, "MemTotal").trim_end_matches(" kB").parse().unwrap_or(0.0);
    vec![
        ("processor", field(&cpu, "model name")),
        ("cores", std::thread::available_parallelism().map_or(1, usize::from).to_string()),
        ("memory", format!("{:.0} GiB", kib / 1_048_576.0)),
        ("kernel", read("/proc/sys/kernel/osrelease").trim().to_owned()),
        ("load", load()),
    ]
}

/// One, five and fifteen minutes.
pub fn load() -> String {
    read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// Most memory that this process ever held, in MiB.
pub fn peak_mib() -> f64 {
    field(&read("/proc/self/status"), "VmHWM").trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1_024.0
}

/// Memory that this process holds now, in MiB.
pub fn resident_mib() -> f64 {
    field(&read("/proc/self/status"), "VmRSS").trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1_024.0
}

/// Seconds that this thread was on a processor: what one core needed, whoever else was at work. The clock on other systems.
pub struct Core {
    clock: Instant,
    on_cpu: Option<f64>,
}

impl Core {
    pub fn start() -> Core {
        Core { clock: Instant::now(), on_cpu: on_cpu() }
    }

    pub fn seconds(&self) -> f64 {
        match (self.on_cpu, on_cpu()) {
            // The system counts by its ticks: what is shorter than one took no time by that count.
            (Some(from), Some(to)) if from < to => to - from,
            _ => self.clock.elapsed().as_secs_f64(),
        }
    }
}

fn on_cpu() -> Option<f64> {
    let nanoseconds: f64 = read("/proc/thread-self/schedstat").split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}
