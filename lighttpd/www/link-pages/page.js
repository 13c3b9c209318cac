// What the pages that mails link to have in common.  A page is sections, one of them shown at a
// time, and each text stands there in every language; page.css hides the others.

const languages = ["en", "de"];

document.documentElement.lang =
	navigator.languages.map((tag) => tag.split("-")[0]).find((tag) => languages.includes(tag)) ?? "en";

// The link's.  It leaves the address bar, and with it the history, before anything else is done.
export const token = new URLSearchParams(location.search).get("token");
history.replaceState(null, "", location.pathname);

export function show(id) {
	for (const section of document.querySelectorAll("section"))
		section.hidden = section.id !== id;
	const heading = document.querySelector(`#${id} h1`);
	document.title = heading.innerText;
	heading.focus();
}

// Of the messages in a group, shows that one alone; none, when it is not among them.
export function tell(group, message) {
	for (const each of document.querySelectorAll(`${group} > *`))
		each.hidden = !each.classList.contains(message);
}

// A field's fault, by its code; "" takes it away.
export function mark(field, fault) {
	tell(`#${field.id}-fault`, fault);
	field.ariaInvalid = fault !== "";
	if (fault)
		field.focus();
}

// The problem (RFC 9457) that came of it, or null.
async function post(path, members) {
	try {
		const answer = await fetch(path, {
			method: "POST",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify(members),
			credentials: "omit",
			redirect: "error",
			signal: AbortSignal.timeout(30000),
		});
		return answer.ok ? null : await answer.json();
	} catch {
		return { code: "unreachable" };
	}
}

// From now on the section's form sends there what read() gives, if anything.  settle(problem) shows
// what came of it, or returns false.
export function serve(section, path, read, settle) {
	const form = document.querySelector(`#${section} form`);
	const notes = `#${section} .notes`;
	let busy = false;

	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		const members = busy ? null : read();
		if (!members)
			return;
		busy = form.ariaBusy = true;
		tell(notes, "");
		const problem = await post(path, members);
		busy = form.ariaBusy = false;
		if (!settle(problem))
			tell(notes, problem.code === "unreachable" ? "unreachable" : "trouble");
	});
}

// The part of settle() that every link has: it did what it is for, or is good no more.
export function settle_link(problem) {
	const faulty_token = problem?.errors?.some((e) => e.pointer === "/token");

	if (!problem)
		show("done");
	else if (problem.code === "invalid_or_expired_token" || faulty_token)
		show("expired");
	else
		return false;
	return true;
}
