// Asks for the token, once for this tab.

import { ApiError, tryToken } from "../api.js";
import { h, setText } from "../dom.js";

export function signIn(reason, begin) {
    const input = h("input", {
        id: "token", type: "password", autocomplete: "off", spellcheck: "false", autocapitalize: "off", required: true,
        "aria-describedby": "token-help sign-in-error",
    });
    const error = h("p", { class: "error", id: "sign-in-error", role: "alert" }, reason ?? "");
    const button = h("button", { type: "submit", class: "primary" }, "Sign in");
    const form = h("form", { class: "card sign-in", on: { submit } },
        h("img", { src: "/assets/icon.svg", alt: "", width: 40, height: 40 }),
        h("h1", null, "Wisp"),
        h("label", { for: "token" }, "Access token"),
        input,
        error,
        button,
        h("p", { class: "help", id: "token-help" },
            "The server wrote its first token into ", h("code", null, "admin.token"), " in its data folder. The page keeps the token in this tab, ",
            "and forgets it when you close it."));

    return { element: form, shown: () => input.focus() };

    async function submit(event) {
        event.preventDefault();
        const token = input.value.trim();
        if (token === "") {
            setText(error, "Paste a token first.");
            input.focus();
            return;
        }

        // A header takes visible ASCII alone; anything else is no token, and fetch would throw.
        if (!/^[\x21-\x7e]+$/.test(token)) {
            setText(error, "That does not look like a token: it has spaces or unusual characters in it.");
            input.focus();
            return;
        }

        button.disabled = true;
        setText(error, "");
        try {
            begin(token, await tryToken(token));
        } catch (failure) {
            setText(error, failure instanceof ApiError && failure.status === 401 ? "The server does not accept this token." : failure.message);
            button.disabled = false;
            input.focus();
            input.select();
        }
    }
}
