//! stub
pub struct Choices;
pub enum Choice {
    One(char),
    Ambiguous(Vec<char>),
    None,
}
pub struct Opt;
pub fn parse_options(_q: &str) -> Vec<Opt> {
    vec![]
}
pub fn find_choice(_t: &str, _o: &[Opt]) -> Choice {
    Choice::None
}
