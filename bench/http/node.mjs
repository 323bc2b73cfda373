// The answer of samples/hello from node's own HTTP server.
import { createServer } from "node:http";

createServer((request, response) => {
  const path = new URL(request.url, "http://x").pathname;
  response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" });
  response.end(`Hello from WebAssembly!\nYou asked for ${path} with ${request.method}.\n`);
}).listen(Number(process.argv[2]), "127.0.0.1");
