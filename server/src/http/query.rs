//! The query parameters of reading: known names only, each error with its parameter.

use super::error::ApiError;
use crate::access::principal::Principal;
use crate::figures::history::{DEFAULT_TREND_DAYS, trend_days};
use crate::figures::page::{Field, ORDERS, Page, Way};
use crate::kit::mask::Veil;
use crate::kit::nearest::did_you_mean;
pub use crate::store::read::MAX_ROWS;
use app::domain::{Audience, CampaignId, CampaignScope, Dimension, IdError, Moment, Window};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{Extensions, Uri};
use chrono::{Datelike, NaiveDate};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Years that a date may lie in; days that have not begun are refused by name.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9_999;

/// A moment in RFC 3339. A `+` of its offset that was not escaped came as a space.
///
/// # Errors
/// If it is none; `parameter` is where it stood.
pub fn moment(parameter: &'static str, text: &str) -> Result<Moment, ApiError> {
    Moment::parse(&text.replace(' ', "+")).map_err(|e| ApiError::Query { parameter, why: e.to_string() })
}

/// # Errors
/// If it is no date, or not written as one.
pub fn date(text: &str) -> Result<NaiveDate, ApiError> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    date.filter(|date| YEARS.contains(&date.year()) && date.to_string() == text)
        .ok_or_else(|| ApiError::Query { parameter: "date", why: format!("`{text}` is no date (like 2026-11-21)") })
}

/// # Errors
/// If the trend view has no such number of days.
pub fn days(text: &str) -> Result<u32, ApiError> {
    trend_days(text)
        .ok_or_else(|| ApiError::Query { parameter: "days", why: format!("`{text}` is none; there are 7, 30, 90") })
}

/// Parameters that name something: what they were shown masked is taken back.
const CAMPAIGN: &str = "campaign";
const NAMES: [&str; 2] = ["key", CAMPAIGN];

/// Bytes of one parameter; the longest there is holds an id with what hides it.
const MAX_PARAMETER: usize = 1_024;

/// Campaigns of one question at most: what is kept is read for each.
pub const MAX_CAMPAIGNS: usize = 64;

/// The parameters of one request, as they came, and what who asks may see.
#[derive(Debug)]
pub struct Params {
    pairs: Vec<(String, String)>,
    asker: Audience,
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut pairs = Vec::new();
        for pair in parts.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let read = read(pair)?;
            match pair.split_once('=').filter(|_| read.iter().any(|(name, _)| name == CAMPAIGN)) {
                // Parted before it is read, so that an escaped comma stays part of a name.
                Some((name, campaigns)) => {
                    for campaign in campaigns.split(',') {
                        pairs.extend(self::read(&format!("{name}={campaign}"))?);
                    }
                }
                None => pairs.extend(read),
            }
        }
        if pairs.iter().any(|(name, value)| name.len().max(value.len()) > MAX_PARAMETER) {
            let why = format!("a parameter has more than {MAX_PARAMETER} bytes");
            return Err(ApiError::Query { parameter: "query", why });
        }
        if let Some(veil) = parts.extensions.get::<Veil>() {
            for (_, value) in pairs.iter_mut().filter(|(name, _)| NAMES.contains(&name.as_str())) {
                if let Some(named) = veil.lifted(value) {
                    *value = named.into();
                }
            }
        }
        Ok(Self { pairs, asker: audience_of(&parts.extensions) })
    }
}

/// What who asks may see. The door finds who it is for every route; without it there is nobody to show anything to.
#[must_use]
pub fn audience_of(extensions: &Extensions) -> Audience {
    let nobody = || Audience { scope: CampaignScope::Of(BTreeSet::new()), ..Audience::default() };
    extensions.get::<Principal>().map_or_else(nobody, Principal::audience)
}

/// A pair as it stands in an address.
fn read(pair: &str) -> Result<Vec<(String, String)>, ApiError> {
    let wrong = |why: String| ApiError::Query { parameter: "query", why };
    let address: Uri = format!("/?{pair}").parse().map_err(|_| wrong("is no part of an address".to_owned()))?;
    let Query(read) = Query::try_from_uri(&address).map_err(|e| wrong(e.body_text()))?;
    Ok(read)
}

/// An id in an address; of one that was shown masked what it stands for.
///
/// # Errors
/// If it is none.
pub fn campaign_of(id: &str, veil: &Veil) -> Result<CampaignId, IdError> {
    CampaignId::new(&veil.lifted(id).unwrap_or_else(|| id.into()))
}

/// The one campaign of a scope, or none of all.
///
/// # Errors
/// If it holds several, or none.
pub fn one_or_all(scope: &CampaignScope) -> Result<Option<CampaignId>, ApiError> {
    let CampaignScope::Of(campaigns) = scope else { return Ok(None) };
    match (campaigns.len(), campaigns.first()) {
        (1, Some(campaign)) => Ok(Some(campaign.clone())),
        (0, _) | (_, None) => Err(ApiError::Forbidden("this key may not see the campaigns asked for".to_owned())),
        (_, Some(_)) => {
            let why = "names several campaigns, and this is of one or of all".to_owned();
            Err(ApiError::Query { parameter: CAMPAIGN, why })
        }
    }
}

impl Params {
    #[cfg(test)]
    pub(crate) const fn of(pairs: Vec<(String, String)>) -> Self {
        Self { pairs, asker: Audience { scope: CampaignScope::All, sight: app::domain::Sight::Masked } }
    }

    /// # Errors
    /// If a parameter is none of `known`, or comes twice; campaigns may, see [`Self::scope`].
    pub fn only(self, known: &'static [&'static str]) -> Result<Self, ApiError> {
        for (i, (name, _)) in self.pairs.iter().enumerate() {
            let Some(parameter) = known.iter().find(|k| *k == name) else {
                let why = format!("`{name}` is unknown{}", did_you_mean(name, known));
                return Err(ApiError::Query { parameter: "query", why });
            };
            if name != CAMPAIGN && self.pairs[..i].iter().any(|(before, _)| before == name) {
                return Err(ApiError::Query { parameter, why: "is given twice".to_owned() });
            }
        }
        Ok(self)
    }

    /// A parameter that is given and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    /// # Errors
    /// If it is no dimension.
    pub fn by(&self) -> Result<Option<Dimension>, ApiError> {
        self.word("by", Dimension::from_word, || Dimension::ALL.iter().map(|d| d.word()).collect())
    }

    /// # Errors
    /// If it is no window.
    pub fn window(&self) -> Result<Option<Window>, ApiError> {
        self.word("window", Window::from_word, || Window::ALL.iter().map(|w| w.word()).collect())
    }

    /// # Errors
    /// If it is none of the words.
    pub fn word<T>(
        &self,
        parameter: &'static str,
        read: impl Fn(&str) -> Option<T>,
        known: impl Fn() -> Vec<&'static str>,
    ) -> Result<Option<T>, ApiError> {
        self.get(parameter)
            .map(|word| {
                read(word).ok_or_else(|| ApiError::Query {
                    parameter,
                    why: format!("`{word}` is none; there are {}", known().join(", ")),
                })
            })
            .transpose()
    }

    /// The campaigns that are asked for, as far as who asks may see them: `campaign=X`, `campaign=X,Y`, or the parameter
    /// repeated; all of them where none is named.
    ///
    /// # Errors
    /// If one is no id, or there are more than [`MAX_CAMPAIGNS`].
    pub fn scope(&self) -> Result<CampaignScope, ApiError> {
        let wrong = |why: String| ApiError::Query { parameter: CAMPAIGN, why };
        let named = self.pairs.iter().filter(|(name, id)| name == CAMPAIGN && !id.is_empty());
        let named: BTreeSet<CampaignId> =
            named.map(|(_, id)| CampaignId::new(id).map_err(|e| wrong(e.to_string()))).collect::<Result<_, _>>()?;
        if named.len() > MAX_CAMPAIGNS {
            return Err(wrong(format!("names {} campaigns, and may name {MAX_CAMPAIGNS}", named.len())));
        }
        let asked = if named.is_empty() { CampaignScope::All } else { CampaignScope::Of(named) };
        Ok(asked.within(&self.asker.scope))
    }

    /// What who asks may see, whatever is asked for.
    #[must_use]
    pub const fn asker(&self) -> &Audience {
        &self.asker
    }

    /// What who asks may see of what is asked for.
    ///
    /// # Errors
    /// See [`Self::scope`].
    pub fn audience(&self) -> Result<Audience, ApiError> {
        Ok(Audience { scope: self.scope()?, sight: self.asker.sight })
    }

    /// The one campaign that is asked for, where several can't be.
    ///
    /// # Errors
    /// If it is no id, there are several, or who asks may see neither it nor all.
    pub fn campaign(&self) -> Result<Option<CampaignId>, ApiError> {
        one_or_all(&self.scope()?)
    }

    /// # Errors
    /// If it is no moment.
    pub fn moment(&self, parameter: &'static str) -> Result<Option<Moment>, ApiError> {
        self.get(parameter).map(|text| moment(parameter, text)).transpose()
    }

    /// # Errors
    /// If it is no date.
    pub fn date(&self) -> Result<Option<NaiveDate>, ApiError> {
        self.get("date").map(date).transpose()
    }

    /// Of the trend view.
    ///
    /// # Errors
    /// If there is no such number of days.
    pub fn days(&self) -> Result<u32, ApiError> {
        self.get("days").map_or(Ok(DEFAULT_TREND_DAYS), days)
    }

    /// The key asked for; present and empty is the key of calls that name none.
    #[must_use]
    pub fn key(&self, by: Dimension) -> Option<SmolStr> {
        let value = self.pairs.iter().find(|(name, _)| name == "key").map(|(_, v)| v.as_str())?;
        // A `+` that was not escaped came as a space.
        match (by, value.strip_prefix(' ')) {
            (Dimension::Did, Some(digits)) => Some(SmolStr::new(format!("+{digits}"))),
            _ => Some(SmolStr::new(value)),
        }
    }

    /// How rows are ordered, and which of them.
    ///
    /// # Errors
    /// If a parameter can't be read.
    pub fn page(&self) -> Result<Page, ApiError> {
        let order = self.get("order").unwrap_or("key");
        let (way, name) = order.strip_prefix('-').map_or((Way::Up, order), |name| (Way::Down, name));
        let field = match name {
            "key" => Field::Key,
            "value" => Field::Value,
            "denominator" => Field::Denominator,
            _ => {
                let why = format!("`{order}` is none; there are {}", ORDERS.join(", "));
                return Err(ApiError::Query { parameter: "order", why });
            }
        };
        let skip = match self.get("cursor") {
            None => 0,
            Some(cursor) => cursor.parse().map_err(|_| ApiError::Query {
                parameter: "cursor",
                why: "is not the `next_cursor` of an answer".to_owned(),
            })?,
        };
        Ok(Page { field, way, limit: self.limit(MAX_ROWS)?, skip })
    }

    /// # Errors
    /// If it is no number from 1 to [`MAX_ROWS`].
    pub fn limit(&self, default: usize) -> Result<usize, ApiError> {
        let Some(text) = self.get("limit") else { return Ok(default) };
        text.parse().ok().filter(|n| (1..=MAX_ROWS).contains(n)).ok_or_else(|| ApiError::Query {
            parameter: "limit",
            why: format!("`{text}` is not a number from 1 to {MAX_ROWS}"),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::access::principal::{PrincipalKind, Role};
    use axum::http::Request;

    fn params(pairs: &[(&str, &str)]) -> Params {
        Params::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn mistakes_name_their_parameter() {
        let known: &[&str] = &["by", "window"];
        let unknown = params(&[("windw", "5m")]).only(known).unwrap_err().to_string();
        assert_eq!(unknown, "`query`: `windw` is unknown; did you mean `window`?");
        assert_eq!(params(&[("by", "a"), ("by", "b")]).only(known).unwrap_err().to_string(), "`by`: is given twice");
        let by = params(&[("by", "route ")]).by().unwrap_err().to_string();
        assert!(by.starts_with("`by`: `route ` is none; there are total, campaign, route"));
        for limit in ["0", "1001", "-1", "x"] {
            assert!(params(&[("limit", limit)]).limit(1_000).is_err(), "{limit}");
        }
    }

    async fn asked(address: &str, may_see: CampaignScope) -> Result<Params, ApiError> {
        let principal = Principal { scope: may_see, ..Principal::new(PrincipalKind::Anybody, Role::READER) };
        let request = Request::get(address).extension(principal).body(()).unwrap();
        Params::from_request_parts(&mut request.into_parts().0, &()).await
    }

    #[tokio::test]
    async fn campaigns_are_a_set_and_an_escaped_comma_is_part_of_a_name() {
        let of = |names: &[&str]| names.iter().map(|name| CampaignId::new(name).unwrap()).collect::<CampaignScope>();
        for (query, scope) in [
            ("", CampaignScope::All),
            ("?by=total", CampaignScope::All),
            ("?campaign=", CampaignScope::All),
            ("?campaign=spring", of(&["spring"])),
            ("?campaign=spring,autumn&by=total", of(&["autumn", "spring"])),
            ("?campaign=spring&campaign=autumn&campaign=spring", of(&["autumn", "spring"])),
            ("?campaign=a%2Cb", of(&["a,b"])),
            ("?c%61mpaign=a,b", of(&["a", "b"])),
            ("?campaign=a+b,c%20d", of(&["a b", "c d"])),
        ] {
            let params = asked(&format!("/api/v1/kpis{query}"), CampaignScope::All).await.unwrap();
            let params = params.only(&["campaign", "by"]).unwrap();
            assert_eq!(params.scope().unwrap(), scope, "{query}");
        }
        let many: Vec<String> = (0..=MAX_CAMPAIGNS).map(|n| format!("c{n}")).collect();
        let many = asked(&format!("/?campaign={}", many.join(",")), CampaignScope::All).await.unwrap();
        let refused = many.scope().unwrap_err().to_string();
        assert_eq!(refused, "`campaign`: names 65 campaigns, and may name 64");
        let several = asked("/?campaign=a,b", CampaignScope::All).await.unwrap().campaign().unwrap_err().to_string();
        assert_eq!(several, "`campaign`: names several campaigns, and this is of one or of all");
    }

    #[tokio::test]
    async fn nobody_is_told_of_more_campaigns_than_they_may_see() {
        let of = |names: &[&'static str]| names.iter().map(|n| CampaignId::trusted(*n)).collect::<CampaignScope>();
        let may = of(&["a", "b"]);
        for (query, seen) in [("/", &["a", "b"][..]), ("/?campaign=b,c", &["b"]), ("/?campaign=c", &[])] {
            assert_eq!(asked(query, may.clone()).await.unwrap().scope().unwrap(), of(seen), "{query}");
        }
        let one = asked("/?campaign=b,c", may.clone()).await.unwrap().campaign().unwrap();
        assert_eq!(one, Some(CampaignId::trusted("b")));
        let none = asked("/?campaign=c", may).await.unwrap().campaign().unwrap_err();
        assert!(matches!(none, ApiError::Forbidden(_)));
        let nobody = Request::get("/").body(()).unwrap();
        let nobody = Params::from_request_parts(&mut nobody.into_parts().0, &()).await.unwrap();
        assert_eq!(nobody.scope().unwrap(), of(&[]), "no door, no figures");
    }

    #[test]
    fn dates_and_days_are_read_alike_everywhere() {
        assert!(date("2026-11-21").is_ok() && params(&[]).date().unwrap().is_none());
        for wrong in ["2026-2-1", "21.11.2026", "1969-12-31", "+12026-01-01", "2026-02-30", "yesterday"] {
            assert!(date(wrong).is_err(), "{wrong}");
        }
        assert_eq!((params(&[]).days().unwrap(), params(&[("days", "7")]).days().unwrap()), (30, 7));
        assert_eq!(days("8").unwrap_err().to_string(), "`days`: `8` is none; there are 7, 30, 90");
    }

    #[test]
    fn an_unescaped_plus_is_understood_where_it_can_be_nothing_else() {
        assert_eq!(params(&[("key", " 12025550142")]).key(Dimension::Did).unwrap(), "+12025550142");
        assert_eq!(params(&[("key", " x")]).key(Dimension::Route).unwrap(), " x");
        assert_eq!(params(&[("key", "")]).key(Dimension::Route).unwrap(), "");
        let at = params(&[("from", "2026-11-21T01:00:00 01:00")]).moment("from").unwrap();
        assert_eq!(at, Some(Moment::parse("2026-11-21T00:00:00Z").unwrap()));
        assert_eq!(params(&[]).key(Dimension::Route), None);
    }
}
