//! VICIdial's non-agent API as the other side: a small server that answers in that API's own texts, with 200 whatever
//! happens.
#![allow(clippy::unwrap_used, clippy::panic)]

use crate::dialer::{Asked, Dialer};
use crate::process::{Server, client};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tempfile::NamedTempFile;

const CAMPAIGN: &str = "/api/v1/campaigns/spring";
const PASSWORD: &str = "p455-with-&-and-=";

/// What the API knows: whether campaigns are active, and what its user may.
#[derive(Debug, Clone)]
struct Vicidial {
    active: BTreeMap<String, bool>,
    may_modify: bool,
    may_list: bool,
    /// Says that it was updated, and does nothing.
    lies: bool,
}

fn fields(body: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    body.split('&').filter_map(|pair| pair.split_once('=')).map(|(n, v)| (decode(n), decode(v))).collect()
}

impl Vicidial {
    fn answer(&mut self, asked: &Asked) -> String {
        let fields = fields(&asked.body);
        let of = |name: &str| fields.get(name).map_or("", String::as_str);
        if of("user") != "opsapi" || of("pass") != PASSWORD {
            return format!("ERROR: Invalid Username/Password: |{}|{}|0|\n", of("user"), of("pass"));
        }
        let campaign = of("campaign_id").to_owned();
        match of("function") {
            "update_campaign" if !self.may_modify => {
                "ERROR: update_campaign USER DOES NOT HAVE PERMISSION TO UPDATE CAMPAIGNS - opsapi\n".to_owned()
            }
            "update_campaign" if !self.active.contains_key(&campaign) => {
                format!("ERROR: update_campaign CAMPAIGN DOES NOT EXIST - opsapi|{campaign}\n")
            }
            "update_campaign" => {
                if !self.lies {
                    self.active.insert(campaign.clone(), of("active") == "Y");
                }
                format!("\n\nSUCCESS: update_campaign CAMPAIGN HAS BEEN UPDATED - opsapi|{campaign}\n")
            }
            "campaigns_list" if !self.may_list => {
                "ERROR: campaigns_list USER DOES NOT HAVE PERMISSION TO GET CAMPAIGN INFO - opsapi|0\n".to_owned()
            }
            "campaigns_list" => {
                assert_eq!((of("stage"), of("header")), ("tab", "YES"));
                let head = "campaign_id\tcampaign_name\tactive\tuser_group\tdial_method\tdial_level\n";
                let letter = |active: &bool| if *active { "Y" } else { "N" };
                let row = |(id, active): (&String, &bool)| {
                    format!("{id}\tSpring | Renewals\t{}\t---ALL---\tADAPT_TAPERED\t3.2\n", letter(active))
                };
                format!("{head}{}", self.active.iter().map(row).collect::<String>())
            }
            other => format!("ERROR: NO FUNCTION SPECIFIED - {other}\n"),
        }
    }
}

async fn vicidial() -> (Dialer, Arc<Mutex<Vicidial>>) {
    let active = BTreeMap::from([("SPRING24".to_owned(), true), ("WINBACK".to_owned(), true)]);
    let state = Arc::new(Mutex::new(Vicidial { active, may_modify: true, may_list: true, lies: false }));
    let shared = state.clone();
    let dialer = Dialer::that(move |asked| Some((StatusCode::OK, shared.lock().unwrap().answer(asked)))).await;
    (dialer, state)
}

async fn server(dialer: &Dialer, password: &str) -> (Server, NamedTempFile) {
    let mut file = NamedTempFile::new().unwrap();
    let url = format!("{}/vicidial/non_agent_api.php", dialer.url());
    write!(
        file,
        "[[control.vicidial]]\ncampaigns = [\"spring\", \"lost\"]\nurl = \"{url}\"\nuser = \"opsapi\"\nconfirm_within_ms = 300\n\
         names = {{ spring = \"SPRING24\", lost = \"NOPE\" }}\n"
    )
    .unwrap();
    let environment = [("RINGSIDE_VICIDIAL_PASSWORD", password), ("RINGSIDE_LOG", "trace")];
    let server = Server::start(&["--config", file.path().to_str().unwrap()], &environment).await;
    (server, file)
}

async fn ask(server: &Server, campaign: &str, action: &str) -> Value {
    let url = format!("{}/api/v1/campaigns/{campaign}/{action}", server.url());
    let response = client().post(url).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    response.json().await.unwrap()
}

async fn phase(server: &Server, campaign: &str, phase: &str) -> Value {
    let control = format!("/api/v1/campaigns/{campaign}/control");
    server.until(&control, |told| told["control"]["phase"] == phase).await["control"].clone()
}

#[tokio::test]
async fn vicidial_is_asked_read_back_and_asked_once() {
    let (dialer, state) = vicidial().await;
    let (server, _file) = server(&dialer, PASSWORD).await;
    ask(&server, "spring", "pause").await;
    phase(&server, "spring", "done").await;
    assert!(!state.lock().unwrap().active["SPRING24"] && state.lock().unwrap().active["WINBACK"]);
    let asked = dialer.asked();
    let functions: Vec<_> = asked.iter().map(|asked| fields(&asked.body)["function"].clone()).collect();
    assert_eq!(functions, ["update_campaign", "campaigns_list"]);
    assert_eq!(fields(&asked[0].body)["active"], "N");
    assert!(asked.iter().all(|asked| asked.path == "/vicidial/non_agent_api.php"), "nothing in the address");
    assert_eq!(ask(&server, "spring", "pause").await["result"], "same");
    assert_eq!(dialer.asked().len(), 2);
    ask(&server, "spring", "resume").await;
    phase(&server, "spring", "done").await;
    assert!(state.lock().unwrap().active["SPRING24"]);
    assert_eq!(server.get(&format!("{CAMPAIGN}/control")).await["adapter"], "vicidial");
}

#[tokio::test]
async fn what_vicidial_says_is_told_and_never_its_password() {
    let (dialer, state) = vicidial().await;
    let (server, _file) = server(&dialer, PASSWORD).await;
    let why = |control: &Value| control["why"].as_str().unwrap().to_owned();
    ask(&server, "lost", "pause").await;
    assert_eq!(
        why(&phase(&server, "lost", "refused").await),
        "ERROR: update_campaign CAMPAIGN DOES NOT EXIST - opsapi|NOPE"
    );
    state.lock().unwrap().may_modify = false;
    ask(&server, "spring", "pause").await;
    assert!(why(&phase(&server, "spring", "refused").await).contains("DOES NOT HAVE PERMISSION TO UPDATE CAMPAIGNS"));
    // It says that it was updated, and yet it is not so.
    let now_is = |change: fn(&mut Vicidial)| change(&mut state.lock().unwrap());
    now_is(|v| (v.may_modify, v.lies) = (true, true));
    ask(&server, "spring", "pause").await;
    let told = server
        .until(&format!("{CAMPAIGN}/control"), |told| {
            told["control"]["why"].as_str().is_some_and(|why| why.contains("active=Y"))
        })
        .await;
    assert_eq!(told["control"]["phase"], "refused");
    // How it stands may not be read: then nobody knows.
    now_is(|v| (v.may_list, v.lies) = (false, false));
    ask(&server, "spring", "pause").await;
    assert!(why(&phase(&server, "spring", "timed_out").await).contains("can't be read: ERROR: campaigns_list"));
    assert!(!server.log().contains("p455"), "its log, at its most talkative");

    let (wrong, _file) = self::server(&dialer, "another-p455").await;
    ask(&wrong, "spring", "pause").await;
    let refused = why(&phase(&wrong, "spring", "refused").await);
    assert_eq!(refused, "ERROR: Invalid Username/Password: |opsapi|•••|0|");
    let everything = format!("{}{}", wrong.log(), wrong.text("/api/v1/audit").await);
    assert!(!everything.contains("p455"));
    assert_eq!(wrong.get("/api/v1/audit").await["rows"][0]["why"], json!(refused));
}
