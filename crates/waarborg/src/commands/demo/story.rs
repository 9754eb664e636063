//! The story, step by step.

use super::narrator::{Narrator, Text};
use super::people::Keys;
use super::stage::{Program, Stage};
use super::talk::Talk;
use super::wrong::{self, Scene};
use super::{Args, ceremony, desk, house, order, people, person, policy, stamps, traffic};
use crate::Global;
use crate::exit::{Failure, Outcome};
use verify::calendar::Day;

/// Demo slots, seconds; stands in the policy template too.
pub const SLOT_S: u64 = 10;
/// How long after its end a demo slot is closed, seconds; stands in the policy template too.
pub const GRACE_S: u64 = 2;

pub fn tell(args: &Args, global: Global) -> Outcome {
    let mut stage = Stage::set(&args.dir, args.fresh, Narrator::new(global.lang))?;
    let now = traffic::unix_ms()? / 1_000;
    let year = Day::containing(now).civil().0;
    introduce(&stage);
    let mut talk = if args.synapse { Talk::start_synapse(&mut stage, &args.lab)? } else { Talk::small() };
    let keys = found(&mut stage, year, now, &talk)?;
    let ports = house::Ports::draw()?;
    open_logs(&mut stage, &keys, &ports, year, now)?;
    open_provider(&mut stage, &keys, &ports, &talk)?;
    let period = talk.hold(&mut stage)?;
    talk.show_no_plaintext(&mut stage, period.1)?;
    let terms = order::Terms { period, gateway: format!("http://127.0.0.1:{}", ports.gateway), person: talk.person() };
    let production = order::follow(&mut stage, &terms)?;
    talk.count_again(&stage, &terms, &production)?;
    order::verify(&mut stage, &production)?;
    stage.narrator.step("Five wrong things", "Vijf verkeerde dingen");
    let template = order::toml(&terms, "@categories@")?;
    let scene = Scene { keys: &keys, gateway: &terms.gateway, order_toml: &template, package: &production.package };
    wrong::try_all(&stage, &scene)?;
    person::hears_of_it(&mut stage, &terms, &production, &format!("http://127.0.0.1:{}", ports.orders))?;
    audit(&mut stage, &ports)?;
    if let Some(command) = &args.then {
        stage.narrator.step("Your own command, while everything runs", "Uw eigen opdracht, terwijl alles loopt");
        then(&stage, command, &ports, &terms)?;
    }
    farewell(&mut stage, &production, &terms)
}

/// The logs themselves, every tile and entry, by anybody.
fn audit(stage: &mut Stage, ports: &house::Ports) -> Result<(), Failure> {
    stage.narrator.step("Anyone can audit the logs", "Iedereen kan de logboeken controleren");
    for (log, port, batch) in [("orders", ports.orders, "16"), ("public", ports.public, "1024")] {
        let (address, policy) = (format!("http://127.0.0.1:{port}"), stage.word(&format!("log-{log}/tlog-policy")));
        let words = ["log", "audit", &address, "--kind", log, "--policy", &policy, "--tick-interval-s", "1", "--batch-entries", batch];
        stage.show(Program::Waarborg, &words)?;
        stage.narrator.good(&match stage.narrator.is_dutch() {
            true => format!("{log}: elke tegel en regel, de wortel, het ritme en de getuigen kloppen"),
            false => format!("{log}: every tile, every entry, root, beat and witnesses are in order"),
        });
    }
    Ok(())
}

/// A person, or a script, in the same house: orders of their own, as an authority or a desk would give them.
fn then(stage: &Stage, command: &str, ports: &house::Ports, terms: &order::Terms) -> Outcome {
    let time = |seconds: u64| seal::catalogue::format_rfc3339(seconds * 1_000);
    let path = format!("{}:{}", stage.programs_folder(), std::env::var("PATH").unwrap_or_default());
    let status = std::process::Command::new("sh")
        .args(["-c", command])
        .current_dir(&stage.dir)
        .env("PATH", path)
        .env("WAARBORG_GATEWAY", &terms.gateway)
        .env("WAARBORG_ORDERS", format!("http://127.0.0.1:{}", ports.orders))
        .env("WAARBORG_PUBLIC", format!("http://127.0.0.1:{}", ports.public))
        .env("WAARBORG_PERSON", terms.person)
        .env("WAARBORG_FROM", time(terms.period.0))
        .env("WAARBORG_UNTIL", time(terms.period.1))
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::verification("DEMO-05", format!("`{command}` ended with {status}"), "its output stands above")),
        Err(error) => Err(Failure::unavailable(format!("`{command}` did not start: {error}"), "it is given to sh -c")),
    }
}

fn introduce(stage: &Stage) {
    stage.narrator.say(
        "Waarborg demo. Everything runs on this machine, each role as a process with a folder of its own.\n\
         A small messaging provider seals its records: who wrote to whom and when, never what. A court orders the records of one\n\
         person. Eight trustees in two committees, approvers and guardians, hold a part of the key each, and act only for an order\n\
         that stands in a log which outsiders watch. ORDERS is the log with a commitment to each order, PUBLIC the log that\n\
         everybody can read; witnesses cosign both. In the end a stranger checks what came out.\n\
         Lines with $ are commands that ran, as you would type them in the demo's folder; where many do the same, one is shown.\n\
         DEMO: an \"hour\" here is 10 seconds, the logs tick every second. Real keys cannot have such times.",
        "Waarborg-demo. Alles draait op deze machine, elke rol als proces met een eigen map.\n\
         Een kleine berichtendienst verzegelt zijn gegevens: wie wanneer aan wie schreef, nooit wat. Een rechtbank beveelt de\n\
         verstrekking van de gegevens van één persoon. Acht bewaarders in twee commissies, goedkeurders (approvers) en hoeders\n\
         (guardians), hebben elk een deel van de sleutel, en werken alleen mee aan een bevel dat in een logboek staat waar\n\
         buitenstaanders op toezien. ORDERS is het logboek met een vastlegging van elk bevel, PUBLIC het logboek dat iedereen kan\n\
         lezen; getuigen ondertekenen beide mee. Aan het eind gaat een vreemde na wat eruit kwam.\n\
         Regels met $ zijn opdrachten die liepen, zoals u ze in de map van de demo zou typen; doen velen hetzelfde, dan staat er één.\n\
         DEMO: een \"uur\" duurt hier 10 seconden, de logboeken tikken elke seconde. Met echte sleutels kan dat niet.",
    );
}

fn found(stage: &mut Stage, year: u32, now: u64, talk: &Talk) -> Result<Keys, Failure> {
    stage.narrator.step("Everybody makes keys", "Iedereen maakt sleutels");
    stage.narrator.say(
        "Court, police, provider, two officers, two logs, four witnesses: each in a folder of its own.",
        "Rechtbank, politie, aanbieder, twee functionarissen, twee logboeken, vier getuigen: elk in een eigen map.",
    );
    let keys = people::make_keys(stage, year)?;
    house::write_log_policies(stage, &keys)?;
    stage.narrator.step("Two key ceremonies", "Twee sleutelceremonies");
    stage.narrator.say(
        "Three approvers and five guardians each make a share. A key to records needs two of the three AND three of the five.",
        "Drie goedkeurders en vijf hoeders maken elk een deel. Een sleutel tot gegevens vraagt er twee van de drie EN drie van de vijf.",
    );
    ceremony::hold(stage)?;
    stage.narrator.step(
        "The policy: all keys, thresholds and limits, pinned by everyone",
        "Het beleid: alle sleutels, drempels en grenzen, door iedereen vastgezet",
    );
    let hash = policy::make(stage, &keys, Day::containing(now), talk.readable_source())?;
    stage.narrator.good(&format!("SHA-256 {hash}"));
    ceremony::adopt(stage)?;
    Ok(keys)
}

fn open_logs(stage: &mut Stage, keys: &Keys, ports: &house::Ports, year: u32, now: u64) -> Result<(), Failure> {
    stage.narrator.step("Witnesses and logs start", "Getuigen en logboeken starten");
    house::start_logs(stage, keys, ports, year, now)?;
    stage.narrator.say(
        "What was agreed goes into the public log before anything is used: both ceremonies, signed by every member, and the policy.",
        "Wat is afgesproken komt in het openbare logboek voordat iets wordt gebruikt: beide ceremonies, door elk lid getekend, en het beleid.",
    );
    let public = format!("http://127.0.0.1:{}", ports.public);
    ceremony::publish(stage, &public, Day::containing(now))?;
    let (signed, file) = (stage.word("policy.statement"), stage.word("policy"));
    let (first, second) = (stage.word("court/policy.key"), stage.word("auditor/policy.key"));
    stage.show(Program::Waarborg, &["policy", "announce", &file, "--key", &first, "--key", &second, "--out", &signed])?;
    stage.show(Program::Waarborg, &["log", "publish", &signed, "--log", &public])?;
    Ok(())
}

fn open_provider(stage: &mut Stage, keys: &Keys, ports: &house::Ports, talk: &Talk) -> Result<(), Failure> {
    stage.narrator.step("The provider starts sealing", "De aanbieder begint te verzegelen");
    stage.write(traffic::RECORDS, "")?;
    stage.write("provider/sealer/sealer.toml", &desk::sealer_config(&talk.source(), ports))?;
    house::start_role(stage, "sealer", "sealer", "provider/sealer/sealer.toml")?;
    stage.write("provider/gateway/gateway.toml", &desk::gateway_config(stage, keys, ports, &stamps::service(stage)?))?;
    house::start_role(stage, "gateway", "gateway", "provider/gateway/gateway.toml")?;
    super::processes::await_port(ports.gateway, &mut stage.services)
}

fn farewell(stage: &mut Stage, production: &order::Production, terms: &order::Terms) -> Outcome {
    let now = traffic::unix_ms()? / 1_000;
    let dir = stage.dir.display().to_string();
    let seconds = stage.narrator.elapsed().as_secs();
    stage.narrator.step("What is left to look at", "Wat er te bekijken overblijft");
    stage.narrator.tell(&match stage.narrator.is_dutch() {
        true => format!("Klaar na {seconds} s; elk proces is gestopt. Om zelf te kijken:"),
        false => format!("Done after {seconds} s; every process is stopped. To look for yourself:"),
    });
    let package = &production.package;
    let lines = [
        (format!("cd {dir}; PATH={}:$PATH", stage.programs_folder()), "", ""),
        (format!("waarborg-verify {package} --policy policy"), "the stranger's report", "het verslag van de vreemde"),
        (format!("unzip -l {package}"), "what the police have", "wat de politie heeft"),
        (
            format!(
                "waarborg log audit log-public/state --kind public --policy log-public/tlog-policy --tick-interval-s 1 --as-of-unix-s {now}"
            ),
            "silent when all is in order; echo $? gives 0",
            "zwijgt als alles klopt; echo $? geeft 0",
        ),
        ("waarborg-trustee audit --state guardian-1".to_owned(), "what one trustee did", "wat één bewaarder deed"),
        ("cat authority/letter/letter.txt".to_owned(), "what the person is told", "wat de betrokkene hoort"),
        ("waarborg order show court/alice.order --policy policy".to_owned(), "the order", "het bevel"),
        ("waarborg gateway run provider/gateway/gateway.toml &".to_owned(), "the desk once more", "nog eens de balie"),
        (
            format!("waarborg case show 1 --gateway {} --token provider/desk/desk.token; kill %1", terms.gateway),
            "the case, with its history",
            "de zaak, met het verloop",
        ),
    ];
    for (line, en, nl) in lines {
        let remark = stage.narrator.pick(Text { en, nl });
        let remark = if remark.is_empty() { String::new() } else { format!("   # {remark}") };
        stage.narrator.tell(&format!("$ {line}{remark}"));
    }
    Ok(())
}
