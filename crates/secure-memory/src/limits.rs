//! How much memory to lock where nobody says.

use crate::pages;

/// The most that is locked unasked, in bytes: room for over ten thousand keys.
pub(crate) const MAX_DEFAULT_BUDGET: usize = 4 << 20;

/// Bit of CAP_IPC_LOCK in the capability sets (linux/capability.h).
const CAP_IPC_LOCK: u32 = 14;

/// Half of what the process may lock, for it may have other secrets; at least a page.
pub(crate) fn default_budget() -> usize {
    match pages::lock_limit() {
        Some(limit) if !ignores_limit() => (limit / 2).clamp(pages::page_len(), MAX_DEFAULT_BUDGET),
        _ => MAX_DEFAULT_BUDGET,
    }
}

/// Whether the process has the privilege to lock any amount, as far as Linux's `/proc` tells; other
/// systems have no such privilege, or don't tell.
fn ignores_limit() -> bool {
    if !cfg!(any(target_os = "linux", target_os = "android")) {
        return false;
    }
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    has_ipc_lock(&status)
}

fn has_ipc_lock(status: &str) -> bool {
    status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|set| u64::from_str_radix(set.trim(), 16).ok())
        .is_some_and(|set| set >> CAP_IPC_LOCK & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_privilege_from_the_effective_set_alone() {
        let status = "Name:\tnode\nCapPrm:\t0000000000004000\nCapEff:\t0000000000004000\n";
        assert!(has_ipc_lock(status));
        assert!(!has_ipc_lock(
            "CapPrm:\t0000000000004000\nCapEff:\t0000000000000000\n"
        ));
        assert!(!has_ipc_lock("CapEff:\tnothing"));
        assert!(!has_ipc_lock(""));
    }

    #[test]
    fn the_default_budget_is_at_least_a_page_and_at_most_4_mib() {
        assert!((pages::page_len()..=MAX_DEFAULT_BUDGET).contains(&default_budget()));
    }
}
