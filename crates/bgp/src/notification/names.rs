//! The names of error codes and subcodes (RFC 4271 §4.5, RFC 4486, RFC 6608, RFC 7313, RFC 8538, RFC 9003, RFC 9234,
//! RFC 9384, RFC 9687), spelled as programs that read events know them.

/// The name of an error code.
pub(super) fn code(code: u8) -> &'static str {
    match code {
        1 => "Message header error",
        2 => "OPEN message error",
        3 => "UPDATE message error",
        4 => "Hold timer expired",
        5 => "State machine error",
        6 => "Cease",
        7 => "ROUTE-REFRESH message error",
        8 => "Send hold timer expired",
        _ => "unknown error",
    }
}

/// The name of an error subcode.
pub(super) fn subcode(code: u8, subcode: u8) -> &'static str {
    match SUBCODES.iter().find(|row| row.0 == code && row.1 == subcode) {
        Some((_, _, name)) => name,
        None if subcode == 0 => "Unspecific",
        None => "unknown reason",
    }
}

const SUBCODES: &[(u8, u8, &str)] = &[
    (1, 1, "Connection Not Synchronized"),
    (1, 2, "Bad Message Length"),
    (1, 3, "Bad Message Type"),
    (2, 1, "Unsupported Version Number"),
    (2, 2, "Bad Peer AS"),
    (2, 3, "Bad BGP Identifier"),
    (2, 4, "Unsupported Optional Parameter"),
    (2, 5, "Authentication Notification (Deprecated)"),
    (2, 6, "Unacceptable Hold Time"),
    (2, 7, "Unsupported Capability"),
    (2, 8, "Grouping Conflict"),
    (2, 9, "Grouping Required"),
    (2, 10, "Capability Value Mismatch"),
    (2, 11, "Role Mismatch"),
    (3, 1, "Malformed Attribute List"),
    (3, 2, "Unrecognized Well-known Attribute"),
    (3, 3, "Missing Well-known Attribute"),
    (3, 4, "Attribute Flags Error"),
    (3, 5, "Attribute Length Error"),
    (3, 6, "Invalid ORIGIN Attribute"),
    (3, 7, "AS Routing Loop"),
    (3, 8, "Invalid NEXT_HOP Attribute"),
    (3, 9, "Optional Attribute Error"),
    (3, 10, "Invalid Network Field"),
    (3, 11, "Malformed AS_PATH"),
    (5, 1, "Receive Unexpected Message in OpenSent State"),
    (5, 2, "Receive Unexpected Message in OpenConfirm State"),
    (5, 3, "Receive Unexpected Message in Established State"),
    (6, 1, "Maximum Number of Prefixes Reached"),
    (6, 2, "Administrative Shutdown"),
    (6, 3, "Peer De-configured"),
    (6, 4, "Administrative Reset"),
    (6, 5, "Connection Rejected"),
    (6, 6, "Other Configuration Change"),
    (6, 7, "Connection Collision Resolution"),
    (6, 8, "Out of Resources"),
    (6, 9, "Hard Reset"),
    (6, 10, "BFD Down"),
    (7, 1, "Invalid Message Length"),
    (7, 2, "Malformed Message Subtype"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_name() {
        assert_eq!((code(4), subcode(4, 0)), ("Hold timer expired", "Unspecific"));
        assert_eq!((code(99), subcode(99, 1)), ("unknown error", "unknown reason"));
        assert!(SUBCODES.is_sorted_by_key(|row| (row.0, row.1)));
    }
}
