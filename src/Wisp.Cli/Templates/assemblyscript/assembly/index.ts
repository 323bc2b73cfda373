// Answers a request: it comes as environment variables and standard input (CGI, RFC 3875), the answer is standard output.
const path = process.env.has("PATH_INFO") ? process.env.get("PATH_INFO") : "nothing";
process.stdout.write("Content-Type: text/plain; charset=utf-8\r\n\r\n");
process.stdout.write("Hello from @NAME@! You asked for " + path + ".\n");
