// The answer of samples/hello from a worker.
export default {
  fetch(request) {
    const path = new URL(request.url).pathname;
    return new Response(`Hello from WebAssembly!\nYou asked for ${path} with ${request.method}.\n`, {
      headers: { "Content-Type": "text/plain; charset=utf-8" },
    });
  },
};
