//! VICIdial, by its non-agent API (`[[control.vicidial]]`): `update_campaign active=N` and `Y`, read back from
//! `campaigns_list`.
//!
//! The API answers 200 whatever happens, in lines that begin with SUCCESS, NOTICE or ERROR, at times after blank lines
//! and warnings. Credentials go in the body, never in an address. Calls already placed still reach agents: that the
//! campaign is no longer active says nothing of them.
//!
//! # Source
//! VICIdial's docs/NON-AGENT_API.txt, functions `update_campaign` and `campaigns_list` (trunk of 2024-10).

use super::super::config::{Confirm, patience};
use super::super::machine::{DialerAnswer, Patience};
use super::outgoing::{Outgoing, checked, is_readable_on_its_way};
use super::{Order, word_of};
use crate::kit::secret::{Secret, one_of};
use app::domain::CampaignId;
use app::domain::control::Action;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, Url};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// `[[control.vicidial]]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VicidialTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaigns: Option<Vec<CampaignId>>,
    /// The address of `non_agent_api.php`.
    pub url: String,
    pub user: String,
    #[serde(skip_serializing)]
    pub password: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// What VICIdial logs as the origin of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What VICIdial calls our campaigns, where that differs.
    #[serde(default)]
    pub names: BTreeMap<CampaignId, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<Confirm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_within_ms: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm_within_ms: Option<u32>,
}

/// What VICIdial allows as an origin.
const MAX_SOURCE: usize = 20;

#[derive(Debug)]
pub struct VicidialDialer {
    outgoing: Outgoing,
    url: Url,
    user: String,
    password: Secret,
    source: String,
    names: BTreeMap<CampaignId, String>,
    confirm: Confirm,
    patience: Patience,
}

/// What the lines of an answer say.
#[derive(Debug, PartialEq, Eq)]
enum Said<'a> {
    Success,
    No(&'a str),
    /// None of the API's lines: an error page, or another program.
    Nothing,
}

fn said<'a>(text: &'a str, success: &str) -> Said<'a> {
    let lines = || text.lines().map(str::trim);
    let first = |word: &str| lines().find(|line| line.starts_with(word));
    match (first("ERROR:"), first(success), first("NOTICE:")) {
        (Some(error), _, _) => Said::No(error),
        (None, Some(_), _) => Said::Success,
        (None, None, Some(notice)) => Said::No(notice),
        (None, None, None) => Said::Nothing,
    }
}

/// Whether `campaigns_list` (with its header, by tabs) says that the campaign is active.
fn is_active(text: &str, campaign: &str) -> Option<bool> {
    let mut lines = text.lines().map(|line| line.trim_end_matches('\r'));
    let columns: Vec<&str> =
        lines.by_ref().map(|line| line.split('\t').collect::<Vec<_>>()).find(|c| c.first() == Some(&"campaign_id"))?;
    let at = columns.iter().position(|column| *column == "active")?;
    let row = lines.map(|line| line.split('\t').collect::<Vec<_>>()).find(|row| row.first() == Some(&campaign))?;
    match *row.get(at)? {
        "Y" => Some(true),
        "N" => Some(false),
        _ => None,
    }
}

impl VicidialDialer {
    /// # Errors
    /// Names the key and what is wrong with its value.
    pub fn new(table: &VicidialTable) -> Result<Self, String> {
        let password = one_of("password", table.password.as_ref(), table.password_file.as_ref())
            .map_err(|e| e.to_string())?
            .ok_or("set `password_file`, `password`, or RINGSIDE_VICIDIAL_PASSWORD")?;
        let source = table.source.clone().unwrap_or_else(|| "ringside".to_owned());
        if source.is_empty() || source.len() > MAX_SOURCE {
            return Err(format!("`source`: VICIdial takes 1 to {MAX_SOURCE} bytes"));
        }
        for (campaign, name) in &table.names {
            checked_name(name).map_err(|why| format!("`names.{campaign}`: {why}"))?;
        }
        let patience = patience(table.answer_within_ms, table.confirm_within_ms)?;
        let url = checked(&table.url)?;
        if url.query().is_some() {
            return Err("`url`: holds a query; what is asked goes in the body".to_owned());
        }
        let secrets = vec![password.reveal().to_owned()];
        Ok(Self {
            outgoing: Outgoing::new(patience.answer, table.ca_file.as_deref(), secrets)?,
            url,
            user: table.user.clone(),
            password,
            source,
            names: table.names.clone(),
            confirm: table.confirm.unwrap_or(Confirm::Answer),
            patience,
        })
    }

    pub const fn patience(&self) -> Patience {
        self.patience
    }

    pub fn is_readable_on_its_way(&self) -> bool {
        is_readable_on_its_way(&self.url)
    }

    pub async fn ask(&self, order: &Order) -> DialerAnswer {
        let name = self.names.get(&order.campaign).map_or(order.campaign.as_str(), String::as_str);
        if let Err(why) = checked_name(name) {
            return DialerAnswer::NotReached(format_smolstr!(
                "`{}`: {why}; name it under `names`",
                self.outgoing.told(name)
            ));
        }
        let active = match order.action {
            Action::Pause => "N",
            Action::Resume => "Y",
        };
        let update = [("function", "update_campaign"), ("campaign_id", name), ("active", active)];
        let heard = match self.outgoing.send(self.request(&update)).await {
            Ok(heard) => heard,
            Err(answer) => return answer,
        };
        if !heard.status.is_success() {
            return self.outgoing.refused(&heard);
        }
        match said(&heard.text, "SUCCESS: update_campaign CAMPAIGN HAS BEEN UPDATED") {
            Said::No(line) => DialerAnswer::Refused(SmolStr::new(self.outgoing.told(line))),
            Said::Nothing => {
                DialerAnswer::NoAnswer(SmolStr::new_static("VICIdial answered with none of its API's lines"))
            }
            Said::Success => match self.confirm {
                Confirm::Event => word_of(Confirm::Event),
                Confirm::Answer => self.read_back(name, order.action).await,
            },
        }
    }

    /// That it was updated says that somebody wrote it; how it stands now is VICIdial's word.
    async fn read_back(&self, name: &str, action: Action) -> DialerAnswer {
        let list = [("function", "campaigns_list"), ("campaign_id", name), ("stage", "tab"), ("header", "YES")];
        let untold = |why: &str| DialerAnswer::Taken {
            note: Some(format_smolstr!("VICIdial took the request, but how the campaign stands can't be read: {why}")),
        };
        let heard = match self.outgoing.send(self.request(&list)).await {
            Ok(heard) => heard,
            Err(DialerAnswer::NotReached(why) | DialerAnswer::NoAnswer(why) | DialerAnswer::Refused(why)) => {
                return untold(&why);
            }
            Err(DialerAnswer::Confirmed | DialerAnswer::Taken { .. }) => return untold("no answer"),
        };
        match (is_active(&heard.text, name), action) {
            (Some(false), Action::Pause) | (Some(true), Action::Resume) => DialerAnswer::Confirmed,
            (Some(true), Action::Pause) => {
                DialerAnswer::Refused(SmolStr::new_static("VICIdial took the request, and still says active=Y"))
            }
            (Some(false), Action::Resume) => {
                DialerAnswer::Refused(SmolStr::new_static("VICIdial took the request, and still says active=N"))
            }
            (None, _) => match said(&heard.text, "SUCCESS:") {
                Said::No(line) => untold(&self.outgoing.told(line)),
                Said::Success | Said::Nothing => untold("campaigns_list does not show it"),
            },
        }
    }

    fn request(&self, fields: &[(&str, &str)]) -> Request {
        let ours = [("source", self.source.as_str()), ("user", &self.user), ("pass", self.password.reveal())];
        let pairs: Vec<String> = ours
            .iter()
            .chain(fields)
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        let mut request = Request::new(Method::POST, self.url.clone());
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(CONTENT_TYPE, form);
        *request.body_mut() = Some(pairs.join("&").into());
        request
    }
}

/// VICIdial's ids of campaigns have two to eight letters and digits.
fn checked_name(name: &str) -> Result<(), &'static str> {
    let fits = (2..=8).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    if fits { Ok(()) } else { Err("VICIdial's campaign ids have 2 to 8 letters and digits") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPDATED: &str = "SUCCESS: update_campaign CAMPAIGN HAS BEEN UPDATED";

    #[test]
    fn an_answers_lines_are_read_wherever_they_stand() {
        assert_eq!(
            said("SUCCESS: update_campaign CAMPAIGN HAS BEEN UPDATED - opsapi|SPRING24\n", UPDATED),
            Said::Success
        );
        assert_eq!(
            said("\n\nWarning: mysqli\n SUCCESS: update_campaign CAMPAIGN HAS BEEN UPDATED - 6666|1101", UPDATED),
            Said::Success
        );
        let no = "ERROR: update_campaign CAMPAIGN DOES NOT EXIST - opsapi|NOPE";
        assert_eq!(said(no, UPDATED), Said::No(no));
        let notice = "NOTICE: update_campaign NO UPDATES DEFINED - opsapi|";
        assert_eq!(said(notice, UPDATED), Said::No(notice));
        assert_eq!(said("SUCCESS: external_pause function set - PAUSE|1795219300|1042", UPDATED), Said::Nothing);
        assert_eq!(said("<html>Fatal error</html>", UPDATED), Said::Nothing);
    }

    #[test]
    fn how_a_campaign_stands_is_read_by_the_header() {
        let list = "\ncampaign_id\tcampaign_name\tactive\tuser_group\nSPRING24\tSpring | Renewals\tY\t---ALL---\nWINBACK\tWinback UK\tN\t---ALL---\n";
        assert_eq!((is_active(list, "SPRING24"), is_active(list, "WINBACK")), (Some(true), Some(false)));
        assert_eq!(is_active(list, "NOPE"), None);
        assert_eq!(is_active("ERROR: campaigns_list USER DOES NOT HAVE PERMISSION", "SPRING24"), None);
    }
}
