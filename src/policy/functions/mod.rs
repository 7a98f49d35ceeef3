//! stub
pub(super) fn arity(name: &str) -> Option<usize> {
    if name == "print" {
        return Some(1);
    }
    regorus::unstable::BUILTINS.get(name).map(|(_, n)| usize::from(*n))
}
pub(super) fn is_pure(name: &str) -> bool {
    !matches!(name, "print" | "time.now_ns" | "rand.intn" | "trace")
}
pub(super) fn known() -> impl Iterator<Item = &'static str> {
    regorus::unstable::BUILTINS.keys().copied()
}
pub(super) fn in_opa_only(name: &str) -> bool {
    name.starts_with("http.") || name.starts_with("time.")
}
