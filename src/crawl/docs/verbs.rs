//! Verbs that say what an operation does.

/// Tells whether a sentence begins with a verb that an operation does: `Returns …`, `Create …`.
pub fn acts(sentence: &str) -> bool {
    const DONE: &str = " accept activate add adjust allocate analyze append apply approve archive assign associate attach \
        authorize batch begin block book build bulk calculate cancel change check claim clear clone close compare complete \
        compute configure confirm connect convert copy count create deactivate decline define delete deploy deregister \
        describe detach detect disable disassociate disconnect dismiss download duplicate edit enable encode end enqueue \
        estimate evaluate execute export extend extract fetch filter find finish flag follow force fork generate get give \
        grant identify import increase infer initiate insert install invite invoke issue join leave link list load lock log \
        lookup make mark merge modify monitor move mute notify open order parse patch pause perform permanently place play \
        post predict preview process produce promote provide provision publish purchase purge put query queue read rebuild \
        receive record redeem refresh refund register reject release reload remove rename renew replace reply report request \
        reschedule reset resize resolve restart restore resume retrieve retry return reverse revert revoke rotate run \
        save scan schedule search select send set share show sign simulate skip sort split start stop store submit \
        subscribe suspend swap switch sync synchronize tag terminate test track train transfer transform translate trigger \
        unassign unblock unmap map unfollow uninstall unlink unlock unmark unpublish unregister unsubscribe untag update upgrade upload \
        upsert validate verify view void watch withdraw write ";
    let word: String =
        sentence.chars().take_while(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    let known = |word: &str| !word.is_empty() && word.len() < 24 && DONE.contains(&format!(" {word} "));
    let stem = word.strip_suffix('s').unwrap_or(&word);
    known(&word)
        || known(stem)
        || stem.strip_suffix('e').is_some_and(known)
        || stem.strip_suffix("ie").is_some_and(|s| known(&format!("{s}y")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_known_in_the_forms_that_summaries_have() {
        assert!(["Returns x", "list x", "Copies x", "Searches x", "Deletes x"].into_iter().all(acts));
        assert!(!["The x", "", "Pets", "If you list"].into_iter().any(acts));
    }
}
