//! The table of commands: grammar, help and reference are walks over it.

use super::{Ask, Parsed, Result, control, group, routes, show};

/// A row of [`COMMANDS`].
pub struct CommandSpec {
    /// The words of the action-first grammar; empty if it has none.
    pub action: &'static str,
    /// The words of the target-first grammar, without `peer SELECTOR`; empty if it has none.
    pub target: &'static str,
    /// What follows them.
    pub arguments: &'static str,
    /// One line for help.
    pub doc: &'static str,
    /// A line that is accepted.
    pub example: &'static str,
    /// The first generation of programs that knows it.
    pub since: u8,
    /// `neighbor …` or `peer …` may stand in front.
    pub selects: bool,
    pub(super) parse: Parse,
}

/// What understands the words behind those of the row.
pub(super) type Parse = fn(&mut Ask<'_, '_>) -> Result<Parsed>;

/// Every command. To add one: a function in the room of its noun, and a row here.
pub static COMMANDS: &[CommandSpec] = ROWS;

const fn row(
    [action, target, arguments]: [&'static str; 3],
    doc: &'static str,
    example: &'static str,
    since: u8,
    selects: bool,
    parse: Parse,
) -> CommandSpec {
    CommandSpec { action, target, arguments, doc, example, since, selects, parse }
}

const ROUTE: &str = "PREFIX next-hop IP|self [ATTRIBUTE VALUE]…";
const GONE: &str = "PREFIX [next-hop IP] [ATTRIBUTE VALUE]…";
const SHARED: &str = "[ATTRIBUTE VALUE]… nlri PREFIX…";
const OF_FAMILY: &str = "SAFI NLRI [ATTRIBUTE VALUE]…";
const RULE: &str = "{ match { … } then { … } } | WORD VALUE…";
const SITE: &str = "rd RD endpoint N base N offset N size N next-hop IP|self [ATTRIBUTE VALUE]…";
const LISTING: &str = "[extensive] [IP] [inet|flow|l2vpn] [json]";
const DETAIL: &str = "[summary|extensive|configuration] [IP] [json]";

#[rustfmt::skip] // two lines a row
const ROWS: &[CommandSpec] = &[
    row(["announce route", "announce route", ROUTE], "announce a route",
        "announce route 10.0.0.0/24 next-hop 192.0.2.1 med 5", 4, true, routes::announce_route),
    row(["announce attributes", "announce attributes", SHARED], "announce routes that share their attributes",
        "announce attributes next-hop self nlri 10.0.0.0/24 10.0.1.0/24", 4, true, routes::announce_attributes),
    row(["announce attribute", "announce attribute", SHARED], "announce routes that share their attributes",
        "announce attribute next-hop self nlri 10.0.0.0/24", 4, true, routes::announce_attributes),
    row(["announce ipv4", "announce ipv4", OF_FAMILY], "announce a route of an IPv4 family",
        "announce ipv4 unicast 10.0.0.0/24 next-hop self", 5, true, routes::announce_family),
    row(["announce ipv6", "announce ipv6", OF_FAMILY], "announce a route of an IPv6 family",
        "announce ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1", 5, true, routes::announce_family),
    row(["announce l2vpn", "announce l2vpn", OF_FAMILY], "announce a layer 2 VPN route",
        "announce l2vpn evpn mac-ip rd 65000:1 mac 00:11:22:33:44:55 ip 10.0.0.1 label 100 next-hop self", 6, true, routes::announce_family),
    row(["announce bgp-ls", "announce bgp-ls", OF_FAMILY], "announce a link-state route",
        "announce bgp-ls safi-99 raw 0x0102 next-hop 192.0.2.1", 6, true, routes::announce_family),
    row(["announce opaque", "announce opaque", OF_FAMILY], "announce a key and its value",
        "announce opaque key-value key 0x6B6579 value 0x0102 next-hop 192.0.2.1", 6, true, routes::announce_family),
    row(["announce afi-N", "announce afi-N", OF_FAMILY], "announce a route of any family, as octets",
        "announce afi-99 safi-5 raw 0x0102 next-hop 192.0.2.1", 6, true, routes::announce_family),
    row(["announce flow route", "announce flow route", RULE], "announce a FlowSpec rule",
        "announce flow route { match { destination 192.0.2.0/24; } then { discard; } }", 4, true, routes::announce_flow),
    row(["announce vpls", "announce vpls", SITE], "announce a VPLS site",
        "announce vpls rd 65000:1 endpoint 5 base 100 offset 1 size 8 next-hop self", 4, true, routes::announce_vpls),
    row(["announce eor", "announce eor", "[AFI SAFI]"], "send an End-of-RIB",
        "announce eor ipv4 unicast", 4, true, routes::end_of_rib),
    row(["announce route-refresh", "announce route-refresh", "AFI SAFI"], "ask the peer to send a family again",
        "announce route-refresh ipv4 unicast", 4, true, routes::route_refresh),
    row(["announce operational", "announce operational", "TYPE afi AFI safi SAFI …"], "send an operational message",
        "announce operational asm afi ipv4 safi unicast advisory \"back at noon\"", 4, true, routes::operational),
    row(["announce watchdog", "announce watchdog", "[NAME]"], "announce the routes that wait for a watchdog",
        "announce watchdog dnsr", 4, true, routes::announce_watchdog),
    row(["withdraw route", "withdraw route", GONE], "withdraw a route",
        "withdraw route 10.0.0.0/24", 4, true, routes::withdraw_route),
    row(["withdraw attributes", "withdraw attributes", SHARED], "withdraw routes",
        "withdraw attributes next-hop self nlri 10.0.0.0/24", 4, true, routes::withdraw_attributes),
    row(["withdraw attribute", "withdraw attribute", SHARED], "withdraw routes",
        "withdraw attribute next-hop self nlri 10.0.0.0/24", 5, true, routes::withdraw_attributes),
    row(["withdraw ipv4", "withdraw ipv4", OF_FAMILY], "withdraw a route of an IPv4 family",
        "withdraw ipv4 unicast 10.0.0.0/24", 5, true, routes::withdraw_family),
    row(["withdraw ipv6", "withdraw ipv6", OF_FAMILY], "withdraw a route of an IPv6 family",
        "withdraw ipv6 unicast 2001:db8::/32", 5, true, routes::withdraw_family),
    row(["withdraw l2vpn", "withdraw l2vpn", OF_FAMILY], "withdraw a layer 2 VPN route",
        "withdraw l2vpn evpn mac-ip rd 65000:1 mac 00:11:22:33:44:55 ip 10.0.0.1", 6, true, routes::withdraw_family),
    row(["withdraw bgp-ls", "withdraw bgp-ls", OF_FAMILY], "withdraw a link-state route",
        "withdraw bgp-ls safi-99 raw 0x0102", 6, true, routes::withdraw_family),
    row(["withdraw opaque", "withdraw opaque", OF_FAMILY], "withdraw a key",
        "withdraw opaque key-value key 0x6B6579", 6, true, routes::withdraw_family),
    row(["withdraw afi-N", "withdraw afi-N", OF_FAMILY], "withdraw a route of any family, as octets",
        "withdraw afi-99 safi-5 raw 0x0102", 6, true, routes::withdraw_family),
    row(["withdraw flow route", "withdraw flow route", RULE], "withdraw a FlowSpec rule",
        "withdraw flow route { match { destination 192.0.2.0/24; } }", 4, true, routes::withdraw_flow),
    row(["withdraw vpls", "withdraw vpls", SITE], "withdraw a VPLS site",
        "withdraw vpls rd 65000:1 endpoint 5 base 100 offset 1 size 8", 4, true, routes::withdraw_vpls),
    row(["withdraw watchdog", "withdraw watchdog", "[NAME]"], "withdraw the routes of a watchdog",
        "withdraw watchdog dnsr", 4, true, routes::withdraw_watchdog),
    row(["", "group", "[attributes ATTRIBUTE VALUE… ;] COMMAND ; COMMAND …"], "announce and withdraw together",
        "peer * group announce route 10.0.0.0/24 next-hop self ; withdraw route 10.0.1.0/24", 6, true, group::inline),
    row(["group start", "group start", ""], "gather the announce and withdraw lines that follow",
        "group start", 6, false, group::start),
    row(["group end", "group end", ""], "apply what was gathered",
        "group end", 6, false, group::end),
    row(["teardown", "teardown", "SUBCODE [TEXT]"], "end sessions with a Cease; they come back",
        "teardown 4", 4, true, control::teardown),
    row(["show neighbor", "show", DETAIL], "describe neighbours",
        "show neighbor summary", 4, true, show::neighbors),
    row(["", "peer show", DETAIL], "describe neighbours",
        "peer show summary", 6, false, show::neighbors),
    row(["", "peer list", ""], "list neighbours and their states",
        "peer list", 6, false, show::list),
    row(["show adj-rib in", "rib show in", LISTING], "list received routes",
        "show adj-rib in", 4, true, show::adj_rib_in),
    row(["show adj-rib out", "rib show out", LISTING], "list announced routes",
        "show adj-rib out extensive", 4, true, show::adj_rib_out),
    row(["flush adj-rib out", "rib flush out", ""], "send all announced routes again",
        "flush adj-rib out", 4, true, control::flush),
    row(["clear adj-rib in", "rib clear in", ""], "forget received routes",
        "clear adj-rib in", 4, true, control::clear_in),
    row(["clear adj-rib out", "rib clear out", ""], "withdraw all announced routes",
        "clear adj-rib out", 4, true, control::clear_out),
    row(["clear adj-rib", "rib clear", ""], "withdraw all announced routes",
        "clear adj-rib", 4, true, control::clear_out),
    row(["shutdown", "daemon shutdown", ""], "end the daemon",
        "shutdown", 4, false, control::shutdown),
    row(["reload", "daemon reload", ""], "read the configuration again",
        "reload", 4, false, control::reload),
    row(["restart", "daemon restart", ""], "read the configuration again and start all sessions anew",
        "restart", 4, false, control::restart),
    row(["status", "daemon status", ""], "describe the daemon",
        "status", 6, false, show::status),
    row(["version", "system version", ""], "say the version",
        "version", 4, false, control::version),
    row(["help", "system help", ""], "list the commands",
        "help", 4, false, control::help),
    row(["api version", "system api version", "[4|5|6]"], "say or choose the API version",
        "api version", 6, false, control::api_version),
    row(["queue-status", "system queue-status", ""], "say what is queued for helpers",
        "queue-status", 6, false, control::queue_status),
    row(["crash", "system crash", ""], "refused: kept because programs test it",
        "crash", 4, false, control::crash),
    row(["enable-ack", "session ack enable", ""], "answer commands with done or error",
        "enable-ack", 5, false, control::enable_ack),
    row(["disable-ack", "session ack disable", ""], "answer this one, and no more",
        "disable-ack", 5, false, control::disable_ack),
    row(["silence-ack", "session ack silence", ""], "no more answers, not even to this",
        "silence-ack", 5, false, control::silence_ack),
    row(["enable-sync", "session sync enable", ""], "accepted; commands are applied in order in any case",
        "enable-sync", 6, false, control::accepted),
    row(["disable-sync", "session sync disable", ""], "accepted; commands are applied in order in any case",
        "disable-sync", 6, false, control::accepted),
    row(["ping", "session ping", "[UUID START] [text]"], "say that we are alive",
        "ping", 6, false, control::ping),
    row(["bye", "session bye", "[UUID]"], "say goodbye",
        "bye", 6, false, control::accepted),
    row(["reset", "session reset", ""], "drop commands not yet carried out: an open group",
        "reset", 4, false, control::reset),
];

/// For each octet, the rows one of whose forms starts with it: a line is compared with few rows.
#[allow(clippy::indexing_slicing)] // while compiling, where a wrong index is an error
static STARTS: [u128; 128] = {
    assert!(ROWS.len() <= 128, "one bit for each row");
    let mut starts = [0; 128];
    let mut at = 0;
    while at < ROWS.len() {
        let forms = [ROWS[at].action.as_bytes(), ROWS[at].target.as_bytes()];
        let mut form = 0;
        while form < forms.len() {
            if !forms[form].is_empty() {
                starts[forms[form][0] as usize] |= 1 << at;
            }
            form += 1;
        }
        at += 1;
    }
    starts
};

/// The rows with a form that starts like `word`.
pub(super) fn starting_like(word: &str) -> impl Iterator<Item = &'static CommandSpec> {
    let first = word.bytes().next().unwrap_or(0);
    let mut rows = STARTS.get(usize::from(first)).copied().unwrap_or(0);
    std::iter::from_fn(move || {
        let at = usize::try_from(rows.trailing_zeros()).ok().filter(|_| rows != 0)?;
        rows &= rows - 1;
        COMMANDS.get(at)
    })
}
