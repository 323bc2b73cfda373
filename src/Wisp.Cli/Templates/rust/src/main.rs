//! Answers a request: it comes as environment variables and standard input (CGI, RFC 3875), the answer is standard output.
use std::env;

fn main() {
    let path = env::var("PATH_INFO").unwrap_or_else(|_| "nothing".into());
    print!("Content-Type: text/plain; charset=utf-8\r\n\r\n");
    println!("Hello from @NAME@! You asked for {path}.");
}
