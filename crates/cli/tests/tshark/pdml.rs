//! What a dissector says of packets: a tree of fields for each.

/// A field, or a protocol.
#[derive(Clone, Default, Debug)]
pub struct Field {
    /// Its name: `bgp.type`; empty for a line that is only text.
    pub name: String,
    /// Its value, or the text.
    pub show: String,
    /// The line it has for people.
    pub line: String,
    /// What is below it.
    pub parts: Vec<Field>,
}

impl Field {
    /// It and all that is below, parents first.
    pub fn all(&self) -> Vec<&Field> {
        let mut all = vec![self];
        self.parts.iter().for_each(|part| all.extend(part.all()));
        all
    }
}

/// Reads PDML: for each packet the protocols in it.
pub fn packets(text: &str) -> Vec<Vec<Field>> {
    let mut packets = Vec::new();
    let mut open: Vec<Field> = Vec::new();
    // a value may have ends of lines in it
    for line in text.split_inclusive(">\n").map(str::trim) {
        if line.starts_with("<packet>") {
            open = vec![Field::default()];
        } else if line.starts_with("<field ") || line.starts_with("<proto ") {
            let field = Field {
                name: attribute(line, "name"),
                show: attribute(line, "show"),
                line: attribute(line, "showname"),
                parts: Vec::new(),
            };
            open.push(field);
            if line.ends_with("/>") {
                close(&mut open);
            }
        } else if line.starts_with("</field>") || line.starts_with("</proto>") {
            close(&mut open);
        } else if line.starts_with("</packet>") {
            packets.push(open.pop().map(|packet| packet.parts).unwrap_or_default());
        }
    }
    packets
}

fn close(open: &mut Vec<Field>) {
    let done = open.pop().unwrap();
    open.last_mut().unwrap().parts.push(done);
}

/// The value of an attribute of XML, ` name="value"`, without its entities.
fn attribute(line: &str, name: &str) -> String {
    let start = format!(" {name}=\"");
    let value = line.split_once(&start).and_then(|(_, rest)| rest.split_once('"')).map_or("", |(value, _)| value);
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&apos;", "'"), ("&amp;", "&")];
    entities.iter().fold(value.to_owned(), |text, (entity, is)| text.replace(entity, is))
}
