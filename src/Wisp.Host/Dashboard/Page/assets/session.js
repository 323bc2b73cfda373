// The token lives in this tab alone: sessionStorage ends with it, and no cookie means that no other page can act in its name.

const Key = "wisp.token";
const Scopes = ["read", "deploy", "admin"];

export const session = {
    token: sessionStorage.getItem(Key),

    /** What the server said about the token: { name, scope }. */
    who: null,

    begin(token, who) {
        this.token = token;
        this.who = who;
        sessionStorage.setItem(Key, token);
    },

    end() {
        this.token = null;
        this.who = null;
        sessionStorage.removeItem(Key);
    },

    may(scope) {
        return !this.who?.scope || Scopes.indexOf(this.who.scope) >= Scopes.indexOf(scope);
    },

    /** Why something cannot be done with this token, or null when it can. */
    reason(scope) {
        return this.may(scope) ? null : `This needs a token with the scope ${scope}. Yours, ${this.who.name}, has ${this.who.scope}.`;
    },
};
