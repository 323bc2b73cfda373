// Asks before something is changed. The dialog says what will happen, stays open with the reason when the server refuses, and gives
// the focus back to where it was.

import { h, setText } from "./dom.js";

/** content: nodes that say what will happen; act: does it, and throws with a message when it did not happen. */
export function confirm({ title, content, action, act }) {
    const opener = document.activeElement;
    const error = h("p", { class: "error", role: "alert" });
    const cancel = h("button", { type: "button", on: { click: () => dialog.close() } }, "Cancel");
    const go = h("button", { type: "button", class: "primary", id: "confirm", on: { click: run } }, action);
    const dialog = h("dialog", { "aria-labelledby": "dialog-title", on: { close } },
        h("h2", { id: "dialog-title" }, title),
        h("div", { class: "dialog-body" }, content),
        error,
        h("div", { class: "dialog-actions" }, cancel, go));
    let isRunning = false;
    dialog.addEventListener("cancel", event => {
        // What was sent is on its way: closing would only hide how it went.
        if (isRunning) {
            event.preventDefault();
        }
    });
    document.body.append(dialog);
    dialog.showModal();
    cancel.focus();
    return { go, forget: () => setText(error, "") };

    async function run() {
        if (isRunning) {
            return;
        }

        isRunning = true;
        go.disabled = cancel.disabled = true;
        setText(error, "");
        try {
            await act();
            dialog.close();
        } catch (failure) {
            setText(error, failure.message);
            setText(go, "Try again");
        } finally {
            isRunning = false;
            go.disabled = cancel.disabled = false;
        }

        if (dialog.open) {
            go.focus();
        }
    }

    function close() {
        dialog.remove();
        opener?.focus?.();
    }
}
