    /// In the copy only: the program's own `run` in this process, so that a test splits inside of it.
    fn inside(&self, words: &[&str], mut input: &[u8]) -> Call {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let home = std::env::current_dir().unwrap();
        std::env::set_current_dir(self.dir.path()).unwrap();
        let exit = trustee::cli::run(
            &words,
            &mut trustee::cli::Shell {
                out: &mut out,
                err: &mut err,
                input: &mut input,
                entropy: &mut seal::entropy::SystemEntropy,
                clock: &|| {
                    let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
                    let start = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap().trim().to_owned();
                    let up = std::fs::read_to_string("/proc/uptime").unwrap();
                    trustee::clock::Reading { wall, machine: Some((start, up.split('.').next().unwrap().parse().unwrap())) }
                },
            },
        );
        std::env::set_current_dir(home).unwrap();
        Call { code: i32::from(exit as u8), out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
    }

