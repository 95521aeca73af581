//! EVPN, MCAST-VPN, MUP and their neighbours in the table: words, octets, JSON and listings of each route type.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use herald_bgp::dialect::Dialect;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::json;
use herald_bgp::nlri::{NextHop, Shown};
use herald_bgp::read::Reader;
use herald_bgp::route::{Purpose, parse_family, words_of};
use herald_bgp::text::{Grammar, Words, hex};

type Numbers = (u16, u8);

const EVPN: Numbers = (25, 70);
const MCAST4: Numbers = (1, 5);
const MCAST6: Numbers = (2, 5);
const MUP4: Numbers = (1, 85);
const MUP6: Numbers = (2, 85);

fn family((afi, safi): Numbers) -> Family {
    Family::new(Afi(afi), Safi(safi))
}

fn read(numbers: Numbers, line: &str, purpose: Purpose) -> Result<String, String> {
    let read = |grammar| {
        let route = parse_family(&mut Words::new(line, 1, grammar), family(numbers), purpose);
        let mut octets = String::new();
        route.map(|route| json::hex(&mut octets, route.nlris.as_slice()[0].nlri())).map_err(|e| e.to_string())?;
        Ok(octets)
    };
    let both = [Grammar::File, Grammar::Line].map(read);
    assert_eq!(both[0], both[1], "{line}");
    both[0].clone()
}

/// Canonical words and octets.
#[rustfmt::skip]
const VECTORS: &[(Numbers, &str, &str)] = &[
    (EVPN, "ethernet-ad rd 65000:1 esi 00:11:22:33:44:55:66:77:88:99 ethernet-tag 4294967295 vni 0", "01190000FDE80000000100112233445566778899FFFFFFFF000000"),
    (EVPN, "ethernet-ad rd 192.0.2.1:1 esi 01:00:11:22:33:44:55:01:02:00 ethernet-tag 5 label 100", "01190001C000020100010100112233445501020000000005000641"),
    (EVPN, "mac-ip rd 192.0.2.1:1 esi - ethernet-tag 100 mac AA:BB:CC:DD:EE:FF label 100", "02210001C00002010001000000000000000000000000006430AABBCCDDEEFF00000641"),
    (EVPN, "mac-ip rd 70000:1 esi 03:00:11:22:33:44:55:00:00:07 ethernet-tag 0 mac 00:11:22:33:44:55 ip 10.0.0.1 vni [ 10010 20020 ]", "02280002000111700001030011223344550000070000000030001122334455200A00000100271A004E34"),
    (EVPN, "mac-ip rd 65000:1 esi - ethernet-tag 0 mac 00:11:22:33:44:55 ip 2001:db8::7 label [ 1000 2000 ]", "02340000FDE8000000010000000000000000000000000000300011223344558020010DB8000000000000000000000007003E80007D01"),
    (EVPN, "multicast rd 192.0.2.1:1 ethernet-tag 100 ip 192.0.2.1", "03110001C000020100010000006420C0000201"),
    (EVPN, "multicast rd 192.0.2.1:1 ethernet-tag 0 ip 2001:db8::1", "031D0001C00002010001000000008020010DB8000000000000000000000001"),
    (EVPN, "ethernet-segment rd 192.0.2.1:0 esi 00:11:22:33:44:55:66:77:88:99 ip 192.0.2.1", "04170001C000020100000011223344556677889920C0000201"),
    (EVPN, "ip-prefix rd 192.0.2.1:1 esi - ethernet-tag 0 prefix 10.0.0.0/24 vni 10010", "05220001C000020100010000000000000000000000000000180A0000000000000000271A"),
    (EVPN, "ip-prefix rd 192.0.2.1:1 esi - ethernet-tag 0 prefix 2001:db8::/32 gateway 2001:db8::9 label 100", "053A0001C0000201000100000000000000000000000000002020010DB800000000000000000000000020010DB8000000000000000000000009000641"),
    (EVPN, "selective-multicast rd 10.0.0.1:1 ethernet-tag 0 group 239.1.1.1 originator 10.0.0.1 flags 2", "061800010A0000010001000000000020EF010101200A00000102"),
    (EVPN, "selective-multicast rd 10.0.0.1:1 ethernet-tag 10 source 10.0.0.9 group 232.1.1.1 originator 10.0.0.1 flags 4", "061C00010A00000100010000000A200A00000920E8010101200A00000104"),
    (EVPN, "membership-report-synch rd 10.0.0.1:1 esi 00:11:22:33:44:55:66:77:88:99 ethernet-tag 10 source 10.0.0.9 group 232.1.1.1 originator 10.0.0.1 flags 4", "072600010A0000010001001122334455667788990000000A200A00000920E8010101200A00000104"),
    (EVPN, "leave-synch rd 10.0.0.1:1 esi 00:11:22:33:44:55:66:77:88:99 ethernet-tag 10 group 239.1.1.1 originator 10.0.0.1 reserved 0 max-response-time 10 flags 2", "082700010A0000010001001122334455667788990000000A0020EF010101200A000001000000000A02"),
    (EVPN, "per-region-i-pmsi rd 10.0.0.1:1 ethernet-tag 10 region-id 0x0009FDE800000000", "091400010A00000100010000000A0009FDE800000000"),
    (EVPN, "s-pmsi rd 10.0.0.1:1 ethernet-tag 10 source 10.0.0.9 group 232.1.1.1 originator 10.0.0.1", "0A1B00010A00000100010000000A200A00000920E8010101200A000001"),
    (EVPN, "leaf route-key 0x031100010A000001000100000064200A000001 originator 10.0.0.2", "0B18031100010A000001000100000064200A000001200A000002"),
    (MCAST4, "intra-as-i-pmsi rd 65000:1 originator 192.0.2.1", "010C0000FDE800000001C0000201"),
    (MCAST6, "intra-as-i-pmsi rd 65000:1 originator 192.0.2.1", "010C0000FDE800000001C0000201"),
    (MCAST4, "inter-as-i-pmsi rd 65000:1 source-as 65001", "020C0000FDE8000000010000FDE9"),
    (MCAST4, "s-pmsi rd 65000:1 source 10.9.0.1 group 239.1.1.1 originator 192.0.2.1", "03160000FDE800000001200A09000120EF010101C0000201"),
    (MCAST4, "s-pmsi rd 65000:1 group 239.1.1.1 originator 192.0.2.1", "03120000FDE8000000010020EF010101C0000201"),
    (MCAST4, "leaf route-key 0x020C0000FDE8000000010000FDE9 originator 192.0.2.2", "0412020C0000FDE8000000010000FDE9C0000202"),
    (MCAST4, "source-ad rd 65000:99999 source 10.99.12.4 group 239.251.255.228", "05120000FDE80001869F200A630C0420EFFBFFE4"),
    (MCAST4, "shared-join rd 65000:99999 source-as 65000 rp 10.99.199.1 group 239.251.255.228", "06160000FDE80001869F0000FDE8200A63C70120EFFBFFE4"),
    (MCAST6, "source-join rd 65000:99999 source-as 65000 source fd12::2 group ff0e::1", "072E0000FDE80001869F0000FDE880FD12000000000000000000000000000280FF0E0000000000000000000000000001"),
    (MUP4, "mup-isd 10.0.1.0/24 rd 100:100", "0100010C0000006400000064180A0001"),
    (MUP4, "mup-dsd 10.0.0.1 rd 100:100", "0100020C00000064000000640A000001"),
    (MUP4, "mup-t1st 192.168.0.1/32 rd 100:100 teid 12345 qfi 9 endpoint 10.0.0.1", "01000317000000640000006420C0A800010000303909200A000001"),
    (MUP4, "mup-t1st 10.10.1.1/32 rd 100:100 teid 12345 qfi 9 endpoint 10.10.2.1 source 10.10.3.1", "0100031C0000006400000064200A0A01010000303909200A0A0201200A0A0301"),
    (MUP4, "mup-t2st 10.0.0.1 rd 100:100 teid 12345/32", "010004110000006400000064400A00000100003039"),
    (MUP4, "mup-t2st 10.0.0.1 rd 100:100 teid 12345/23", "010004100000006400000064370A000001003039"),
    (MUP4, "mup-t2st 10.0.0.1 rd 100:100 teid 0/0", "0100040D0000006400000064200A000001"),
    (MUP6, "mup-isd 2001:db8:c::/48 rd 100:100", "0100010F00000064000000643020010DB8000C"),
    (MUP6, "mup-dsd 2001::1 rd 100:100", "01000218000000640000006420010000000000000000000000000001"),
    (MUP6, "mup-t1st 2001:db8:1:1::2/128 rd 100:100 teid 12345 qfi 9 endpoint 2001::1 source 2002::2", "0100034000000064000000648020010DB8000100010000000000000002000030390980200100000000000000000000000000018020020000000000000000000000000002"),
    (MUP6, "mup-t1st 2001:db8:1:1::2/128 rd 100:100 teid 12345 qfi 9 endpoint 10.0.0.1", "0100032300000064000000648020010DB80001000100000000000000020000303909200A000001"),
    (MUP6, "mup-t2st 2001::1 rd 100:100 teid 12345/32", "0100041D0000006400000064A02001000000000000000000000000000100003039"),
    ((1, 129), "10.1.0.0/16 rd 65000:1", "500000FDE8000000010A01"),
    ((2, 129), "2001:db8::/32 rd 65000:1", "600000FDE80000000120010DB8"),
    ((1, 7), "192.0.2.1", "20C0000201"),
    ((2, 7), "2001:db8::1", "8020010DB8000000000000000000000001"),
    ((16397, 241), "key 0x6B6579 value 0x76616C7565", "00036B657976616C7565"),
];

#[test]
fn words_and_octets() {
    for (numbers, words, octets) in VECTORS {
        let line = format!("{words} next-hop 192.0.2.1");
        assert_eq!(read(*numbers, &line, Purpose::Announce).as_deref(), Ok(*octets), "{words}");
        let mut back = String::new();
        words_of(family(*numbers), None, &hex(octets).unwrap(), &mut back);
        assert_eq!(back, *words);
    }
}

/// What ExaBGP shows of octets, in a listing and as JSON; `RAW` stands for the octets. No listing: words are shown.
#[rustfmt::skip]
const SHOWN: &[(Numbers, &str, &str, &str)] = &[
    (EVPN, "01190001C000020100010011223344556677889900000005000641", "evpn:ethernetad::192.0.2.1:1:00:11:22:33:44:55:66:77:88:99:5: label 100 (1601)", r#"{ "code": 1, "parsed": true, "raw": "RAW", "name": "Ethernet Auto-Discovery", "rd": "192.0.2.1:1", "esi": "00:11:22:33:44:55:66:77:88:99", "ethernet-tag": 5, "label": [ [100, 1601] ] }"#),
    (EVPN, "02210001C00002010001000000000000000000000000006430AABBCCDDEEFF00000641", "evpn:macadv::192.0.2.1:1:-:100:AA:BB:CC:DD:EE:FF/48:: label 100 (1601)", r#"{ "code": 2, "parsed": true, "raw": "RAW", "name": "MAC/IP advertisement", "rd": "192.0.2.1:1", "esi": "-", "ethernet-tag": 100, "mac": "AA:BB:CC:DD:EE:FF", "label": [ [100, 1601] ] }"#),
    (EVPN, "02250001C00002010001000000000000000000000000006430AABBCCDDEEFF200A000001000641", "evpn:macadv::192.0.2.1:1:-:100:AA:BB:CC:DD:EE:FF/48:10.0.0.1: label 100 (1601)", r#"{ "code": 2, "parsed": true, "raw": "RAW", "name": "MAC/IP advertisement", "rd": "192.0.2.1:1", "esi": "-", "ethernet-tag": 100, "mac": "AA:BB:CC:DD:EE:FF", "label": [ [100, 1601] ], "ip": "10.0.0.1" }"#),
    (EVPN, "023400010A00000100010000000000000000000000000000300011223344FF8020010DB8000000000000000000000007003E80007D01", "evpn:macadv::10.0.0.1:1:-:0:00:11:22:33:44:FF/48:2001:db8::7: label 1000 (16000)", r#"{ "code": 2, "parsed": true, "raw": "RAW", "name": "MAC/IP advertisement", "rd": "10.0.0.1:1", "esi": "-", "ethernet-tag": 0, "mac": "00:11:22:33:44:FF", "label": [ [1000, 16000] ], "ip": "2001:db8::7" }"#),
    (EVPN, "03110001C000020100010000006420C0000201", "evpn:multicast::192.0.2.1:1:100:192.0.2.1", r#"{ "code": 3, "parsed": true, "raw": "RAW", "name": "Inclusive Multicast Ethernet Tag", "rd": "192.0.2.1:1", "ethernet-tag": 100, "ip": "192.0.2.1" }"#),
    (EVPN, "04170001C000020100010011223344556677889920C0000201", "evpn:segment::192.0.2.1:1:00:11:22:33:44:55:66:77:88:99:192.0.2.1", r#"{ "code": 4, "parsed": true, "raw": "RAW", "name": "Ethernet Segment", "rd": "192.0.2.1:1", "esi": "00:11:22:33:44:55:66:77:88:99", "ip": "192.0.2.1" }"#),
    (EVPN, "05220001C000020100010000000000000000000000000000180A00000000000000000641", "evpn:prfxadv::192.0.2.1:1:-:0:10.0.0.0/24:0.0.0.0: label 100 (1601)", r#"{ "code": 5, "parsed": true, "raw": "RAW", "name": "IP Prefix Advertisement", "rd": "192.0.2.1:1", "esi": "-", "ethernet-tag": 0, "label": [ [100, 1601] ], "ip": "10.0.0.0", "iplen": 24, "gateway": "0.0.0.0" }"#),
    (EVPN, "053A0001C0000201000100000000000000000000000000002020010DB800000000000000000000000020010DB8000000000000000000000009000641", "evpn:prfxadv::192.0.2.1:1:-:0:2001:db8::/32:2001:db8::9: label 100 (1601)", r#"{ "code": 5, "parsed": true, "raw": "RAW", "name": "IP Prefix Advertisement", "rd": "192.0.2.1:1", "esi": "-", "ethernet-tag": 0, "label": [ [100, 1601] ], "ip": "2001:db8::", "iplen": 32, "gateway": "2001:db8::9" }"#),
    (EVPN, "061800010A0000010001000000000020EF010101200A00000100", "", r#"{ "code": 6, "parsed": false, "raw": "RAW" }"#),
    (EVPN, "0803010203", "evpn:unknown:0x010203", r#"{ "code": 8, "parsed": false, "raw": "RAW" }"#),
    (EVPN, "02210001C00002010001000000000000000000000000006430AABBCCDDEEFF00000000", "evpn:macadv::192.0.2.1:1:-:100:AA:BB:CC:DD:EE:FF/48:: label 0", r#"{ "code": 2, "parsed": true, "raw": "RAW", "name": "MAC/IP advertisement", "rd": "192.0.2.1:1", "esi": "-", "ethernet-tag": 100, "mac": "AA:BB:CC:DD:EE:FF", "label": [ [0] ] }"#),
    (MCAST4, "05120000FDE80001869F200A630C0420EFFBFFE4", "mvpn:sourcead::65000:99999:10.99.12.4:239.251.255.228", r#"{ "code": 5, "parsed": true, "raw": "RAW", "name": "Source Active A-D Route", "rd": "65000:99999", "source": "10.99.12.4", "group": "239.251.255.228"}"#),
    (MCAST4, "06160000FDE80001869F0000FDE8200A63C70120EFFBFFE4", "mvpn:shared-join::65000:99999:65000:10.99.199.1:239.251.255.228", r#"{ "code": 6, "parsed": true, "raw": "RAW", "name": "C-Multicast Shared Tree Join route", "rd": "65000:99999", "source-as": "65000", "source": "10.99.199.1", "group": "239.251.255.228"}"#),
    (MCAST4, "07160000FDE80001869F0000FDE8200A63C70120EFFBFFE4", "mvpn:source-join::65000:99999:65000:10.99.199.1:239.251.255.228", r#"{ "code": 7, "parsed": true, "raw": "RAW", "name": "C-Multicast Source Tree Join route", "rd": "65000:99999", "source-as": "65000", "source": "10.99.199.1", "group": "239.251.255.228"}"#),
    (MCAST4, "010C0000FDE9000000010A000001", "", r#"{ "code": 1, "parsed": false, "raw": "RAW" }"#),
    (MUP4, "0100010C0000006400000064180A0001", "mup:isd::100:100:10.0.1.0/24", r#"{ "name": "InterworkSegmentDiscoveryRoute", "arch": 1, "code": 1, "prefix_ip_len": 24, "prefix_ip": "10.0.1.0", "rd": "100:100", "raw": "RAW" }"#),
    (MUP4, "0100020C00000064000000640A000001", "mup:dsd::100:100:10.0.0.1", r#"{ "name": "DirectSegmentDiscoveryRoute", "arch": 1, "code": 2, "ip": "10.0.0.1", "rd": "100:100", "raw": "RAW" }"#),
    (MUP4, "01000317000000640000006420C0A800010000303909200A000001", "mup:t1st::100:100:192.168.0.1/32:12345:9:10.0.0.1/32", r#"{ "name": "Type1SessionTransformedRoute", "arch": 1, "code": 3, "prefix_ip_len": 32, "prefix_ip": "192.168.0.1", "teid": "12345", "qfi": "9", "rd": "100:100", "endpoint_ip_len": 32, "endpoint_ip": "10.0.0.1", "source_ip_len": 0, "source_ip": "b''", "raw": "RAW" }"#),
    (MUP4, "0100031C0000006400000064200A0A01010000303909200A0A0201200A0A0301", "mup:t1st::100:100:10.10.1.1/32:12345:9:10.10.2.1/32:10.10.3.1/32", r#"{ "name": "Type1SessionTransformedRoute", "arch": 1, "code": 3, "prefix_ip_len": 32, "prefix_ip": "10.10.1.1", "teid": "12345", "qfi": "9", "rd": "100:100", "endpoint_ip_len": 32, "endpoint_ip": "10.10.2.1", "source_ip_len": 32, "source_ip": "10.10.3.1", "raw": "RAW" }"#),
    (MUP4, "010004110000006400000064400A00000100003039", "mup:t2st::100:100:64:10.0.0.1:12345:", r#"{ "name": "Type2SessionTransformedRoute",  "arch": 1, "code": 4, "endpoint_len": 64, "endpoint_ip": "10.0.0.1", "rd": "100:100", "teid": "12345", "raw": "RAW" }"#),
    (MUP4, "010004100000006400000064370A000001003039", "mup:t2st::100:100:55:10.0.0.1:12345:", r#"{ "name": "Type2SessionTransformedRoute",  "arch": 1, "code": 4, "endpoint_len": 55, "endpoint_ip": "10.0.0.1", "rd": "100:100", "teid": "12345", "raw": "RAW" }"#),
    (MUP4, "0100040D0000006400000064200A000001", "mup:t2st::100:100:32:10.0.0.1:0:", r#"{ "name": "Type2SessionTransformedRoute",  "arch": 1, "code": 4, "endpoint_len": 32, "endpoint_ip": "10.0.0.1", "rd": "100:100", "teid": "0", "raw": "RAW" }"#),
    (MUP4, "010009020102", "mup:unknown:0x0102", r#"{ "arch": 1, "code": 9, "raw": "RAW" }"#),
    (MUP6, "0100010F00000064000000643020010DB8000C", "mup:isd::100:100:2001:db8:c::/48", r#"{ "name": "InterworkSegmentDiscoveryRoute", "arch": 1, "code": 1, "prefix_ip_len": 48, "prefix_ip": "2001:db8:c::", "rd": "100:100", "raw": "RAW" }"#),
    (MUP6, "0100041D0000006400000064A02001000000000000000000000000000100003039", "mup:t2st::100:100:160:2001::1:12345:", r#"{ "name": "Type2SessionTransformedRoute",  "arch": 1, "code": 4, "endpoint_len": 160, "endpoint_ip": "2001::1", "rd": "100:100", "teid": "12345", "raw": "RAW" }"#),
    (EVPN, "01190001C0000201000100AABBCCDDEEFF778899FFFFFFFF000640", "evpn:ethernetad::192.0.2.1:1:00:aa:bb:cc:dd:ee:ff:77:88:99:4294967295: label 100 (1600)", r#"{ "code": 1, "parsed": true, "raw": "RAW", "name": "Ethernet Auto-Discovery", "rd": "192.0.2.1:1", "esi": "00:aa:bb:cc:dd:ee:ff:77:88:99", "ethernet-tag": 4294967295, "label": [ [100, 1600] ] }"#),
    (EVPN, "01190001C0000201000100AABBCCDDEEFF77889900000000800000", "evpn:ethernetad::192.0.2.1:1:00:aa:bb:cc:dd:ee:ff:77:88:99:0: label 524288 (8388608)", r#"{ "code": 1, "parsed": true, "raw": "RAW", "name": "Ethernet Auto-Discovery", "rd": "192.0.2.1:1", "esi": "00:aa:bb:cc:dd:ee:ff:77:88:99", "ethernet-tag": 0, "label": [ [524288, 8388608] ] }"#),
    (EVPN, "0119000300000000000100AABBCCDDEEFF77889900000000AAAAAA", "evpn:ethernetad::0x0003000000000001:00:aa:bb:cc:dd:ee:ff:77:88:99:0: label 699050 (11184810)", r#"{ "code": 1, "parsed": true, "raw": "RAW", "name": "Ethernet Auto-Discovery", "rd": "0x0003000000000001", "esi": "00:aa:bb:cc:dd:ee:ff:77:88:99", "ethernet-tag": 0, "label": [ [699050, 11184810] ] }"#),
    (EVPN, "02240001C00002010001000000000000000000000000006430AABBCCDDEEFF00000641000C81", "evpn:macadv::192.0.2.1:1:-:100:AA:BB:CC:DD:EE:FF/48:: label 100 (1601)", r#"{ "code": 2, "parsed": true, "raw": "RAW", "name": "MAC/IP advertisement", "rd": "192.0.2.1:1", "esi": "-", "ethernet-tag": 100, "mac": "AA:BB:CC:DD:EE:FF", "label": [ [100, 1601] ] }"#),
    (EVPN, "05220001C000020100010000000000000000000000000000180A00000100000000000641", "evpn:prfxadv::192.0.2.1:1:-:0:10.0.0.1/24:0.0.0.0: label 100 (1601)", r#"{ "code": 5, "parsed": true, "raw": "RAW", "name": "IP Prefix Advertisement", "rd": "192.0.2.1:1", "esi": "-", "ethernet-tag": 0, "label": [ [100, 1601] ], "ip": "10.0.0.1", "iplen": 24, "gateway": "0.0.0.0" }"#),
    (MUP4, "0101010200AA", "mup:unknown:0x00aa", r#"{ "arch": 1, "code": 257, "raw": "RAW" }"#),
];

#[test]
fn shown_as_always() {
    for (numbers, octets, listed, json) in SHOWN {
        let nlri = hex(octets).unwrap();
        let spec = family(*numbers).spec();
        assert_eq!((spec.split)(&mut Reader::new(&nlri, 0)), Ok(&nlri[..]));
        let hop = NextHop::Addr("192.0.2.1".parse().unwrap());
        let shown =
            Shown { nlri: &nlri, path_id: None, next_hop: Some(&hop), hop: " next-hop 192.0.2.1", withdrawn: false };
        let named = format!("afi {}", family(*numbers).join(" safi "));
        let mut words = String::new();
        words_of(family(*numbers), None, &nlri, &mut words);
        let listed = if listed.is_empty() { &words } else { *listed };
        for (dialect, hop) in [(Dialect::V4, ""), (Dialect::V5, ""), (Dialect::V6, " next-hop 192.0.2.1")] {
            let (mut list, mut text, mut object) = (String::new(), String::new(), String::new());
            (spec.listed)(&shown, &mut list, dialect);
            (spec.text)(&shown, &mut text, dialect);
            (spec.json)(&shown, &mut object, dialect, false);
            assert_eq!((list, text), (format!("{listed}{hop}"), format!("{named}{hop}")));
            assert_eq!(object, json.replace("RAW", octets));
        }
        let mut object = String::new();
        (spec.json)(&Shown { path_id: Some(7), ..shown }, &mut object, Dialect::V6, false);
        assert!(object.contains(", \"path-information\": \"0.0.0.7\""), "{object}");
    }
}

#[test]
fn as_programs_have_written_them() {
    for (numbers, line, octets) in [
        (
            MCAST4,
            "shared-join rp 10.99.199.1 group 239.251.255.228 rd 65000:99999 source-as 65000",
            "06160000FDE80001869F0000FDE8200A63C70120EFFBFFE4",
        ),
        (
            MUP4,
            "mup-t1st 192.168.0.1/32 teid 12345/32 rd 100:100 endpoint 10.0.0.1 qfi 9",
            "01000317000000640000006420C0A800010000303909200A000001",
        ),
        (EVPN, "multicast ip 192.0.2.1 rd 192.0.2.1:1", "03110001C000020100010000000020C0000201"),
        (
            EVPN,
            "ethernet-ad esi lacp:00:11:22:33:44:55:258 rd 192.0.2.1:1 ethernet-tag 5 label 100",
            "01190001C000020100010100112233445501020000000005000641",
        ),
    ] {
        let made = read(numbers, &format!("{line} next-hop 192.0.2.1"), Purpose::Announce);
        assert_eq!(made.as_deref(), Ok(octets), "{line}");
    }
}

#[test]
fn a_withdrawal_needs_only_the_key() {
    for (numbers, short, long) in [
        (
            EVPN,
            "mac-ip rd 65000:1 mac 00:11:22:33:44:55 ip 10.0.0.1",
            "mac-ip rd 65000:1 esi as:65000:7 mac 00:11:22:33:44:55 ip 10.0.0.1 label [ 5 6 ]",
        ),
        (EVPN, "ethernet-ad rd 65000:1 esi as:65000:7", "ethernet-ad rd 65000:1 esi as:65000:7 vni 7"),
        (
            EVPN,
            "ip-prefix rd 65000:1 prefix 10.0.0.0/8",
            "ip-prefix rd 65000:1 prefix 10.0.0.0/8 gateway 10.0.0.1 esi as:1:1 label 5",
        ),
        (
            EVPN,
            "leave-synch rd 1:1 esi - group 239.0.0.1 originator 10.0.0.1",
            "leave-synch rd 1:1 esi - group 239.0.0.1 originator 10.0.0.1 max-response-time 5 flags 2",
        ),
        (MUP4, "mup-t1st 10.0.0.1/32 rd 1:1", "mup-t1st 10.0.0.1/32 rd 1:1 teid 5 qfi 9 endpoint 10.0.0.2"),
        (
            MUP6,
            "mup-t1st 2001:db8::/64 rd 1:1",
            "mup-t1st 2001:db8::/64 rd 1:1 teid 5 qfi 9 endpoint 10.0.0.2 source 10.0.0.3",
        ),
    ] {
        let gone = read(numbers, short, Purpose::Withdraw).unwrap();
        let there = read(numbers, &format!("{long} next-hop 192.0.2.1"), Purpose::Announce).unwrap();
        let identity = family(numbers).spec().identity;
        assert_eq!(identity(&hex(&gone).unwrap()), identity(&hex(&there).unwrap()), "{short}");
        assert!(
            read(numbers, &format!("{short} next-hop 192.0.2.1"), Purpose::Announce).is_err()
                || short.starts_with("leave")
        );
    }
    let differ = [
        (EVPN, "mac-ip rd 1:1 mac 00:11:22:33:44:55", "mac-ip rd 1:1 mac 00:11:22:33:44:55 ip 10.0.0.1"),
        (EVPN, "mac-ip rd 1:1 mac 00:11:22:33:44:55", "mac-ip rd 1:2 mac 00:11:22:33:44:55"),
        (EVPN, "mac-ip rd 1:1 mac 00:11:22:33:44:55", "mac-ip rd 1:1 mac 00:11:22:33:44:55 ethernet-tag 1"),
        (EVPN, "ip-prefix rd 1:1 prefix 10.0.0.0/8", "ip-prefix rd 1:1 prefix 10.0.0.0/9"),
        (EVPN, "ethernet-ad rd 1:1 esi as:1:1", "ethernet-ad rd 1:1 esi as:1:2"),
        (
            EVPN,
            "s-pmsi rd 1:1 group 239.0.0.1 originator 10.0.0.1",
            "s-pmsi rd 1:1 source 239.0.0.1 originator 10.0.0.1",
        ),
        (MUP4, "mup-t2st 10.0.0.1 rd 1:1 teid 5/32", "mup-t2st 10.0.0.1 rd 1:1 teid 5/31"),
        (
            MCAST4,
            "source-ad rd 1:1 source 10.0.0.1 group 239.0.0.1",
            "source-ad rd 1:1 source 10.0.0.2 group 239.0.0.1",
        ),
    ];
    for (numbers, one, other) in differ {
        let [one, other] = [one, other].map(|line| hex(&read(numbers, line, Purpose::Withdraw).unwrap()).unwrap());
        let identity = family(numbers).spec().identity;
        assert_ne!(identity(&one), identity(&other));
    }
}

#[test]
fn words_that_are_refused() {
    for (numbers, line, help) in [
        (EVPN, "mac-up rd 1:1", "mac-ip"),
        (EVPN, "", "type"),
        (EVPN, "mac-ip rd 1:1 label 5", "`mac` is missing"),
        (EVPN, "mac-ip rd 1:1 mac 00:11:22:33:44:55", "`label` is missing"),
        (EVPN, "mac-ip rd 1:1 mac 00:11:22:33:44 label 5", "no MAC address"),
        (EVPN, "mac-ip rd 1:1 mac 00:11:22:33:44:55 label 5 vni 5", "already"),
        (EVPN, "mac-ip rd 1:1 mac 00:11:22:33:44:55 label [ 1 2 3 ]", "two labels"),
        (EVPN, "mac-ip rd 1:1 mac 00:11:22:33:44:55 vni 16777216", "16777215"),
        (EVPN, "ethernet-ad rd 1:1 esi - label [ 1 2 ]", "one label"),
        (EVPN, "multicast rd 1:1 ip 10.0.0.1 mac 00:11:22:33:44:55", "no field of a multicast route"),
        (EVPN, "ethernet-segment rd 1:1 esi 1 ip 10.0.0.1", "ten octets"),
        (EVPN, "ip-prefix rd 1:1 prefix 10.0.0.0/8 gateway 2001:db8::1 label 5", "same address family"),
        (EVPN, "ip-prefix rd 1:1 prefix 10.0.0.1/8 label 5", "10.0.0.0/8"),
        (EVPN, "leaf route-key 0x0105 originator 10.0.0.1", "second octet"),
        (MCAST4, "source-ad source 2001:db8::1 group 239.0.0.1 rd 1:1", "IPv6 address"),
        (MCAST4, "source-join source 10.0.0.1 group 239.0.0.1 rd 1:1", "`source-as` is missing"),
        (MUP4, "mup-isd 2001:db8::/32 rd 1:1", "IPv6 address"),
        (MUP4, "mup-isd 10.0.0.0/24 rd 1:1 label 5", "no keyword"),
        (MUP4, "mup-t2st 10.0.0.1 rd 1:1 teid 12345", "teid 12345/32"),
        (MUP4, "mup-t2st 10.0.0.1 rd 1:1 teid 12345/0", "hold the number"),
        (MUP4, "mup-t2st 10.0.0.1 rd 1:1 teid 1/33", "0 to 32"),
        (MUP4, "mup-t1st 10.0.0.1/32 rd 1:1 teid 1/31 qfi 9 endpoint 10.0.0.2", "mup-t2st"),
        (MUP4, "mup-t1st 10.0.0.1/32 rd 1:1 teid 1 qfi 64 endpoint 10.0.0.2", "0 to 63"),
        (MUP4, "mup-t1st 10.0.0.1/32 rd 1:1 teid 4294967296 qfi 6 endpoint 10.0.0.2", "2^32"),
    ] {
        let refused = read(numbers, &format!("{line} next-hop 192.0.2.1"), Purpose::Announce).unwrap_err();
        assert!(refused.contains(help), "{line}: {refused}");
    }
}
