// Requests to the admin API: bearer token, JSON, and errors that say what the server said.

import { session } from "./session.js";

const Root = "/api/v1";

// An answer that takes longer is no answer for somebody who looks at a page. Streams have no limit.
const TimeoutMilliseconds = 30000;

/** The server answered, and refused. */
export class ApiError extends Error {
    constructor(status, code, message, details) {
        super(message);
        this.status = status;
        this.code = code;
        this.details = details;
    }
}

/** There was no answer. */
export class ConnectionError extends Error {}

export const api = {
    get: path => json("GET", path),
    put: (path, body) => json("PUT", path, body),
    post: (path, body) => json("POST", path, body),
    lines,

    /** Called when the server no longer takes the token. */
    onUnauthorized: null,
};

/** A path with its parts escaped: path`/apps/${name}/traffic`. */
export function path(texts, ...values) {
    return texts.reduce((made, text, i) => made + encodeURIComponent(values[i - 1]) + text);
}

async function send(method, where, body, signal, token = session.token) {
    const headers = { Accept: "application/json" };
    if (token) {
        headers.Authorization = `Bearer ${token}`;
    }

    if (body !== undefined) {
        headers["Content-Type"] = "application/json";
    }

    let response;
    try {
        response = await fetch(Root + where, {
            method,
            headers,
            body: body === undefined ? undefined : JSON.stringify(body),
            signal,
            cache: "no-store",
            credentials: "omit",
            redirect: "error",
        });
    } catch (error) {
        if (signal?.aborted && signal.reason?.name !== "TimeoutError") {
            throw error;
        }

        throw new ConnectionError("The server does not answer.");
    }

    if (!response.ok) {
        throw await refusal(response, token);
    }

    return response;
}

async function json(method, where, body) {
    const response = await send(method, where, body, AbortSignal.timeout(TimeoutMilliseconds));
    return read(response);
}

async function read(response) {
    if (response.status === 204) {
        return null;
    }

    try {
        const text = await response.text();
        return text === "" ? null : JSON.parse(text);
    } catch {
        throw new ConnectionError("The server's answer broke off.");
    }
}

async function refusal(response, token) {
    let said = null;
    try {
        said = JSON.parse(await response.text());
    } catch {
        // Not ours, or half an answer; the status says enough.
    }

    const error = said?.error ?? said ?? {};
    const wait = response.headers.get("Retry-After");
    const message = error.message ?? error.detail ?? error.title
        ?? (response.status === 429 ? `Too many attempts. Try again ${wait ? `in ${wait} s` : "later"}.` : `The server answered ${response.status}.`);
    const made = new ApiError(response.status, error.code ?? String(response.status), message, error);
    if (response.status === 401 && token && token === session.token) {
        api.onUnauthorized?.(made);
    }

    return made;
}

/** Asks with a token that is not in use yet. */
export async function tryToken(token) {
    return read(await send("GET", "/status", undefined, AbortSignal.timeout(TimeoutMilliseconds), token));
}

// A line longer than this is not one of ours; without a bound it would fill the tab's memory.
const MaxLineCharacters = 1 << 20;

/** Reads a stream of JSON lines until it ends or the signal says so. */
async function lines(where, signal, onOpen, onLine) {
    const response = await send("GET", where, undefined, signal);
    onOpen();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    try {
        for (;;) {
            const { value, done } = await reader.read();
            if (done) {
                return;
            }

            const parts = (rest + value).split("\n");
            rest = parts.pop();
            if (rest.length > MaxLineCharacters) {
                throw new ConnectionError("The server sent a line without an end.");
            }

            for (const line of parts) {
                if (line.trim() !== "") {
                    onLine(JSON.parse(line));
                }
            }
        }
    } catch (error) {
        if (signal.aborted || error instanceof ConnectionError) {
            throw error;
        }

        throw new ConnectionError("The stream of lines broke off.");
    }
}
