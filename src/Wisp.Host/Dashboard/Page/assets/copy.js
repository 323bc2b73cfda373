// Text that is there to be copied, with the button for it.

import { h, setText } from "./dom.js";
import { say } from "./say.js";

export function copyButton(text, label = "Copy") {
    const button = h("button", { type: "button", class: "copy", "aria-label": `${label}: ${text}`, on: { click: copy } }, label);
    return button;

    function name(word) {
        setText(button, word);
        button.setAttribute("aria-label", `${word}: ${text}`);
    }

    async function copy() {
        try {
            await navigator.clipboard.writeText(text);
            name("Copied");
            say("Copied.");
            setTimeout(() => name(label), 2000);
        } catch {
            // Browsers give the clipboard to https and to this machine alone. The text is selected, so that the keys do it.
            const shown = button.parentElement.querySelector("code, pre");
            if (shown) {
                getSelection().selectAllChildren(shown);
            }

            say("The browser does not let the page copy here. The text is selected: press Ctrl+C.");
        }
    }
}

/** A line of text in a frame with its copy button. */
export function copyLine(text, label) {
    return h("div", { class: "copy-line" }, h("code", null, text), copyButton(text, label));
}

export const command = text => copyLine(text);
