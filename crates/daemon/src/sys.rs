//! What the standard library has no words for: socket options, process groups, users. The only unsafe code; every
//! function here is safe to call.
#![allow(unsafe_code, reason = "system calls; each block says why it is sound")]

use std::ffi::{CStr, CString};
use std::io;
use std::mem::{MaybeUninit, size_of};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

/// Longest TCP-MD5 key the kernel takes.
pub const MD5_KEY_MAX: usize = 80;

const TCP_MD5SIG: libc::c_int = 14;
const IP_MINTTL: libc::c_int = 21;
const IPV6_MINHOPCOUNT: libc::c_int = 73;

/// `struct tcp_md5sig` of Linux: the peer's address, the key, nothing else that matters without prefixes.
#[repr(C)]
struct TcpMd5Sig {
    address: libc::sockaddr_storage,
    flags: u8,
    prefix_length: u8,
    key_length: u16,
    interface: i32,
    key: [u8; MD5_KEY_MAX],
}

/// Sets the TCP-MD5 key (RFC 2385) for one peer on a socket, connected or listening; an empty key removes it.
pub fn set_md5(socket: BorrowedFd<'_>, peer: IpAddr, key: &[u8]) -> io::Result<()> {
    if key.len() > MD5_KEY_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a TCP-MD5 key has at most 80 octets"));
    }
    // SAFETY: all fields are integers or arrays of them, for which zero is a value.
    let mut option: TcpMd5Sig = unsafe { MaybeUninit::zeroed().assume_init() };
    let address = socket2::SockAddr::from(SocketAddr::new(peer, 0));
    let length = usize::try_from(address.len()).unwrap_or(0).min(size_of::<libc::sockaddr_storage>());
    // SAFETY: both are at least `length` octets long and do not overlap.
    unsafe {
        std::ptr::copy_nonoverlapping(
            address.as_ptr().cast::<u8>(),
            std::ptr::from_mut(&mut option.address).cast::<u8>(),
            length,
        );
    }
    option.key_length = u16::try_from(key.len()).unwrap_or(0);
    for (to, from) in option.key.iter_mut().zip(key) {
        *to = *from;
    }
    set(socket, libc::IPPROTO_TCP, TCP_MD5SIG, &option)
}

/// Refuses packets whose TTL or hop limit is lower (RFC 5082).
pub fn set_min_ttl(socket: BorrowedFd<'_>, ipv4: bool, ttl: u8) -> io::Result<()> {
    let value = libc::c_int::from(ttl);
    match ipv4 {
        true => set(socket, libc::IPPROTO_IP, IP_MINTTL, &value),
        false => set(socket, libc::IPPROTO_IPV6, IPV6_MINHOPCOUNT, &value),
    }
}

fn set<T>(socket: BorrowedFd<'_>, level: libc::c_int, name: libc::c_int, value: &T) -> io::Result<()> {
    let length = libc::socklen_t::try_from(size_of::<T>()).unwrap_or(0);
    // SAFETY: the pointer and the length describe `value`, which outlives the call.
    let result = unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, std::ptr::from_ref(value).cast(), length) };
    check(result)
}

/// Asks for a larger pipe; false if the system does not give it.
pub fn set_pipe_size(pipe: BorrowedFd<'_>, octets: i32) -> bool {
    // SAFETY: no memory is passed.
    unsafe { libc::fcntl(pipe.as_raw_fd(), libc::F_SETPIPE_SZ, octets) >= 0 }
}

/// The number of an interface; 0 if there is none of that name.
pub fn interface_index(name: &str) -> u32 {
    let Ok(name) = CString::new(name) else { return 0 };
    // SAFETY: a string that ends in NUL.
    unsafe { libc::if_nametoindex(name.as_ptr()) }
}

/// Gives tables of a megabyte and more memory of their own, which grows without being copied and goes back to the
/// system when it is freed. Left to itself, the GNU C library does so only until the first such table is freed.
pub fn map_tables() {
    // SAFETY: numbers only; nothing runs beside us yet.
    #[cfg(target_env = "gnu")]
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 20);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 2 << 20);
    }
}

/// Has this thread, and those it starts, wait with the signals a daemon listens to, or not any longer: one of each kind is
/// delivered then.
pub fn hold_signals(hold: bool) {
    let how = if hold { libc::SIG_BLOCK } else { libc::SIG_UNBLOCK };
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the set is initialised first, and is ours.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGUSR1, libc::SIGUSR2, libc::SIGALRM] {
            libc::sigaddset(set.as_mut_ptr(), signal);
        }
        libc::pthread_sigmask(how, set.as_ptr(), std::ptr::null_mut());
    }
}

/// Between fork and exec: the helper dies with the daemon, and inherits no descriptor beyond the first three.
/// Calls only what is allowed there.
pub fn prepare_child() -> io::Result<()> {
    // SAFETY: system calls without memory; all are async-signal-safe.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        // The range is only marked: the pipe that reports a failing exec has to live until then.
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC);
        let mut none = MaybeUninit::<libc::sigset_t>::uninit();
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), std::ptr::null_mut());
    }
    Ok(())
}

/// Has `prepare_child` called in the children of a command.
pub fn prepare(command: &mut tokio::process::Command) {
    // SAFETY: the function makes system calls and nothing else.
    unsafe { command.pre_exec(prepare_child) };
}

/// Sends a signal to a process group; false if it has no member left.
pub fn signal_group(group: u32, signal: i32) -> bool {
    match libc::pid_t::try_from(group) {
        // Never to our own group, which 0 stands for, or to everybody, which 1 would become.
        // SAFETY: no memory is passed.
        Ok(group) if group > 1 => unsafe { libc::kill(-group, signal) == 0 },
        _ => false,
    }
}

/// Asks one process to end. False if there is none.
pub fn terminate(pid: u32) -> bool {
    let Ok(pid) = libc::pid_t::try_from(pid) else { return false };
    // SAFETY: no memory is passed.
    pid > 0 && unsafe { libc::kill(pid, libc::SIGTERM) == 0 }
}

/// True if a process of that number runs.
pub fn is_running(pid: u32) -> bool {
    let Ok(pid) = libc::pid_t::try_from(pid) else { return false };
    // SAFETY: no memory is passed; signal 0 only asks.
    pid > 0 && (unsafe { libc::kill(pid, 0) } == 0 || io::Error::last_os_error().raw_os_error() == Some(libc::EPERM))
}

/// Parent process.
pub fn parent_id() -> u32 {
    std::os::unix::process::parent_id()
}

/// Name of this machine.
pub fn host_name() -> String {
    let mut buffer = [0u8; 256];
    // SAFETY: the pointer and the length describe the buffer, less the octet that ends it.
    let result = unsafe { libc::gethostname(buffer.as_mut_ptr().cast(), buffer.len() - 1) };
    match CStr::from_bytes_until_nul(&buffer) {
        Ok(name) if result == 0 => name.to_string_lossy().into_owned(),
        _ => "localhost".into(),
    }
}

/// Sets the mask of permissions new files do not get.
pub fn set_umask(mask: u32) {
    // SAFETY: no memory is passed.
    unsafe { libc::umask(mask & 0o777) };
}

/// Effective user and group.
pub fn user() -> (u32, u32) {
    // SAFETY: no memory is passed.
    unsafe { (libc::geteuid(), libc::getegid()) }
}

/// User and primary group of an account.
pub fn find_user(name: &str) -> Option<(u32, u32)> {
    let name = CString::new(name).ok()?;
    let mut buffer = vec![0u8; 16 * 1024];
    let mut entry = MaybeUninit::<libc::passwd>::uninit();
    let mut found = std::ptr::null_mut();
    // SAFETY: name ends in NUL, the buffer is as long as said, the results are written before they are read.
    unsafe {
        let result = libc::getpwnam_r(
            name.as_ptr(),
            entry.as_mut_ptr(),
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            &raw mut found,
        );
        if result != 0 || found.is_null() {
            return None;
        }
        let entry = entry.assume_init();
        Some((entry.pw_uid, entry.pw_gid))
    }
}

/// Becomes this user and group for good, without supplementary groups, and makes sure there is no way back.
pub fn become_user(uid: u32, gid: u32) -> io::Result<()> {
    // SAFETY: no memory is passed but an empty list.
    unsafe {
        check(libc::setgroups(0, std::ptr::null()))?;
        check(libc::setresgid(gid, gid, gid))?;
        check(libc::setresuid(uid, uid, uid))?;
        if uid != 0 && libc::setuid(0) == 0 {
            return Err(io::Error::other("privileges came back after they were dropped"));
        }
    }
    match user() == (uid, gid) {
        true => Ok(()),
        false => Err(io::Error::other("the system reports another user than asked for")),
    }
}

/// Goes to the background: a child of nobody, in a session of its own, its first three descriptors on `/dev/null`.
/// To be called while there is one thread. Returns in the child only.
pub fn daemonize() -> io::Result<()> {
    // SAFETY: one thread; nothing is shared with the parents, which leave at once.
    unsafe {
        check(libc::daemon(1, 0))?;
        // A second child does not lead the session and can never get a terminal.
        match libc::fork() {
            -1 => Err(io::Error::last_os_error()),
            0 => Ok(()),
            _ => libc::_exit(0),
        }
    }
}

/// Processor time this process has used, all its threads together: in user space, and in the kernel for it.
pub fn cpu_time() -> (Duration, Duration) {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: all fields are integers, for which zero is a value; the kernel writes one struct.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    let time = |at: libc::timeval| {
        let (seconds, micros) = (u64::try_from(at.tv_sec).unwrap_or(0), u64::try_from(at.tv_usec).unwrap_or(0));
        Duration::from_secs(seconds) + Duration::from_micros(micros)
    };
    (time(usage.ru_utime), time(usage.ru_stime))
}

/// Hours, minutes and seconds of the local day.
pub fn local_time(unix_seconds: u64) -> (i32, i32, i32) {
    let Ok(seconds) = libc::time_t::try_from(unix_seconds) else { return (0, 0, 0) };
    let mut parts = MaybeUninit::<libc::tm>::uninit();
    // SAFETY: the result is only read if the function says it was written.
    unsafe {
        match libc::localtime_r(&raw const seconds, parts.as_mut_ptr()).is_null() {
            true => (0, 0, 0),
            false => {
                let parts = parts.assume_init();
                (parts.tm_hour, parts.tm_min, parts.tm_sec)
            }
        }
    }
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::offset_of;
    use std::os::fd::AsFd;

    #[test]
    fn the_kernel_and_we_agree_on_the_key_structure() {
        assert_eq!(size_of::<TcpMd5Sig>(), 216);
        assert_eq!(offset_of!(TcpMd5Sig, flags), 128);
        assert_eq!(offset_of!(TcpMd5Sig, key_length), 130);
        assert_eq!(offset_of!(TcpMd5Sig, key), 136);
    }

    #[test]
    fn keys_are_taken_and_removed_or_the_kernel_says_why_not() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = "127.0.0.2".parse().unwrap();
        match set_md5(listener.as_fd(), peer, b"secret") {
            Ok(()) => set_md5(listener.as_fd(), peer, b"").unwrap(),
            Err(error) => assert!(error.raw_os_error().is_some()),
        }
        assert!(set_md5(listener.as_fd(), peer, &[0; 81]).is_err());
        set_min_ttl(listener.as_fd(), true, 254).unwrap();
    }

    #[test]
    fn processes_and_users() {
        let (user, system) = cpu_time();
        assert!(user + system > Duration::ZERO && user + system < Duration::from_secs(3600));
        assert!(is_running(std::process::id()));
        assert!(!is_running(0) && !signal_group(0, 0) && !signal_group(1, 0));
        assert_eq!(find_user("root"), Some((0, 0)));
        assert_eq!(find_user("no such user"), None);
    }
}
