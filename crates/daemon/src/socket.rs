//! TCP sockets with their options, in safe words: what a neighbour's `Transport` means to the kernel.

use crate::sys;
use herald_speaker::Listener;
use herald_speaker::config::Transport;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::os::fd::AsFd;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// A connection that was not answered by then never will be.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
const BACKLOG: i32 = 1024;
/// Time for the last octets of a connection.
const LINGER: Duration = Duration::from_millis(500);

/// Opens a connection. Error: why not, in words for the log.
pub async fn connect(local: Option<IpAddr>, to: SocketAddr, transport: &Transport) -> Result<TcpStream, String> {
    let socket = prepare(local, to, transport)?;
    let to = with_scope(to, transport);
    match tokio::time::timeout(CONNECT_TIMEOUT, socket.connect(to)).await {
        Ok(Ok(stream)) => {
            let _ = stream.set_nodelay(true);
            Ok(stream)
        }
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", CONNECT_TIMEOUT.as_secs())),
    }
}

fn prepare(local: Option<IpAddr>, to: SocketAddr, transport: &Transport) -> Result<TcpSocket, String> {
    let socket = if to.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
    let socket = socket.map_err(|error| error.to_string())?;
    let _ = socket.set_reuseaddr(true);
    let reference = SockRef::from(&socket);
    if let Some(interface) = &transport.source_interface {
        let bound = reference.bind_device(Some(interface.as_bytes()));
        bound.map_err(|error| format!("cannot send through interface {interface}: {error}"))?;
    }
    set_key(socket.as_fd(), to.ip(), transport)?;
    set_ttl(&reference, socket.as_fd(), to.is_ipv4(), transport)?;
    if let Some(local) = transport.md5_ip.or(local) {
        let bound = socket.bind(with_scope(SocketAddr::new(local, 0), transport));
        bound.map_err(|error| format!("cannot use local address {local}: {error}"))?;
    }
    Ok(socket)
}

/// A link-local address is nothing without its interface.
fn with_scope(address: SocketAddr, transport: &Transport) -> SocketAddr {
    match (address, &transport.source_interface) {
        (SocketAddr::V6(v6), Some(interface)) if v6.ip().is_unicast_link_local() => {
            SocketAddrV6::new(*v6.ip(), v6.port(), 0, sys::interface_index(interface)).into()
        }
        _ => address,
    }
}

/// Sets on an accepted connection what its neighbour asks for; keys are inherited from the listener.
pub fn adopt(stream: &TcpStream, transport: &Transport) -> Result<(), String> {
    let _ = stream.set_nodelay(true);
    let ipv4 = stream.peer_addr().is_ok_and(|address| address.is_ipv4());
    set_ttl(&SockRef::from(stream), stream.as_fd(), ipv4, transport)
}

fn set_key(socket: std::os::fd::BorrowedFd<'_>, peer: IpAddr, transport: &Transport) -> Result<(), String> {
    match &transport.md5 {
        Some(key) => sys::set_md5(socket, peer, &key.0).map_err(|error| {
            format!(
                "no TCP-MD5 key can be set for {peer} ({error}): the kernel needs CONFIG_TCP_MD5SIG; \
                 without it, remove md5-password and protect the session otherwise"
            )
        }),
        None => Ok(()),
    }
}

fn set_ttl(
    reference: &SockRef<'_>,
    socket: std::os::fd::BorrowedFd<'_>,
    ipv4: bool,
    transport: &Transport,
) -> Result<(), String> {
    if let Some(ttl) = sends(transport) {
        send_ttl(reference, ipv4, ttl).map_err(|error| format!("cannot send with a TTL of {ttl}: {error}"))?;
    }
    if let Some(ttl) = transport.incoming_ttl {
        sys::set_min_ttl(socket, ipv4, ttl).map_err(|error| {
            format!("the kernel cannot refuse packets with a TTL below {ttl} ({error}): remove incoming-ttl")
        })?;
    }
    Ok(())
}

/// Whoever checks TTLs is himself checked: RFC 5082 asks for 255.
fn sends(transport: &Transport) -> Option<u8> {
    transport.outgoing_ttl.or(transport.incoming_ttl.map(|_| 255))
}

fn send_ttl(socket: &Socket, ipv4: bool, ttl: u8) -> io::Result<()> {
    match ipv4 {
        true => socket.set_ttl_v4(ttl.into()),
        false => socket.set_unicast_hops_v6(ttl.into()),
    }
}

/// Writes the last octets, and gives the peer a moment to read them: to close with input unread would take them back.
pub async fn farewell(stream: &TcpStream, last: &[u8]) {
    let goodbye = async {
        let mut rest = last;
        while !rest.is_empty() {
            stream.writable().await?;
            match stream.try_write(rest) {
                Ok(n) => rest = rest.get(n..).unwrap_or(&[]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        SockRef::from(stream).shutdown(std::net::Shutdown::Write)?;
        let mut ignored = [0; 4096];
        loop {
            stream.readable().await?;
            match stream.try_read(&mut ignored) {
                Ok(0) => return Ok(()),
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
        }
    };
    let _ = tokio::time::timeout(LINGER, goodbye).await;
}

/// Opens a listening socket. Error: one sentence on what and how to fix.
pub fn listen(listener: &Listener) -> Result<TcpListener, String> {
    let local = listener.local;
    let open = || {
        let domain = if local.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 };
        let socket = Socket::new(domain, Type::STREAM.nonblocking(), Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        if local.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.bind(&local.into())?;
        Ok(socket)
    };
    let socket: Socket = open().map_err(|error| cannot_listen(local, &error))?;
    for (peer, transport) in &listener.peers {
        set_key(socket.as_fd(), *peer, transport)?;
    }
    // What answers a call carries the listener's TTL; a greater one than a neighbour asks for does no harm.
    if let Some(ttl) = listener.peers.iter().filter_map(|(_, transport)| sends(transport)).max() {
        send_ttl(&socket, local.is_ipv4(), ttl).map_err(|error| format!("cannot send with a TTL of {ttl}: {error}"))?;
    }
    socket.listen(BACKLOG).map_err(|error| cannot_listen(local, &error))?;
    TcpListener::from_std(socket.into()).map_err(|error| cannot_listen(local, &error))
}

/// Gives an open listener other keys and TTLs.
pub fn change(socket: &TcpListener, old: &Listener, new: &Listener) -> Result<(), String> {
    for (peer, transport) in &old.peers {
        if transport.md5.is_some() && !new.peers.iter().any(|(p, t)| p == peer && t.md5.is_some()) {
            let _ = sys::set_md5(socket.as_fd(), *peer, &[]);
        }
    }
    for (peer, transport) in &new.peers {
        set_key(socket.as_fd(), *peer, transport)?;
    }
    if let Some(ttl) = new.peers.iter().filter_map(|(_, transport)| sends(transport)).max() {
        let set = send_ttl(&SockRef::from(socket), new.local.is_ipv4(), ttl);
        set.map_err(|error| format!("cannot send with a TTL of {ttl}: {error}"))?;
    }
    Ok(())
}

fn cannot_listen(local: SocketAddr, error: &io::Error) -> String {
    let (ip, port) = (local.ip(), local.port());
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "cannot listen on {ip} port {port}: another program does; find it with `ss -ltnp sport = :{port}` and stop \
             it, or set exabgp.tcp.port to another port"
        ),
        io::ErrorKind::PermissionDenied => format!(
            "cannot listen on {ip} port {port}: ports below 1024 need permission; start as root, or allow it with \
             `setcap cap_net_bind_service=+ep` on the program or `sysctl net.ipv4.ip_unprivileged_port_start={port}`, \
             or set exabgp.tcp.port to a port from 1024 on"
        ),
        io::ErrorKind::AddrNotAvailable => format!(
            "cannot listen on {ip} port {port}: this machine does not have that address; see `ip address`, and correct \
             exabgp.tcp.bind or local-address"
        ),
        _ => format!("cannot listen on {ip} port {port}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(local: &str) -> Listener {
        Listener { local: local.parse().unwrap(), peers: Vec::new() }
    }

    #[tokio::test]
    async fn a_port_in_use_is_explained() {
        let first = listen(&on("127.0.0.1:0")).unwrap();
        let taken = first.local_addr().unwrap().to_string();
        let message = listen(&on(&taken)).unwrap_err();
        assert!(message.contains("another program") && message.contains("ss -ltnp"), "{message}");
        let message = listen(&on("192.0.2.1:1")).unwrap_err();
        assert!(message.contains("192.0.2.1"), "{message}");
    }

    #[tokio::test]
    async fn options_reach_the_socket() {
        let listener = listen(&on("127.0.0.1:0")).unwrap();
        let transport = Transport { incoming_ttl: Some(1), ..Transport::default() };
        let local = "127.0.0.9".parse().unwrap();
        let stream = connect(Some(local), listener.local_addr().unwrap(), &transport).await.unwrap();
        assert_eq!(stream.local_addr().unwrap().ip(), local);
        assert_eq!(SockRef::from(&stream).ttl_v4().unwrap(), 255);
        let (accepted, _) = listener.accept().await.unwrap();
        adopt(&accepted, &transport).unwrap();
        assert_eq!(SockRef::from(&accepted).ttl_v4().unwrap(), 255);
        let interface = Transport { source_interface: Some("nowhere0".into()), ..Transport::default() };
        let error = connect(None, listener.local_addr().unwrap(), &interface).await.unwrap_err();
        assert!(error.contains("nowhere0"), "{error}");
    }
}
