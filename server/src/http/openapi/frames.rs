//! The frames and what changes in them, with every member in words: from the types that cross the network.

use app::domain::Fact;
use app::domain::control::{Annotation, Control};
use app::view::daily::{DailyDelta, DailyFrame};
use app::view::live::{LiveDelta, LiveFrame};
use app::view::monitor::{MonitorDelta, MonitorFrame};
use app::view::monitor_campaign::{CampaignDelta, CampaignFrame};
use app::view::problems::ProblemList;
use app::view::trend::{TrendDelta, TrendFrame};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// The schemas, by the types' names.
pub(super) fn schemas() -> Value {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.definitions_path = "/components/schemas".into();
    let mut generator = settings.into_generator();
    macro_rules! of {
        ($($type:ty),* $(,)?) => { $(generator.subschema_for::<$type>();)* };
    }
    of! {
        LiveFrame, LiveDelta, MonitorFrame, MonitorDelta, CampaignFrame, CampaignDelta, DailyFrame, DailyDelta, TrendFrame,
        TrendDelta, ProblemList, Control, Annotation,
    }
    let mut definitions = generator.take_definitions(true);
    definitions.values_mut().for_each(put_into_words);
    say_of_what(&mut definitions);
    Value::Object(definitions)
}

/// The members of a delta are those of the frame, or of the panel, that it is a delta of: so are their words.
fn say_of_what(definitions: &mut Map<String, Value>) {
    let whole = definitions.clone();
    for (name, delta) in definitions {
        let Some(of) = name.strip_suffix("Delta") else { continue };
        let Some(of) = ["Frame", "Panel", ""].iter().find_map(|kind| whole.get(&format!("{of}{kind}"))) else {
            continue;
        };
        let Some(members) = delta["properties"].as_object_mut() else { continue };
        for (member, schema) in members {
            if let (Value::Object(schema), Some(words)) = (schema, of["properties"][member].get("description")) {
                schema.entry("description").or_insert_with(|| words.clone());
            }
        }
    }
}

/// A member that is called like a fact is that fact; and what the words of the code link to, a reader can't follow.
fn put_into_words(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(words)) = members.get_mut("description") {
                *words = words.replace("[`", "`").replace("`]", "`").replace('\n', " ");
            }
            if let Some(Value::Object(properties)) = members.get_mut("properties") {
                properties.iter_mut().for_each(|(name, schema)| name_as_fact(name, schema));
            }
            members.values_mut().for_each(put_into_words);
        }
        Value::Array(items) => items.iter_mut().for_each(put_into_words),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn name_as_fact(name: &str, schema: &mut Value) {
    let fact = Fact::ALL.iter().find(|fact| fact.name() == name);
    if let (Value::Object(schema), Some(fact)) = (schema, fact) {
        schema.entry("description").or_insert_with(|| fact.help().into());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_member_of_every_frame_is_in_words() {
        let all: Map<String, Value> = serde_json::from_value(schemas()).unwrap();
        assert!(all.len() > 60, "{:?}", all.keys());
        let mut bare = Vec::new();
        for (name, schema) in &all {
            for (member, schema) in schema["properties"].as_object().into_iter().flatten() {
                if schema["description"].as_str().is_none_or(str::is_empty) {
                    bare.push(format!("{name}.{member}"));
                }
            }
        }
        assert!(bare.is_empty(), "without words: {bare:?}");
    }
}
