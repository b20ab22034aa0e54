//! Folders of a set of source files, compared as text: nothing is looked up on a disk, so no link
//! can lead out of the set.

/// A folder in one form: no `.`, no empty parts, `..` only in front. The top folder is empty.
pub(super) fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

/// Folder and file name of a relative path.
pub(super) fn split_file(path: &str) -> (String, &str) {
    match path.rsplit_once(['/', '\\']) {
        Some((folder, file)) => (normal(folder), file),
        None => (String::new(), path),
    }
}

/// The folder that a module call means, if its source is a local path.
pub(super) fn local_folder(caller: &str, source: &str) -> Option<String> {
    let local = source == "." || source == ".." || source.starts_with("./");
    (local || source.starts_with("../")).then(|| normal(&format!("{caller}/{source}")))
}

/// How deep a folder lies.
pub(super) fn depth(folder: &str) -> usize {
    folder.split('/').filter(|part| !part.is_empty()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_sources_are_relative_to_the_caller() {
        let from = |caller, source| local_folder(caller, source);
        assert_eq!(from("", "./modules/x").as_deref(), Some("modules/x"));
        assert_eq!(
            from("envs/prod", "../../modules/x/").as_deref(),
            Some("modules/x")
        );
        assert_eq!(from("", "../shared").as_deref(), Some("../shared"));
        assert_eq!(from("../shared", "./a").as_deref(), Some("../shared/a"));
        assert_eq!(from("", "terraform-aws-modules/vpc/aws"), None);
        assert_eq!(from("", "/etc/modules"), None);
        assert_eq!(from("", "git::https://example.com/x.git"), None);
    }

    #[test]
    fn paths_have_one_form() {
        assert_eq!(normal("./a//b/../c/."), "a/c");
        assert_eq!(normal("../../a/.."), "../..");
        assert_eq!(split_file("a/b/main.tf"), ("a/b".to_owned(), "main.tf"));
        assert_eq!(split_file("./main.tf"), (String::new(), "main.tf"));
    }
}
