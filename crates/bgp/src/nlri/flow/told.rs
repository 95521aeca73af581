//! A rule for whoever wants to see its fields.

use super::component::by_number;
use super::rule::{Match, Rule, content};
use super::show;
use crate::family::Family;
use crate::read::Reader;
use crate::trace::Meaning;
use crate::value::Rd;

/// Reads the fields of an NLRI for the reader's trace. What is no rule is left as it is.
pub(super) fn fields(family: Family, nlri: Reader<'_>) {
    let Ok(rule) = Rule::read(family, nlri.rest()) else { return };
    let mut r = nlri.behind(nlri.len() - content(nlri.rest()).len());
    if rule.rd.is_some() && Rd::read(&mut r).is_err() {
        return;
    }
    while !r.is_empty() {
        let start = r;
        let Ok(number) = r.u8("component type") else { return };
        let Some(component) = by_number(rule.afi, number) else { return };
        r.says(|| component.name(rule.afi));
        let Ok(value) = rule.value(component, &mut r) else { return };
        r.whole(&start, |_| {
            let mut meaning = Meaning::named("component");
            show::component(rule.afi, &Match { component, value }, show::Manner::Event, &mut meaning.words);
            meaning
        });
    }
}
