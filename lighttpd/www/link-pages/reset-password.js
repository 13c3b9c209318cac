// Sets a new password by a link; without one, sends such a link.  What makes a good password is
// auth's to say.
import { mark, serve, settle_link, show, token } from "./page.js";

const password = document.querySelector("#password");
const visible = document.querySelector("#visible");
const email = document.querySelector("#email");
const faults = ["too_short", "too_long", "password_too_common"];

visible.addEventListener("change", () => {
	password.type = visible.checked ? "text" : "password";
});
for (const field of [password, email])
	field.addEventListener("input", () => mark(field, ""));

serve("ask", "auth/password/reset", () => ({ token, new_password: password.value }), (problem) => {
	if (settle_link(problem))
		return true;
	const code = problem.errors?.find((e) => e.pointer === "/new_password")?.code;
	if (!code)
		return false;
	mark(password, faults.includes(code) ? code : "not_allowed");
	return true;
});

function address() {
	const members = { email: email.value.trim() };
	if (/.@./.test(members.email))
		return members;
	mark(email, "no_address");
	return null;
}

serve("forgot", "auth/password/forgot", address, (problem) => {
	if (!problem)
		show("sent");
	return !problem;
});

document.querySelector("#again").addEventListener("click", () => show("forgot"));
show(token ? "ask" : "forgot");
