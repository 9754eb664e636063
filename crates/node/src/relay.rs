//! The relay: carries a bundle to each trustee's standard input and its answer back.
//!
//! A trustee has no socket. The gateway's configuration names one command per member (a local program, or `ssh host
//! waarborg-trustee …`); the relay starts all of them at once, each with its own bundle, its own time limit and a bound on what
//! it may print. The relay is not trusted: it can lose or delay a frame, but it can neither read a key (answers are sealed to the
//! engine) nor forge an answer (members sign them).

use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

/// Largest answer: 65,536 identities at 80 octets each as base64 are 7 MB; twice that is left as room.
pub const ANSWER_BYTES_MAX: u64 = 16 << 20;
/// What of a trustee's stderr goes into the fault: the last words suffice, and a gateway's memory is not a member's log.
const STDERR_BYTES_MAX: u64 = 4096;

/// One member's command. `argv[0]` is the program; nothing goes through a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberCommand {
    pub member: String,
    pub argv: Vec<String>,
}

/// What came back from one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Standard output, whole. Exit statuses 0 (released) and 1 (refused) both carry a signed answer.
    Answer(Vec<u8>),
    /// No answer: not started, not in time, too long, or ended otherwise. Worth asking again.
    Fault(String),
}

/// Asks every member at once. The result has one frame per command, in the commands' order; a slow member delays nobody's
/// frame beyond `limit`, and a member that hangs is killed.
pub async fn ask(frames: Vec<(MemberCommand, Vec<u8>)>, limit: Duration) -> Vec<(String, Frame)> {
    let running: Vec<_> = frames
        .into_iter()
        .map(|(command, bundle)| (command.member.clone(), tokio::spawn(async move { one(&command, &bundle, limit).await })))
        .collect();
    let mut out = Vec::with_capacity(running.len());
    for (member, task) in running {
        let frame = task.await.unwrap_or_else(|error| Frame::Fault(format!("relay: {error}")));
        out.push((member, frame));
    }
    out
}

async fn one(command: &MemberCommand, bundle: &[u8], limit: Duration) -> Frame {
    let mut child = match start(command) {
        Ok(child) => child,
        Err(fault) => return Frame::Fault(fault),
    };
    match tokio::time::timeout(limit, exchange(&mut child, bundle)).await {
        Ok(Ok(frame)) => frame,
        Ok(Err(error)) => Frame::Fault(format!("relay: {error}")),
        // `kill_on_drop` ends the process; waiting for it here would let it hold us up.
        Err(_) => Frame::Fault(format!("no answer within {} ms", limit.as_millis())),
    }
}

fn start(command: &MemberCommand) -> Result<Child, String> {
    let (program, arguments) = command.argv.split_first().ok_or("no command configured")?;
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{program}: {error}"))
}

/// Writes and reads at the same time: a trustee that answers before it has read everything must not block us, nor we it.
async fn exchange(child: &mut Child, bundle: &[u8]) -> std::io::Result<Frame> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
        return Ok(Frame::Fault("no pipe".to_owned()));
    };
    let write = async move {
        // A member that refuses early closes its end; its answer matters, not our broken pipe.
        let _ = stdin.write_all(bundle).await;
        let _ = stdin.shutdown().await;
    };
    let ((), answer, words) = tokio::join!(write, bounded(stdout, ANSWER_BYTES_MAX + 1), bounded(stderr, STDERR_BYTES_MAX));
    let answer = answer?;
    if answer.len() as u64 > ANSWER_BYTES_MAX {
        return Ok(Frame::Fault("answer too long".to_owned()));
    }
    let status = child.wait().await?;
    match status.code() {
        Some(0 | 1) if !answer.is_empty() => Ok(Frame::Answer(answer)),
        _ => Ok(Frame::Fault(format!("{status}: {}", String::from_utf8_lossy(&words?).trim()))),
    }
}

/// Keeps the first `limit` octets and drains the rest: a member must not block on a full pipe because we stopped reading.
async fn bounded(mut from: impl AsyncRead + Unpin, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    (&mut from).take(limit).read_to_end(&mut kept).await?;
    tokio::io::copy(&mut from, &mut tokio::io::sink()).await?;
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(member: &str, script: &str) -> (MemberCommand, Vec<u8>) {
        let argv = ["sh", "-c", script].map(str::to_owned).to_vec();
        (MemberCommand { member: member.to_owned(), argv }, b"bundle".to_vec())
    }

    async fn ask_one(script: &str) -> Frame {
        ask(vec![shell("m", script)], Duration::from_secs(5)).await.remove(0).1
    }

    #[tokio::test]
    async fn the_answer_comes_back_whole_for_release_and_refusal() {
        assert_eq!(ask_one("cat").await, Frame::Answer(b"bundle".to_vec()));
        assert_eq!(ask_one("cat; exit 1").await, Frame::Answer(b"bundle".to_vec()));
    }

    #[tokio::test]
    async fn other_ends_are_faults_with_the_members_words() {
        assert!(matches!(ask_one("cat; echo disk full >&2; exit 4").await, Frame::Fault(text) if text.contains("disk full")));
        assert!(matches!(ask_one("exit 0").await, Frame::Fault(_)));
        let none = MemberCommand { member: "m".into(), argv: vec!["/nonexistent/waarborg-trustee".into()] };
        assert!(matches!(&ask(vec![(none, vec![])], Duration::from_secs(5)).await[0].1, Frame::Fault(_)));
    }

    #[tokio::test]
    async fn a_member_that_hangs_costs_the_limit_and_nobody_elses_answer() {
        let frames = vec![shell("slow", "exec sleep 30"), shell("quick", "cat")];
        let answers = ask(frames, Duration::from_millis(500)).await;
        assert!(matches!(&answers[0], (name, Frame::Fault(text)) if name == "slow" && text.contains("500 ms")));
        assert_eq!(answers[1], ("quick".to_owned(), Frame::Answer(b"bundle".to_vec())));
    }

    #[tokio::test]
    async fn a_member_that_never_stops_printing_is_cut_off() {
        let answer = ask(vec![shell("loud", "exec head -c 20000000 /dev/zero")], Duration::from_secs(20)).await;
        assert_eq!(answer[0].1, Frame::Fault("answer too long".to_owned()));
    }

    #[tokio::test]
    async fn a_member_that_answers_without_reading_is_heard() {
        let mut frame = shell("m", "echo refused; exit 1");
        frame.1 = vec![0; 4 << 20];
        let answers = ask(vec![frame], Duration::from_secs(5)).await;
        assert_eq!(answers[0].1, Frame::Answer(b"refused\n".to_vec()));
    }
}
