//! The demo's other provider: a real Matrix Synapse on PostgreSQL, with two real encrypted clients (lab/).

use super::processes::free_port;
use super::stage::{Program, Stage};
use crate::exit::Failure;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const ALICE: &str = "@alice:waarborg.test";
/// Stands in every message that the clients send (lab/e2ee.py).
pub const MARKER: &str = "SECRET-PLAINTEXT";
const ADMIN_PASSWORD: &str = "pw-admin";

/// A running Synapse, stopped together with the demo's services.
pub struct Lab {
    scripts: PathBuf,
    venv: PathBuf,
    database_port: u16,
    server_port: u16,
}

impl Lab {
    /// Brings the server up; the first time this installs Synapse and a client library into a virtual environment.
    pub fn start(stage: &Stage, scripts: &Path) -> Result<Lab, Failure> {
        let scripts = scripts.canonicalize().map_err(|error| Failure::file(scripts, &error))?;
        let lab = Lab { venv: scripts.join("../target/lab/venv"), scripts, database_port: free_port()?, server_port: free_port()? };
        stage.folder("synapse")?;
        let folder = stage.path("synapse");
        stage.services.at_the_end(move || stop(&folder));
        let up = lab.scripts.join("synapse_up.sh").display().to_string();
        lab.run(stage, "bash", &[&up, &stage.word("synapse")])?;
        let register = lab.venv.join("bin/register_new_matrix_user").display().to_string();
        let (config, server) = (stage.word("synapse/syn/homeserver.yaml"), lab.server());
        lab.run(stage, &register, &["-c", &config, "-u", "admin", "-p", ADMIN_PASSWORD, "--admin", &server])?;
        let grants = lab.scripts.join("../crates/sources/sql/synapse-grants.sql").display().to_string();
        let superuser = lab.database("postgres");
        lab.run(stage, "psql", &[&superuser, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", &grants])?;
        Ok(lab)
    }

    /// The `[[sources]]` table of the sealer.
    pub fn source(&self) -> String {
        let connection = self.database("waarborg_reader");
        format!("kind = \"synapse-postgres\"\nname = \"synapse\"\nserver_name = \"waarborg.test\"\nconnection = \"{connection}\"\n")
    }

    /// Alice and Bob exchange twenty encrypted messages; succeeds only if Bob's device decrypted all of them.
    pub fn talk(&self, stage: &Stage) -> Result<String, Failure> {
        let (python, script) = (self.python(), self.scripts.join("e2ee.py").display().to_string());
        self.run(stage, &python, &[&script, "--server", &self.server(), "--messages", "20"])
    }

    /// The whole database as text, to be searched.
    pub fn dump(&self, stage: &Stage) -> Result<(), Failure> {
        let file = stage.word("synapse/dump/dump.sql");
        stage.folder("synapse/dump")?;
        self.run(stage, "pg_dump", &["-d", &self.database("postgres"), "-f", &file]).map(|_| ())
    }

    /// Compares the package's rows with Synapse's own admin API and database, by a program that shares no code with ours.
    pub fn compare(&self, stage: &Stage, rows: &str, period: (u64, u64)) -> Result<String, Failure> {
        let (python, script) = (self.python(), self.scripts.join("compare.py").display().to_string());
        let (from, until) = (period.0.to_string(), period.1.to_string());
        let (server, database, rows) = (self.server(), self.database("postgres"), stage.word(rows));
        let words = [
            &script,
            "--rows",
            &rows,
            "--server",
            &server,
            "--database",
            &database,
            "--user",
            ALICE,
            "--admin-password",
            ADMIN_PASSWORD,
            "--from",
            &from,
            "--until",
            &until,
        ];
        self.run(stage, &python, &words)
    }

    /// The connector's self-test as a person would run it.
    pub fn check(&self, stage: &Stage) -> Result<String, Failure> {
        stage.show(Program::Waarborg, &["source", "check", &stage.word("provider/sealer/sealer.toml")])
    }

    fn server(&self) -> String {
        format!("http://127.0.0.1:{}", self.server_port)
    }

    fn database(&self, user: &str) -> String {
        format!("host=127.0.0.1 port={} dbname=synapse user={user}", self.database_port)
    }

    fn python(&self) -> String {
        self.venv.join("bin/python").display().to_string()
    }

    fn run(&self, stage: &Stage, program: &str, words: &[&str]) -> Result<String, Failure> {
        let output = Command::new(program)
            .args(words)
            .env("VENV", &self.venv)
            .env("PG_PORT", self.database_port.to_string())
            .env("HS_PORT", self.server_port.to_string())
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Failure::file(Path::new(program), &error))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let said = [&output.stdout[..], &output.stderr[..]].map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned()).join("; ");
        let text = format!("{program} ended with {}: {said}", output.status);
        Err(Failure::unavailable(text, format!("see {} and lab/synapse_up.sh", stage.word("synapse"))))
    }
}

/// Neither is a child of ours: both went into the background by themselves.
fn stop(folder: &Path) {
    if let Ok(pid) = std::fs::read_to_string(folder.join("syn/pid")) {
        let _ = Command::new("kill").arg(pid.trim()).status();
    }
    // The newest installed version, as synapse_up.sh takes it; PostgreSQL does not run as root.
    let stop =
        format!("\"$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)/pg_ctl\" -D '{}' -m fast stop", folder.join("pg/data").display());
    let _ = Command::new("su").args(["postgres", "-c", &stop]).stdout(Stdio::null()).stderr(Stdio::null()).status();
}
