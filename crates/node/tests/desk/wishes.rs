//! One message, several orders: each action for itself, and what nobody understands reaches a person.

use standards::etsi::core::Response;
use standards::etsi::message::Received;
use standards::etsi::object::Kind;

use crate::house::*;
use crate::senders::{from_germany, send};
use crate::tls::{answers, asking, authorisation, cancel};

fn task(text: &str) -> String {
    let message = Received::parse(text.as_bytes()).unwrap().schema().unwrap();
    let standards::etsi::core::Payload::Request(request) = message.payload else { panic!() };
    let found = request.actions.actions.iter().find_map(|action| match &action.request {
        standards::etsi::core::Request::Create(create) if matches!(create.object.kind, Kind::Disclosure(_)) => {
            Some(create.object.base.identifier.as_str().to_owned())
        }
        _ => None,
    });
    found.unwrap()
}

/// A wish for a task that no paper of the law stands for.
fn reject(id: &str) -> String {
    let word = "<common:Owner>ETSI</common:Owner><common:Name>LDTaskDesiredStatus</common:Name><common:Value>Rejected</common:Value>";
    format!(
        "<UPDATE><HI1Object xsi:type=\"task:LDTaskObject\"><ObjectIdentifier>{id}</ObjectIdentifier><task:DesiredStatus>{word}</task:DesiredStatus></HI1Object></UPDATE>"
    )
}

fn code(response: &Response) -> String {
    match response {
        Response::Error(error) => error.description.as_str().split(':').next().unwrap().to_owned(),
        _ => "ok".to_owned(),
    }
}

fn codes(text: &str) -> Vec<String> {
    answers(text).iter().map(code).collect()
}

/// Three orders of the prosecutor's office.
fn filled() -> (House, Vec<String>) {
    let mut house = House::new();
    let orders: Vec<String> = (1..=3).map(|number| message(&epoc(number), number)).collect();
    for order in &orders {
        send(&mut house, "NL", "PARKET", order);
    }
    (house, orders)
}

#[test]
fn dsk_20_a_message_acts_on_each_order_that_it_names() {
    let (mut house, orders) = filled();
    let unknown = cancel(uuid(4711).as_str());
    let both = asking(10, &[cancel(&authorisation(&orders[0])), unknown, cancel(&authorisation(&orders[2]))]);
    let text = send(&mut house, "NL", "PARKET", &both);
    assert_eq!(codes(&text), ["ok", "STD-52", "ok"]);
    assert_eq!([house.state(1), house.state(2), house.state(3)], ["withdrawn", "received", "withdrawn"]);
    assert!(house.desk.papers().unwrap().is_empty(), "both acted");
    let mut house = house.reopened();
    assert_eq!(send(&mut house, "NL", "PARKET", &both), text, "said again: the same answer, nothing done twice");
    assert_eq!(house.desk.load(1, house.now).unwrap().unwrap().entries.len(), 1);
}

#[test]
fn dsk_20_an_order_that_is_not_taken_leaves_the_rest_of_its_message_alone() {
    let (mut house, orders) = filled();
    // A new order in the message that withdraws another: both.
    let new = message(&epoc(4), 11);
    let at = new.rfind("</ActionRequests>").unwrap();
    let withdrawal =
        format!("<ActionRequest><ActionIdentifier>99</ActionIdentifier>{}</ActionRequest>", cancel(&authorisation(&orders[0])));
    let both = format!("{}{withdrawal}{}", &new[..at], &new[at..]);
    let text = send(&mut house, "NL", "PARKET", &both);
    assert!(codes(&text).iter().all(|code| code == "ok"), "{text}");
    assert_eq!([house.state(1), house.state(4)], ["withdrawn", "received"]);
    // Something that is no order, beside a withdrawal: it is refused, the withdrawal is not.
    let note = "<CREATE><HI1Object xmlns:n=\"http://uri.etsi.org/03120/common/2016/02/Notification\" xsi:type=\"n:NotificationObject\"><ObjectIdentifier>c02358b2-76cf-4ba4-a8eb-0000000000ff</ObjectIdentifier><n:NotificationDetails>hello</n:NotificationDetails></HI1Object></CREATE>";
    let text = send(&mut house, "NL", "PARKET", &asking(12, &[note.to_owned(), cancel(&authorisation(&orders[1]))]));
    assert_eq!(house.state(2), "withdrawn", "{text}");
    let text = send(&mut house, "NL", "PARKET", &asking(13, &[note.replace("ff<", "fe<")]));
    assert_eq!(codes(&text), ["STD-56"], "{text}");
}

#[test]
fn dsk_21_a_wish_that_nobody_understands_reaches_a_person() {
    let (mut house, orders) = filled();
    let text = send(&mut house, "NL", "PARKET", &asking(10, &[cancel(&authorisation(&orders[0])), reject(&task(&orders[1]))]));
    assert_eq!(codes(&text), ["ok", "ok"]);
    assert_eq!([house.state(1), house.state(2)], ["withdrawn", "received"]);
    let papers = house.desk.papers().unwrap();
    assert_eq!((papers.len(), papers[0].2), (1, Some(2)), "a person looks at the second");
    send(&mut house, "NL", "PARKET", &asking(11, &[reject(&task(&orders[1])), reject(&task(&orders[2]))]));
    let about: Vec<_> = house.desk.papers().unwrap().into_iter().map(|paper| paper.2).collect();
    assert_eq!(about.len(), 3, "one for each order");
    assert!(about.contains(&Some(3)));
}

#[test]
fn std_87_a_message_is_one_order() {
    let mut house = House::new();
    let (one, two) = (message(&epoc(1), 1), message(&epoc(2).replace("+31612345678", "+31687654321"), 2));
    let from = two.find("<ActionRequest>").unwrap();
    let to = two.rfind("</ActionRequests>").unwrap();
    let at = one.rfind("</ActionRequests>").unwrap();
    let both = format!("{}{}{}", &one[..at], &two[from..to], &one[at..]);
    let found = codes(&send(&mut house, "NL", "PARKET", &both));
    assert_eq!(found.iter().filter(|code| *code == "ok").count(), found.len() / 2, "{found:?}");
    assert!(found.contains(&"STD-87".to_owned()) && found.contains(&"STD-52".to_owned()), "{found:?}");
    let loaded = house.desk.load(1, house.now).unwrap().unwrap();
    let named: Vec<_> = loaded.received.order().unwrap().identifiers.iter().map(|one| one.value.value.clone()).collect();
    assert_eq!((named, house.desk.heads(0, 9).unwrap().len()), (vec!["+31612345678".to_owned()], 1));
    assert!(loaded.received.envelope.differences.is_empty(), "the other order's tasks are no part of this one");
}

#[test]
fn dsk_23_a_file_number_means_the_senders_own_newest_open_order() {
    let mut house = House::new();
    let letter = "form = \"withdrawal\"\n[issuing]\nname = \"Parket Voorbeeld\"\n[follow_up]\nreference = \"2026-0001\"\n";
    // The prosecutor's own, an older and a newer one, and another authority's of the same number.
    send(&mut house, "NL", "PARKET", &message(&epoc(1), 1));
    send(&mut house, "NL", "PARKET", &message(&epoc(1).replace("+31612345678", "+31612345679"), 2));
    send(&mut house, "DE", "AG-1", &from_germany(&message(&epoc(1).replace("+31612345678", "+31612345670"), 3)));
    let withdraw = |house: &mut House, more: &str| {
        let said = format!("{letter}# {more}\n");
        house.take_through("etsi", "NL/PARKET", said.as_bytes()).unwrap()
    };
    let acted = |number: u64| node::desk::Taken::Paper { number: Some(number), acted: true };
    assert_eq!(withdraw(&mut house, "first"), acted(2), "the newest of its own");
    assert_eq!(withdraw(&mut house, "second"), acted(1), "the newest that is open");
    assert_eq!([house.state(1), house.state(2), house.state(3)], ["withdrawn", "withdrawn", "received"]);
    let taken = withdraw(&mut house, "third");
    assert_eq!(taken, node::desk::Taken::Paper { number: Some(2), acted: false }, "nothing of its own is open: a person looks");
    assert_eq!(house.state(3), "received", "never another's");
}
