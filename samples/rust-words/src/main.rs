//! Counts the words of the text that is posted: the most frequent first, as JSON.
use std::collections::BTreeMap;
use std::env;
use std::io::{self, Read};

const SHOWN: usize = 5;

fn main() {
    let mut text = String::new();
    if io::stdin().read_to_string(&mut text).is_err() {
        print!("Status: 400 Bad Request\r\nContent-Type: text/plain\r\n\r\nthe body is no UTF-8\n");
        return;
    }

    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        *counts.entry(word.to_lowercase()).or_default() += 1;
    }

    let mut words: Vec<(String, usize)> = counts.into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let total: usize = words.iter().map(|(_, count)| count).sum();
    let top: Vec<String> = words.iter().take(SHOWN).map(|(word, count)| format!("\"{word}\":{count}")).collect();
    let language = env::var("HTTP_ACCEPT_LANGUAGE").unwrap_or_else(|_| "any".into());
    eprintln!("counted {total} words for a client that reads {language}");
    println!("Content-Type: application/json\r\n\r\n{{\"total\":{total},\"top\":{{{}}}}}", top.join(","));
}
